#pragma once
#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/capture/capture_part.h"
#include "proxy/capture_options.h"

namespace visavis::proxy {

/// CaptureBlock is a block of the file, in up to three pieces that need not lie together.
struct CaptureBlock {
  inspect::Bytes head;
  inspect::Bytes payload{};
  inspect::Bytes tail{};

  [[nodiscard]] std::size_t size() const { return head.size() + payload.size() + tail.size(); }
};

/// CaptureFile is the pcapng file that a capture goes to: made anew and readable by its owner only,
/// with its section header and interfaces. With rotation the file of that name is always the
/// newest; the one before it is NAME.1.pcapng, and so on.
class CaptureFile {
 public:
  /// Throws std::runtime_error, one line, when the file can't be made or written.
  explicit CaptureFile(const CaptureOptions& options);
  ~CaptureFile();
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  /// write adds whole blocks, and returns how many of them: fewer when the disk takes no more
  /// (`problem` says why) or the limit is reached. What was begun and not finished is taken back,
  /// so that the file can be read, and writing tried again.
  std::size_t write(std::span<const CaptureBlock> blocks);

  /// problem is why the last `write` stopped; empty: it did not, or for the limit.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] bool limit_reached() const { return limit_reached_; }
  /// has_room says whether the disk takes kMinRoom more (of a small one a twentieth; no more than
  /// the file may grow), by reserving that; where it can't be reserved, whether the disk says so.
  /// True of what is no disk.
  [[nodiscard]] bool has_room();

  /// The interfaces, in this order, are those of inspect::LegKind.
  static constexpr std::uint32_t kInterfaces = 3;
  /// A file of a rotation holds at least its own header and a full packet.
  static constexpr std::uint64_t kMinRotateBytes = 128U * 1024;
  /// A file that grows so large has room reserved on the disk ahead, so much at a time: to find it
  /// page by page costs more than to copy the bytes (ext4). What was not used is given back at the
  /// file's end; after a kill it goes with the file.
  static constexpr std::uint64_t kReserveFrom = 2U * 1024 * 1024;
  static constexpr std::uint64_t kReserveStep = 16U * 1024 * 1024;
  static constexpr std::uint64_t kMinRoom = 8U * 1024 * 1024;

  /// rotated_name returns "case.1.pcapng" for "case.pcapng".
  static std::filesystem::path rotated_name(const std::filesystem::path& file, unsigned number);

 private:
  void make_preamble();
  bool open();
  bool give_up(const std::string& what);
  void rotate();
  void end_file();
  void reserve(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t left_of_limit() const;
  [[nodiscard]] std::uint64_t end_after(std::uint64_t bytes) const;
  bool reserve_upto(std::uint64_t place);
  std::size_t write_some(std::span<const CaptureBlock> blocks);
  std::uint64_t write_pieces(std::span<iovec> left);
  void take_back();
  bool fail(const std::string& what);

  const CaptureOptions& options_;
  inspect::CapturePart part_;  // with rotation
  std::vector<std::uint8_t> preamble_;
  int file_ = -1;
  std::uint64_t size_ = 0;                             // of whole blocks in this file
  bool reserves_ = false;                              // ahead, in this file
  std::uint64_t reserved_ = 0;                         // up to this place in this file
  std::uint64_t written_ = 0;                          // in all files
  std::chrono::steady_clock::time_point probe_again_;  // by has_room: not before
  std::string problem_;
  bool limit_reached_ = false;
};

}  // namespace visavis::proxy

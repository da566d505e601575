#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// ByteStream reads a file, or standard input, once and in order, through one buffer: memory does
/// not grow with the file.
class ByteStream {
 public:
  /// Opens a file for reading; "-" is standard input. Throws std::system_error with the file's
  /// name.
  explicit ByteStream(const std::filesystem::path& file);
  /// Reads bytes that are in memory already; copies them.
  explicit ByteStream(Bytes bytes)
      : buffer_(bytes.begin(), bytes.end()),
        end_(bytes.size()),
        ended_(true),
        size_(bytes.size()) {}
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// peek returns the next `count` bytes, fewer only where the stream ends before; valid until the
  /// next call. Throws std::system_error when reading fails.
  Bytes peek(std::size_t count) {
    return end_ - begin_ >= count ? Bytes(buffer_).subspan(begin_, count) : refill(count);
  }
  /// skip passes over bytes that were peeked.
  void skip(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }
  /// offset counts the bytes passed over since the start.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// size returns the file's size; 0 where it has none (a pipe).
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  Bytes refill(std::size_t count);

  std::string name_;
  int descriptor_ = -1;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
  std::uint64_t offset_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace visavis::inspect

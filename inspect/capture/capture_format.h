#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/capture/capture_part.h"

namespace visavis::inspect {

/// CapturedPacket is one packet as it lies in the file. `bytes` and the texts are valid until
/// the next packet is read.
struct CapturedPacket {
  int link_type = 0;  ///< LINKTYPE_..., https://www.tcpdump.org/linktypes.html
  Bytes bytes;
  std::size_t original_length = 0;    ///< larger than bytes.size() when the snap length cut it
  std::int64_t time_ns = 0;           ///< since 1970 in UTC
  bool timed = true;                  ///< false: the file has no time for it (Simple Packet Block)
  std::uint32_t interface = 0;        ///< index into CaptureReader::interfaces()
  std::uint64_t number = 0;           ///< from 1
  std::string_view comment{};         ///< opt_comment
  std::string_view note{};            ///< a second opt_comment
  std::string_view interface_name{};  ///< if_name
};

/// CaptureInterface is where packets were captured.
struct CaptureInterface {
  int link_type = 0;
  std::uint32_t snap_length = 0;               ///< 0: none
  std::uint64_t units_per_second = 1'000'000;  ///< of time stamps
  std::int64_t offset_s = 0;                   ///< to be added to time stamps
  std::string name;                            ///< if_name
};

/// CaptureProblem is why a file was not read to its end.
struct CaptureProblem {
  std::uint64_t byte = 0;  ///< where in the file
  std::string what;

  friend bool operator==(const CaptureProblem&, const CaptureProblem&) = default;
};

/// CaptureContents is what a file holds beside packets, as far as it was read.
struct CaptureContents {
  std::vector<CaptureInterface> interfaces;  ///< of the current section
  std::optional<CapturePart> part;           ///< of a rotated capture of ours; of the last section
  std::string secrets;                       ///< TLS key log text that nobody took yet
  std::optional<CaptureProblem> problem;     ///< why reading has stopped
  std::optional<std::int64_t> ended_ns;      ///< when capturing ended; of interfaces the first

  /// stop notes the problem, and returns false.
  bool stop(std::uint64_t byte, std::string what) {
    problem = CaptureProblem{byte, std::move(what)};
    return false;
  }
};

/// CaptureFormat reads the packets of one file format.
class CaptureFormat {
 public:
  virtual ~CaptureFormat() = default;
  /// next reads on to the next packet. False: the file has ended, or contents tell the problem.
  virtual bool next(CapturedPacket& packet) = 0;
};

}  // namespace visavis::inspect

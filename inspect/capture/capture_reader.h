#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inspect/capture/byte_stream.h"
#include "inspect/capture/capture_format.h"

namespace visavis::inspect {

/// CaptureReader reads a capture file, packet by packet, in one pass: pcap in all byte orders, with
/// microseconds or nanoseconds and Kuznetzov's packet headers; pcapng in both byte orders with its
/// sections, interfaces, secrets and comments; Microsoft Network Monitor's format 2.
class CaptureReader {
 public:
  /// The stream must outlive the reader.
  explicit CaptureReader(ByteStream& stream);

  /// next reads on to the next packet. False: the file has ended, or there is a problem.
  bool next(CapturedPacket& packet);

  /// problem says why the file was not read to its end; all before that byte was.
  [[nodiscard]] const std::optional<CaptureProblem>& problem() const { return contents_.problem; }
  /// is_capture is false when the file's first bytes are no capture's; the problem says what they
  /// look like.
  [[nodiscard]] bool is_capture() const { return format_ != nullptr; }
  /// interfaces are those of the current section.
  [[nodiscard]] const std::vector<CaptureInterface>& interfaces() const {
    return contents_.interfaces;
  }
  /// part says which file of a rotated capture of ours the current section is.
  [[nodiscard]] const std::optional<CapturePart>& part() const { return contents_.part; }
  /// ended_ns is when capturing ended, where the file says so: nanoseconds since 1970.
  [[nodiscard]] std::optional<std::int64_t> ended_ns() const { return contents_.ended_ns; }
  /// take_secrets returns the text of the TLS key logs (Decryption Secrets Blocks) that lay before
  /// the packet read last and were not taken yet.
  [[nodiscard]] std::string take_secrets() { return std::exchange(contents_.secrets, {}); }

 private:
  CaptureContents contents_;
  std::unique_ptr<CaptureFormat> format_;
  std::uint64_t packets_ = 0;
};

}  // namespace visavis::inspect

#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace visavis::test {

/// StreamPart is what one packet added to one direction of a TCP stream, in order.
struct StreamPart {
  bool from_first = false;  ///< sent by the endpoint that the capture shows first
  std::uint32_t frame = 0;  ///< number of the packet, from 1
  std::vector<std::uint8_t> bytes;
};

/// CapturedStream is one TCP connection of a capture.
struct CapturedStream {
  std::string first;  ///< "ip:port" of who sent the first packet
  std::string second;
  std::vector<StreamPart> parts;
  bool first_lost = false;  ///< bytes of `first` are missing: what lies behind them is left out
  bool second_lost = false;
};

struct CaptureStreams {
  std::vector<CapturedStream> streams;  ///< in the order of their first packets
  std::size_t packets = 0;
  std::string problem;  ///< why the file was not read to its end; empty: it was
};

/// read_streams puts the TCP streams of a capture file together. A stream that the capture does not
/// show from its SYN begins with the lowest sequence number among a direction's first packets.
CaptureStreams read_streams(const std::filesystem::path& file);

}  // namespace visavis::test

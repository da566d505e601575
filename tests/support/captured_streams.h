#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// The TCP streams of capture files, for tests that hold our reading of TLS against somebody
/// else's, whole or in pieces.
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

/// read_streams puts the TCP streams of a capture file together, in the order of their first
/// packets.
std::vector<CapturedStream> read_streams(const std::filesystem::path& file);

}  // namespace visavis::test

#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Packets out of capture files, for tests that hold our reading of TLS against somebody else's.
namespace visavis::test {

/// CapturedPacket is one packet as it lies in the file.
struct CapturedPacket {
  int link_type = 0;  ///< DLT_...
  std::vector<std::uint8_t> bytes;
  std::size_t original_length = 0;  ///< larger than bytes.size() when the snap length cut it
};

struct CapturedPackets {
  std::vector<CapturedPacket> packets;
  std::string problem;  ///< why the file was not read to its end; empty: it was
};

/// read_capture reads a pcap file (through libpcap) or a pcapng file (itself: libpcap refuses
/// interfaces of different link types in one file), as far as it is whole.
CapturedPackets read_capture(const std::filesystem::path& file);

}  // namespace visavis::test

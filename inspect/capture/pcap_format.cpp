#include "inspect/capture/pcap_format.h"

#include <array>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/file_number.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kFileHeaderBytes = 24;

/// What a file's magic number tells of it.
struct Kind {
  std::uint32_t magic;
  std::uint64_t units_per_second;
  std::size_t packet_header_bytes;
};

constexpr std::array kKinds{
    Kind{0xa1b2c3d4, 1'000'000, 16}, Kind{0xa1b23c4d, 1'000'000'000, 16},
    Kind{0xa1b2cd34, 1'000'000, 24},  // Alexey Kuznetzov's patches: interface and protocol behind
};

class Pcap : public CaptureFormat {
 public:
  Pcap(ByteStream& stream, CaptureContents& contents, const Kind& kind, bool big_endian)
      : stream_(stream), contents_(contents), kind_(kind), big_endian_(big_endian) {}

  bool next(CapturedPacket& packet) override {
    if (contents_.problem || (contents_.interfaces.empty() && !read_file_header())) return false;
    const std::uint64_t at = stream_.offset();
    const Bytes header = stream_.peek(kind_.packet_header_bytes);
    if (header.empty()) return false;
    if (header.size() < kind_.packet_header_bytes)
      return contents_.stop(at, "the file ends in a packet's header");
    const std::size_t length = number32(header, 8, big_endian_);
    const std::int64_t seconds = number32(header, 0, big_endian_);
    const std::uint64_t fraction = number32(header, 4, big_endian_);
    packet.original_length = number32(header, 12, big_endian_);
    if (length > limits::kMaxCapturedPacketBytes)
      return contents_.stop(at, "a packet of " + std::to_string(length) + " bytes");
    const Bytes whole = stream_.peek(kind_.packet_header_bytes + length);
    if (whole.size() < kind_.packet_header_bytes + length)
      return contents_.stop(at, "the file ends in a packet: " + std::to_string(whole.size()) +
                                    " of its " +
                                    std::to_string(kind_.packet_header_bytes + length) + " bytes");
    stream_.skip(whole.size());
    packet.bytes = whole.subspan(kind_.packet_header_bytes);
    packet.link_type = contents_.interfaces.front().link_type;
    packet.time_ns = seconds * kNanosecondsPerSecond +
                     static_cast<std::int64_t>(fraction * (1'000'000'000 / kind_.units_per_second));
    packet.timed = true;
    packet.interface = 0;
    packet.comment = {};
    return true;
  }

 private:
  bool read_file_header() {
    const Bytes header = stream_.peek(kFileHeaderBytes);
    if (header.size() < kFileHeaderBytes) return contents_.stop(0, "the file header is cut");
    if (const std::uint32_t major = number16(header, 4, big_endian_); major != 2)
      return contents_.stop(4, "pcap version " + std::to_string(major));
    CaptureInterface interface;
    interface.snap_length = number32(header, 16, big_endian_);
    // The upper bits tell of a frame check sequence.
    interface.link_type = static_cast<int>(number32(header, 20, big_endian_) & 0xffff);
    interface.units_per_second = kind_.units_per_second;
    contents_.interfaces.push_back(std::move(interface));
    stream_.skip(kFileHeaderBytes);
    return true;
  }

  ByteStream& stream_;
  CaptureContents& contents_;
  Kind kind_;
  bool big_endian_;
};

}  // namespace

std::unique_ptr<CaptureFormat> open_pcap(ByteStream& stream, CaptureContents& contents) {
  const Bytes first = stream.peek(4);
  if (first.size() < 4) return nullptr;
  for (const Kind& kind : kKinds)
    for (const bool big_endian : {false, true})
      if (number32(first, 0, big_endian) == kind.magic)
        return std::make_unique<Pcap>(stream, contents, kind, big_endian);
  return nullptr;
}

}  // namespace visavis::inspect

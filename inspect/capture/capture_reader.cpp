#include "inspect/capture/capture_reader.h"

#include <algorithm>
#include <array>

#include "inspect/capture/network_monitor_format.h"
#include "inspect/capture/pcap_format.h"
#include "inspect/capture/pcapng_format.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kLookedAtBytes = 512;

struct Signature {
  std::string_view begin;
  std::string_view what;
};

/// What lies on an engineer's disk beside captures, and what to do with it.
constexpr std::array kSignatures{
    Signature{"RTSS", "a Network Monitor 1 capture: save it as pcap with Wireshark"},
    Signature{"XCP\0", "a NetXRay capture: save it as pcap with Wireshark"},
    Signature{"snoop\0", "a snoop capture: save it as pcap with Wireshark"},
    Signature{"\x1f\x8b", "gzip: unpack it first (gunzip)"},
    Signature{"\x28\xb5\x2f\xfd", "zstd: unpack it first"},
    Signature{"\xfd"
              "7zXZ",
              "xz: unpack it first"},
    Signature{"BZh", "bzip2: unpack it first"},
    Signature{"PK\x03\x04", "a zip file: unpack it first (a Fiddler archive .saz is one, too)"},
    Signature{"\xd0\xcf\x11\xe0", "an Office document"},
    Signature{"%PDF", "a PDF document"},
    Signature{"-----BEGIN ", "PEM text (certificates or keys)"},
    Signature{"CLIENT_RANDOM ", "a TLS key log: give it with --keylog"},
    Signature{"<?xml", "XML text"},
};

/// No control characters, and mostly ASCII.
bool is_text(Bytes bytes) {
  const auto plain = [](std::uint8_t byte) {
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  };
  const auto foreign =
      std::count_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte >= 0x7f; });
  return std::all_of(bytes.begin(), bytes.end(), plain) &&
         static_cast<std::size_t>(foreign) * 4 < bytes.size();
}

/// An event trace of Windows begins with a buffer header: its size, and 72 bytes on a WNODE.
bool is_event_trace(Bytes first) {
  constexpr std::array<std::uint8_t, 4> kLogFileHeader{0x02, 0x00, 0x00, 0xc0};
  return first.size() > 80 && first[0] == 0 && first[1] % 4 == 0 && first[2] <= 16 &&
         first[3] == 0 &&
         std::equal(kLogFileHeader.begin(), kLogFileHeader.end(), first.begin() + 72);
}

std::string looks_like(Bytes first) {
  if (first.empty()) return "the file is empty";
  const std::string_view text(reinterpret_cast<const char*>(first.data()), first.size());
  for (const Signature& signature : kSignatures)
    if (text.starts_with(signature.begin)) return "no capture, but " + std::string(signature.what);
  if (is_event_trace(first))
    return "no capture, but a Windows event trace (.etl): convert it with etl2pcapng";
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size() - 1);
  if (text[begin] == '{' || text[begin] == '[') return "no capture, but JSON text";
  if (is_text(first)) return "no capture, but text";
  return "no capture: neither pcap, pcapng nor Network Monitor's";
}

}  // namespace

CaptureReader::CaptureReader(ByteStream& stream) : format_(open_pcapng(stream, contents_)) {
  if (!format_) format_ = open_pcap(stream, contents_);
  if (!format_) format_ = open_network_monitor(stream, contents_);
  if (!format_) contents_.stop(0, looks_like(stream.peek(kLookedAtBytes)));
}

bool CaptureReader::next(CapturedPacket& packet) {
  if (!format_ || !format_->next(packet)) return false;
  packet.number = ++packets_;
  return true;
}

}  // namespace visavis::inspect

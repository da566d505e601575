#include "inspect/capture/pcapng_format.h"

#include <algorithm>
#include <cmath>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/file_number.h"
#include "inspect/capture/pcapng_blocks.h"

namespace visavis::inspect {
namespace {

using namespace pcapng;

constexpr std::size_t kBlockHeaderBytes = 8;
constexpr std::size_t kBlockTrailerBytes = 4;

std::size_t padded(std::size_t length) { return (length + 3) / 4 * 4; }

/// "The next-most significant bit to the MSB ...": a power of ten, or with the highest bit of two.
std::uint64_t units_per_second(std::uint8_t resolution) {
  const unsigned exponent = resolution & 0x7fU;
  if ((resolution & 0x80U) != 0) return exponent < 64 ? std::uint64_t{1} << exponent : 0;
  std::uint64_t units = 1;
  for (unsigned i = 0; i < exponent; ++i) units = units > UINT64_MAX / 10 ? 0 : units * 10;
  return units;
}

std::int64_t nanoseconds(std::uint64_t stamp, const CaptureInterface& interface) {
  const std::uint64_t units = interface.units_per_second;
  // A damaged stamp of the year 2300 is no reason to give the packet up, and needs no care later:
  // neither differences nor what is some seconds after it are out of range.
  constexpr std::int64_t kLast = INT64_MAX / kNanosecondsPerSecond - 10;
  const std::int64_t whole =
      static_cast<std::int64_t>(std::min<std::uint64_t>(stamp / units, kLast));
  const std::int64_t seconds = whole + std::clamp(interface.offset_s, -kLast, kLast);
  const auto part = static_cast<double>(stamp % units) / static_cast<double>(units);
  const std::int64_t below = units == 1'000'000 ? static_cast<std::int64_t>(stamp % units) * 1000
                                                : std::llround(part * 1e9);
  return std::clamp<std::int64_t>(seconds, 0, kLast) * kNanosecondsPerSecond + below;
}

class Pcapng : public CaptureFormat {
 public:
  Pcapng(ByteStream& stream, CaptureContents& contents) : stream_(stream), contents_(contents) {}

  bool next(CapturedPacket& packet) override {
    while (!contents_.problem) {
      if (!done_.empty()) stream_.skip(std::exchange(done_, {}).size());
      const std::uint64_t at = stream_.offset();
      if (!read_block()) return false;
      if (read_packet(packet, at)) return true;
    }
    return false;
  }

 private:
  /// Reads the next block into body_; false at the end.
  bool read_block() {
    const std::uint64_t at = stream_.offset();
    const Bytes header = stream_.peek(kBlockHeaderBytes + 4);
    if (header.empty()) return false;
    if (header.size() < kBlockHeaderBytes + kBlockTrailerBytes)
      return contents_.stop(at, "the file ends in a block's header");
    type_ = number32(header, 0, big_endian_);  // a section header's reads the same both ways
    if (type_ == kSectionHeader && !begin_section(header, at)) return false;
    const std::size_t length = number32(header, 4, big_endian_);
    if (length < kBlockHeaderBytes + kBlockTrailerBytes || length % 4 != 0)
      return contents_.stop(at, "a block of " + std::to_string(length) + " bytes");
    if (length > limits::kMaxCaptureBlockBytes) return pass_over(at, length);
    const Bytes block = stream_.peek(length);
    if (block.size() < length)
      return contents_.stop(at, "the file ends in a block: " + std::to_string(block.size()) +
                                    " of its " + std::to_string(length) + " bytes");
    if (number32(block, length - kBlockTrailerBytes, big_endian_) != length)
      return contents_.stop(at + length - kBlockTrailerBytes, "a block's two lengths differ");
    done_ = block;
    body_ = block.subspan(kBlockHeaderBytes, length - kBlockHeaderBytes - kBlockTrailerBytes);
    return true;
  }

  bool begin_section(Bytes header, std::uint64_t at) {
    const std::uint32_t magic = number32(header, 8, false);
    big_endian_ = magic != kByteOrderMagic;
    if (number32(header, 8, big_endian_) != kByteOrderMagic)
      return contents_.stop(at + 8, "a section of unknown byte order");
    contents_.interfaces.clear();
    contents_.part.reset();
    return true;
  }

  /// A block that is larger than what is read at once holds nothing that is looked for.
  bool pass_over(std::uint64_t at, std::size_t length) {
    for (std::size_t left = length; left > 0;) {
      const Bytes piece = stream_.peek(std::min<std::size_t>(left, 64U * 1024));
      if (piece.empty()) return contents_.stop(at, "the file ends in a block");
      left -= piece.size();
      stream_.skip(piece.size());
    }
    type_ = 0;
    body_ = {};
    return true;
  }

  /// True when the block was a packet.
  bool read_packet(CapturedPacket& packet, std::uint64_t at) {
    switch (type_) {
      case kSectionHeader:
        return read_section_comments();
      case kInterfaceDescription:
        return add_interface(at);
      case kDecryptionSecrets:
        return add_secrets(at);
      case kInterfaceStatistics:
        return add_statistics();
      case kEnhancedPacket:
        return enhanced_packet(packet, at, 4);
      case kPacket:
        return enhanced_packet(packet, at, 2);
      case kSimplePacket:
        return simple_packet(packet, at);
      default:
        return false;
    }
  }

  /// Options come behind magic, version and length.
  bool read_section_comments() {
    if (body_.size() < 16) return false;
    for_each_option(body_.subspan(16), [&](std::uint16_t code, Bytes value) {
      if (code != kComment || contents_.part) return;
      contents_.part =
          parse_capture_part({reinterpret_cast<const char*>(value.data()), value.size()});
    });
    return false;
  }

  bool add_interface(std::uint64_t at) {
    if (body_.size() < 8) return contents_.stop(at, "an interface description is cut");
    if (contents_.interfaces.size() >= limits::kMaxCaptureInterfaces)
      return contents_.stop(at, "too many interfaces in one section");
    CaptureInterface interface;
    interface.link_type = number16(body_, 0, big_endian_);
    interface.snap_length = number32(body_, 4, big_endian_);
    for_each_option(body_.subspan(8), [&](std::uint16_t code, Bytes value) {
      if (code == kInterfaceName) interface.name.assign(value.begin(), value.end());
      if (code == kTimeResolution && !value.empty())
        interface.units_per_second = units_per_second(value[0]);
      if (code == kTimeOffset && value.size() == 8)
        interface.offset_s = static_cast<std::int64_t>(number64(value, 0, big_endian_));
    });
    if (interface.units_per_second == 0)
      return contents_.stop(at, "an interface's time resolution is out of range");
    contents_.interfaces.push_back(std::move(interface));
    return false;
  }

  /// Statistics that are cut, or of no interface, are passed over.
  bool add_statistics() {
    if (body_.size() < 12) return false;
    const std::size_t which = number32(body_, 0, big_endian_);
    if (which >= contents_.interfaces.size()) return false;
    for_each_option(body_.subspan(12), [&](std::uint16_t code, Bytes value) {
      if (code != kEndTime || value.size() != 8) return;
      const std::uint64_t stamp =
          std::uint64_t{number32(value, 0, big_endian_)} << 32 | number32(value, 4, big_endian_);
      std::int64_t ended = nanoseconds(stamp, contents_.interfaces[which]);
      // dumpcap 4.0 counts microseconds here, whatever the interface's resolution is.
      if (ended < last_ns_) ended = nanoseconds(stamp, CaptureInterface{});
      contents_.ended_ns = std::min(contents_.ended_ns.value_or(ended), ended);
    });
    return false;
  }

  bool add_secrets(std::uint64_t at) {
    if (body_.size() < 8) return contents_.stop(at, "a secrets block is cut");
    const std::size_t length = number32(body_, 4, big_endian_);
    if (length > body_.size() - 8) return contents_.stop(at, "a secrets block is cut");
    if (number32(body_, 0, big_endian_) != kTlsKeyLog) return false;
    const Bytes text = body_.subspan(8, length);
    if (contents_.secrets.size() + length > limits::kMaxCaptureBlockBytes) return false;
    contents_.secrets.append(text.begin(), text.end());
    contents_.secrets += '\n';
    return false;
  }

  /// An Enhanced Packet Block, or the obsolete Packet Block, whose interface has two bytes only.
  bool enhanced_packet(CapturedPacket& packet, std::uint64_t at, std::size_t interface_bytes) {
    if (body_.size() < 20) return contents_.stop(at, "a packet block is cut");
    packet.interface =
        interface_bytes == 4 ? number32(body_, 0, big_endian_) : number16(body_, 0, big_endian_);
    const std::uint64_t stamp =
        std::uint64_t{number32(body_, 4, big_endian_)} << 32 | number32(body_, 8, big_endian_);
    const std::size_t length = number32(body_, 12, big_endian_);
    packet.original_length = number32(body_, 16, big_endian_);
    if (!take(packet, at, 20, length)) return false;
    packet.time_ns = nanoseconds(stamp, contents_.interfaces[packet.interface]);
    last_ns_ = std::max(last_ns_, packet.time_ns);
    packet.timed = true;
    const std::size_t options = std::min(body_.size(), 20 + padded(length));
    for_each_option(body_.subspan(options), [&](std::uint16_t code, Bytes value) {
      if (code != kComment) return;
      std::string_view& text = packet.comment.empty() ? packet.comment : packet.note;
      if (text.empty()) text = {reinterpret_cast<const char*>(value.data()), value.size()};
    });
    return true;
  }

  bool simple_packet(CapturedPacket& packet, std::uint64_t at) {
    if (body_.size() < 4) return contents_.stop(at, "a packet block is cut");
    packet.interface = 0;
    packet.original_length = number32(body_, 0, big_endian_);
    std::size_t length = std::min(packet.original_length, body_.size() - 4);
    if (!contents_.interfaces.empty() && contents_.interfaces[0].snap_length > 0)
      length = std::min<std::size_t>(length, contents_.interfaces[0].snap_length);
    if (!take(packet, at, 4, length)) return false;
    packet.time_ns = 0;
    packet.timed = false;
    return true;
  }

  bool take(CapturedPacket& packet, std::uint64_t at, std::size_t begin, std::size_t length) {
    if (packet.interface >= contents_.interfaces.size())
      return contents_.stop(at, "a packet of interface " + std::to_string(packet.interface) +
                                    ", which the section does not describe");
    if (length > body_.size() - begin)
      return contents_.stop(at, "a packet is longer than its block");
    packet.bytes = body_.subspan(begin, length);
    packet.link_type = contents_.interfaces[packet.interface].link_type;
    packet.interface_name = contents_.interfaces[packet.interface].name;
    packet.comment = packet.note = {};
    return true;
  }

  /// Options that are cut are passed over: what they would say is not worth a file.
  template <class Take>
  void for_each_option(Bytes options, Take take) const {
    while (options.size() >= 4) {
      const std::uint16_t code = number16(options, 0, big_endian_);
      const std::size_t length = number16(options, 2, big_endian_);
      if (code == kEndOfOptions || length > options.size() - 4) return;
      take(code, options.subspan(4, length));
      options = options.subspan(std::min(options.size(), 4 + padded(length)));
    }
  }

  ByteStream& stream_;
  CaptureContents& contents_;
  bool big_endian_ = false;
  std::int64_t last_ns_ = 0;  // the latest packet's time
  std::uint32_t type_ = 0;
  Bytes body_;
  Bytes done_;  // the block that was read last: passed over when the next is asked for
};

}  // namespace

std::unique_ptr<CaptureFormat> open_pcapng(ByteStream& stream, CaptureContents& contents) {
  const Bytes first = stream.peek(4);
  if (first.size() < 4 || number32(first, 0, true) != kSectionHeader) return nullptr;
  return std::make_unique<Pcapng>(stream, contents);
}

}  // namespace visavis::inspect

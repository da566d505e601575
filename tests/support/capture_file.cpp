#include "tests/support/capture_file.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>

namespace visavis::test {
namespace {

using Bytes = std::span<const std::uint8_t>;

CapturedPackets read_pcap(const std::filesystem::path& file) {
  CapturedPackets read;
  char error[PCAP_ERRBUF_SIZE] = "";
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> capture(pcap_open_offline(file.c_str(), error),
                                                           [](pcap_t* open) {
                                                             if (open != nullptr) pcap_close(open);
                                                           });
  if (!capture) {
    read.problem = error;
    return read;
  }
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  int result = 0;
  while ((result = pcap_next_ex(capture.get(), &header, &bytes)) == 1)
    read.packets.push_back(
        {pcap_datalink(capture.get()), {bytes, bytes + header->caplen}, header->len});
  if (result == PCAP_ERROR) read.problem = pcap_geterr(capture.get());
  return read;
}

/// PcapngFile walks over the blocks of a pcapng file.
/// Source: draft-ietf-opsawg-pcapng, 3.1 (blocks) and 4.1 to 4.4.
class PcapngFile {
 public:
  explicit PcapngFile(Bytes file) : file_(file) {}

  CapturedPackets read() {
    CapturedPackets packets;
    while (offset_ < file_.size() && packets.problem.empty()) read_block(packets);
    return packets;
  }

 private:
  static constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
  static constexpr std::uint32_t kInterface = 1;
  static constexpr std::uint32_t kSimplePacket = 3;
  static constexpr std::uint32_t kEnhancedPacket = 6;

  struct Interface {
    int link_type = 0;
    std::uint32_t snap_length = 0;
  };

  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t width) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value = value << 8 | file_[at + (big_endian_ ? i : width - 1 - i)];
    return value;
  }

  void read_block(CapturedPackets& read) {
    if (file_.size() - offset_ < 12) return stop(read, "a block's header is cut");
    if (number(offset_, 4) == kSectionHeader) {
      big_endian_ = file_[offset_ + 8] == 0x1a;
      interfaces_.clear();
    }
    const std::size_t length = number(offset_ + 4, 4);
    if (length < 12 || length > file_.size() - offset_) return stop(read, "a block is cut");
    const std::size_t body = offset_ + 8;
    const std::size_t body_length = length - 12;
    const std::uint32_t type = number(offset_, 4);
    if (type == kInterface && body_length >= 8)
      interfaces_.push_back({static_cast<int>(number(body, 2)), number(body + 4, 4)});
    if (type == kEnhancedPacket && body_length >= 20)
      add(read, number(body, 4), body + 20,
          std::min<std::size_t>(number(body + 12, 4), body_length - 20), number(body + 16, 4));
    if (type == kSimplePacket && body_length >= 4 && !interfaces_.empty()) {
      const std::size_t snap = interfaces_[0].snap_length > 0 ? interfaces_[0].snap_length : ~0U;
      const std::size_t original = number(body, 4);
      add(read, 0, body + 4, std::min({original, snap, body_length - 4}), original);
    }
    offset_ += length;
  }

  void add(CapturedPackets& read, std::size_t interface, std::size_t at, std::size_t length,
           std::size_t original_length) {
    if (interface >= interfaces_.size()) return stop(read, "a packet of no interface");
    const Bytes bytes = file_.subspan(at, length);
    read.packets.push_back(
        {interfaces_[interface].link_type, {bytes.begin(), bytes.end()}, original_length});
  }

  void stop(CapturedPackets& read, const char* why) {
    read.problem = why + std::string(" at byte ") + std::to_string(offset_);
  }

  Bytes file_;
  std::size_t offset_ = 0;
  bool big_endian_ = false;
  std::vector<Interface> interfaces_;
};

}  // namespace

CapturedPackets read_capture(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::vector<char> text(std::istreambuf_iterator<char>(stream), {});
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  constexpr std::uint8_t pcapng[] = {0x0a, 0x0d, 0x0d, 0x0a};
  if (bytes.size() >= 12 && std::equal(std::begin(pcapng), std::end(pcapng), bytes.begin()))
    return PcapngFile(bytes).read();
  return read_pcap(file);
}

}  // namespace visavis::test

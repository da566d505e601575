#include "inspect/capture/pcapng_writer.h"

#include <cstring>

#include "inspect/capture/pcapng_blocks.h"

namespace visavis::inspect {
namespace {

constexpr std::uint16_t kLinkTypeRaw = 101;
constexpr std::uint16_t kVersionMajor = 1;
constexpr std::uint16_t kVersionMinor = 0;
constexpr std::uint8_t kMicroseconds = 6;
/// Where an enhanced packet block has its time: behind type, length and interface.
constexpr std::size_t kTimeOffsetInBlock = 12;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void PcapngWriter::section(const Section& section) {
  const std::size_t block = begin(pcapng::kSectionHeader);
  number32(pcapng::kByteOrderMagic);
  number16(kVersionMajor);
  number16(kVersionMinor);
  number32(0xffffffff);  // the section's length is not known
  number32(0xffffffff);
  if (!section.comment.empty()) option(pcapng::kComment, section.comment);
  if (!section.part.empty()) option(pcapng::kComment, section.part);
  option(pcapng::kHardware, section.hardware);
  option(pcapng::kSystem, section.system);
  option(pcapng::kApplication, section.application);
  option(pcapng::kEndOfOptions, {});
  end(block);
}

void PcapngWriter::interface(std::string_view name) {
  const std::size_t block = begin(pcapng::kInterfaceDescription);
  number16(kLinkTypeRaw);
  number16(0);
  number32(0);  // no snap length
  option(pcapng::kInterfaceName, name);
  const char resolution = static_cast<char>(kMicroseconds);
  option(pcapng::kTimeResolution, {&resolution, 1});
  option(pcapng::kEndOfOptions, {});
  end(block);
}

void PcapngWriter::secrets(std::string_view key_log) {
  const std::size_t block = begin(pcapng::kDecryptionSecrets);
  number32(pcapng::kTlsKeyLog);
  number32(static_cast<std::uint32_t>(key_log.size()));
  bytes(bytes_of(key_log));
  pad();
  end(block);
}

void PcapngWriter::packet(std::uint32_t interface, std::int64_t time_us, Bytes headers,
                          Bytes payload, std::size_t original_length, std::string_view comment,
                          std::string_view note) {
  const std::size_t block = begin(pcapng::kEnhancedPacket);
  number32(interface);
  number32(static_cast<std::uint32_t>(time_us >> 32));
  number32(static_cast<std::uint32_t>(time_us));
  number32(static_cast<std::uint32_t>(headers.size() + payload.size()));
  number32(static_cast<std::uint32_t>(original_length));
  bytes(headers);
  bytes(payload);
  pad();
  if (!comment.empty()) {
    option(pcapng::kComment, comment);
    if (!note.empty()) option(pcapng::kComment, note);
    option(pcapng::kEndOfOptions, {});
  }
  end(block);
}

void PcapngWriter::set_time(std::span<std::uint8_t> block, std::int64_t time_us) {
  const std::uint32_t words[] = {static_cast<std::uint32_t>(time_us >> 32),
                                 static_cast<std::uint32_t>(time_us)};
  std::memcpy(block.data() + kTimeOffsetInBlock, words, sizeof words);
}

void PcapngWriter::number16(std::uint16_t value) {
  const std::size_t at = out_.size();
  out_.resize(at + sizeof value);
  std::memcpy(out_.data() + at, &value, sizeof value);
}

void PcapngWriter::number32(std::uint32_t value) {
  const std::size_t at = out_.size();
  out_.resize(at + sizeof value);
  std::memcpy(out_.data() + at, &value, sizeof value);
}

void PcapngWriter::bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

/// Blocks and options begin at multiples of four.
void PcapngWriter::pad() { out_.resize((out_.size() + 3) / 4 * 4); }

void PcapngWriter::option(std::uint16_t code, std::string_view text) {
  text = text.substr(0, kMaxOptionBytes);
  number16(code);
  number16(static_cast<std::uint16_t>(text.size()));
  bytes(bytes_of(text));
  pad();
}

/// Returns where the block begins; `end` writes its length at both ends.
std::size_t PcapngWriter::begin(std::uint32_t type) {
  const std::size_t block = out_.size();
  number32(type);
  number32(0);
  return block;
}

void PcapngWriter::end(std::size_t block) {
  const auto length = static_cast<std::uint32_t>(out_.size() - block + 4);
  number32(length);
  std::memcpy(out_.data() + block + 4, &length, sizeof length);
}

}  // namespace visavis::inspect

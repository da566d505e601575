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
  begin(pcapng::kSectionHeader);
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
  end();
}

void PcapngWriter::interface(std::string_view name) {
  begin(pcapng::kInterfaceDescription);
  number16(kLinkTypeRaw);
  number16(0);
  number32(0);  // no snap length
  option(pcapng::kInterfaceName, name);
  const char resolution = static_cast<char>(kMicroseconds);
  option(pcapng::kTimeResolution, {&resolution, 1});
  option(pcapng::kEndOfOptions, {});
  end();
}

void PcapngWriter::secrets(std::string_view key_log) {
  begin(pcapng::kDecryptionSecrets);
  number32(pcapng::kTlsKeyLog);
  number32(static_cast<std::uint32_t>(key_log.size()));
  bytes(bytes_of(key_log));
  pad();
  end();
}

void PcapngWriter::packet(std::uint32_t interface, std::int64_t time_us, Bytes headers,
                          Bytes payload, std::size_t original_length, std::string_view comment,
                          std::string_view note) {
  begin_packet(interface, time_us, headers, payload, original_length);
  bytes(payload);
  end_packet(comment, note);
}

std::size_t PcapngWriter::packet_around(std::uint32_t interface, std::int64_t time_us,
                                        Bytes headers, Bytes payload, std::size_t original_length,
                                        std::string_view comment, std::string_view note) {
  begin_packet(interface, time_us, headers, payload, original_length);
  const std::size_t place = out_.size() - block_;
  left_out_ = payload.size();
  end_packet(comment, note);
  return place;
}

void PcapngWriter::begin_packet(std::uint32_t interface, std::int64_t time_us, Bytes headers,
                                Bytes payload, std::size_t original_length) {
  begin(pcapng::kEnhancedPacket);
  number32(interface);
  number32(static_cast<std::uint32_t>(time_us >> 32));
  number32(static_cast<std::uint32_t>(time_us));
  number32(static_cast<std::uint32_t>(headers.size() + payload.size()));
  number32(static_cast<std::uint32_t>(original_length));
  bytes(headers);
}

void PcapngWriter::end_packet(std::string_view comment, std::string_view note) {
  pad();
  if (!comment.empty()) {
    option(pcapng::kComment, comment);
    if (!note.empty()) option(pcapng::kComment, note);
    option(pcapng::kEndOfOptions, {});
  }
  end();
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

/// Within a block, what is not a number begins at a multiple of four.
void PcapngWriter::pad() {
  const std::size_t size = out_.size() - block_ + left_out_;
  out_.resize(out_.size() + (4 - size % 4) % 4);
}

void PcapngWriter::option(std::uint16_t code, std::string_view text) {
  text = text.substr(0, kMaxOptionBytes);
  number16(code);
  number16(static_cast<std::uint16_t>(text.size()));
  bytes(bytes_of(text));
  pad();
}

void PcapngWriter::begin(std::uint32_t type) {
  block_ = out_.size();
  left_out_ = 0;
  number32(type);
  number32(0);  // its length, which stands at both ends
}

void PcapngWriter::end() {
  const auto length = static_cast<std::uint32_t>(out_.size() - block_ + left_out_ + 4);
  number32(length);
  std::memcpy(out_.data() + block_ + 4, &length, sizeof length);
}

}  // namespace visavis::inspect

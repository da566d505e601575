#include "inspect/findings/half_message.h"

#include <algorithm>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMessageHeaderBytes = 4;  // RFC 5246 7.4

std::uint8_t digit(char letter) {
  const int value = letter <= '9' ? letter - '0' : letter - 'a' + 10;
  return static_cast<std::uint8_t>(value);
}

std::vector<std::uint8_t> from_hex(const std::string& hex) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4U | digit(hex[i + 1])));
  return bytes;
}

/// Records collects the handshake messages that are in clear, and keeps the last record's lengths.
struct Records {
  std::vector<std::uint8_t> messages;
  std::size_t sent = 0;  // of the last record, with its header
  std::size_t promised = 0;
  bool encrypted = false;  // the last record was

  [[nodiscard]] bool cut() const { return sent < promised; }
};

Records read_records(Bytes bytes) {
  Records records;
  bool protected_from_here = false;
  while (!bytes.empty() && !records.cut()) {
    records.sent = bytes.size();
    records.promised = kRecordHeaderBytes;
    if (bytes.size() < kRecordHeaderBytes) break;
    const ContentType type{bytes[0]};
    records.promised += std::size_t{bytes[3]} << 8U | bytes[4];
    records.sent = std::min(bytes.size(), records.promised);
    records.encrypted = protected_from_here || type == kApplicationData;
    if (type == kHandshake && !records.encrypted) {
      const Bytes body = bytes.subspan(kRecordHeaderBytes, records.sent - kRecordHeaderBytes);
      records.messages.insert(records.messages.end(), body.begin(), body.end());
    }
    protected_from_here = protected_from_here || type == kChangeCipherSpec;
    bytes = bytes.subspan(records.sent);
  }
  return records;
}

std::optional<HalfMessage> half_of(Bytes messages, std::string& last) {
  while (!messages.empty()) {
    if (messages.size() < kMessageHeaderBytes)
      return HalfMessage{"handshake message header", messages.size(), kMessageHeaderBytes};
    const std::size_t length = kMessageHeaderBytes + (std::size_t{messages[1]} << 16U) +
                               (std::size_t{messages[2]} << 8U) + messages[3];
    const std::string_view name = known_name(HandshakeType{messages[0]});
    last = name.empty() ? "handshake message" : std::string(name);
    if (length > messages.size()) return HalfMessage{last, messages.size(), length};
    messages = messages.subspan(length);
  }
  return std::nullopt;
}

}  // namespace

std::optional<HalfMessage> find_half_message(const std::string& raw_hex) {
  const std::vector<std::uint8_t> bytes = from_hex(raw_hex);
  const Records records = read_records(bytes);
  if (records.cut() && records.promised == kRecordHeaderBytes)
    return HalfMessage{"record header", records.sent, records.promised};
  if (records.cut() && records.encrypted)
    return HalfMessage{"encrypted record", records.sent, records.promised};
  std::string last = "handshake";
  if (auto half = half_of(records.messages, last)) return half;
  if (!records.cut()) return std::nullopt;
  return HalfMessage{last, records.sent, records.promised, true};
}

std::string words(const HalfMessage& half) {
  const std::string_view of = half.record_only ? "the record with its " : "its ";
  return std::to_string(half.sent) + " of the " + std::to_string(half.promised) + " bytes of " +
         std::string(of) + half.what;
}

}  // namespace visavis::inspect

#include <algorithm>

#include "inspect/codepoint/extension_type.h"
#include "inspect/experiment/profiles/client_profiles.h"
#include "inspect/handshake/client_hello.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMessageHeader = 4;
/// Of the message: type, length, legacy_version. RFC 8446 4.1.2.
constexpr std::size_t kRandomOffset = kMessageHeader + 2;
constexpr std::size_t kRandomBytes = 32;
/// RFC 8446 5.1: a record holds 2^14 bytes.
constexpr std::size_t kMaxRecord = 16384;

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

std::size_t get16(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
}

/// RFC 6066 3: a list of one name of type host_name.
std::vector<std::uint8_t> server_name_body(std::string_view name) {
  std::vector<std::uint8_t> body(5);
  put16(body, 0, name.size() + 3);
  put16(body, 3, name.size());
  body.insert(body.end(), name.begin(), name.end());
  return body;
}

/// Where the extensions' length field is: behind the random, session id, suites and compression.
std::size_t extensions_length_offset(const std::vector<std::uint8_t>& message) {
  std::size_t at = kRandomOffset + kRandomBytes;
  at += 1U + message[at];
  at += 2U + get16(message, at);
  return at + 1U + message[at];
}

void rename(std::vector<std::uint8_t>& message, const Extension& extension,
            std::string_view server_name) {
  const std::vector<std::uint8_t> body = server_name_body(server_name);
  const std::size_t list_at = extensions_length_offset(message);
  const std::size_t list = get16(message, list_at) - extension.length + body.size();
  put16(message, list_at, list);
  put16(message, extension.offset - 2, body.size());
  const auto begin = message.begin() + static_cast<std::ptrdiff_t>(extension.offset);
  const auto after = message.erase(begin, begin + static_cast<std::ptrdiff_t>(extension.length));
  message.insert(after, body.begin(), body.end());
}

bool is_address(std::string_view name) {
  return name.find(':') != std::string_view::npos ||
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// SSL 2.0's form has no extensions: only its challenge is random, at the end.
std::optional<std::vector<std::uint8_t>> adapt_sslv2(Bytes hello, Bytes random) {
  if (hello.size() < 11) return std::nullopt;
  std::vector<std::uint8_t> bytes(hello.begin(), hello.end());
  const std::size_t challenge = get16(bytes, 9);
  if (challenge > bytes.size() - 11 || !parse_sslv2_client_hello(hello.subspan(2)).ok())
    return std::nullopt;
  const std::size_t count = std::min(challenge, random.size());
  std::copy_n(random.begin(), count, bytes.end() - static_cast<std::ptrdiff_t>(challenge));
  return bytes;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> adapt_hello(Bytes hello, std::string_view server_name,
                                                     Bytes random) {
  if (hello.empty()) return std::nullopt;
  if ((hello.front() & 0x80) != 0) return adapt_sslv2(hello, random);
  if (hello.size() < kRecordHeader) return std::nullopt;
  const auto parsed = parse_client_hello(hello.subspan(kRecordHeader));
  if (!parsed.ok() || random.size() != kRandomBytes) return std::nullopt;
  std::vector<std::uint8_t> message(hello.begin() + kRecordHeader, hello.end());
  std::copy(random.begin(), random.end(), message.begin() + kRandomOffset);
  if (!server_name.empty() && !is_address(server_name)) {
    const auto& extensions = parsed->extensions;
    const auto sni = std::find_if(extensions.begin(), extensions.end(),
                                  [](const Extension& each) { return each.type == kServerName; });
    if (sni != extensions.end()) rename(message, *sni, server_name);
  }
  if (message.size() > kMaxRecord) return std::nullopt;
  const std::size_t length = message.size() - kMessageHeader;
  message[1] = static_cast<std::uint8_t>(length >> 16);
  put16(message, 2, length & 0xffff);
  std::vector<std::uint8_t> record(hello.begin(), hello.begin() + kRecordHeader);
  put16(record, 3, message.size());
  record.insert(record.end(), message.begin(), message.end());
  return record;
}

}  // namespace visavis::inspect

#include "inspect/handshake/fingerprint.h"

#include <algorithm>
#include <charconv>

#include "certs/digest.h"

namespace visavis::inspect {
namespace {

void append_number(std::string& text, unsigned value) {
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
}

/// Joins with '-' the numbers that `value_of` gives, GREASE left out.
template <class List, class ValueOf>
void append_list(std::string& text, const List& list, ValueOf value_of) {
  bool first = true;
  for (const auto& item : list) {
    const auto value = value_of(item);
    if (sizeof(value) == 2 && is_grease(value)) continue;
    if (!first) text += '-';
    first = false;
    append_number(text, value);
  }
}

constexpr auto kValue = [](const auto& point) { return point.value; };
constexpr auto kType = [](const Extension& extension) { return extension.type.value; };

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void append_hex4(std::string& text, std::uint16_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 12; shift >= 0; shift -= 4) text += digits[(value >> shift) & 15];
}

std::string hex_list(const std::vector<std::uint16_t>& values) {
  std::string text;
  text.reserve(values.size() * 5);
  for (const std::uint16_t value : values) {
    if (!text.empty()) text += ',';
    append_hex4(text, value);
  }
  return text;
}

/// The first 12 hex digits of SHA-256, or zeros for an empty list.
std::string short_hash(const std::string& text) {
  if (text.empty()) return "000000000000";
  return certs::hex(certs::sha256(bytes_of(text))).substr(0, 12);
}

std::string_view ja4_version(ProtocolVersion version) {
  if (version == kTls13) return "13";
  if (version == kTls12) return "12";
  if (version == kTls11) return "11";
  if (version == kTls10) return "10";
  if (version == kSsl3) return "s3";
  if (version == kSsl2) return "s2";
  return "00";
}

void append_two_digits(std::string& text, std::size_t count) {
  const std::size_t capped = std::min<std::size_t>(count, 99);
  text += static_cast<char>('0' + capped / 10);
  text += static_cast<char>('0' + capped % 10);
}

bool alphanumeric(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
         (letter >= 'A' && letter <= 'Z');
}

/// First and last character of the first ALPN name; where one is not alphanumeric, the first and
/// last hex digit of the name's hex form; "00" without ALPN.
std::string ja4_alpn(const ClientHello& hello) {
  if (!hello.alpn || hello.alpn->empty() || hello.alpn->front().empty()) return "00";
  const std::string& protocol = hello.alpn->front();
  if (alphanumeric(protocol.front()) && alphanumeric(protocol.back()))
    return {protocol.front(), protocol.back()};
  const std::string hex = certs::hex(bytes_of(protocol));
  return {hex.front(), hex.back()};
}

/// JA4 counts the highest version listed, whatever it is, GREASE aside.
ProtocolVersion listed_version(const ClientHello& hello) {
  if (!hello.supported_versions) return hello.legacy_version;
  ProtocolVersion highest{};
  for (const ProtocolVersion version : *hello.supported_versions)
    if (!is_grease(version.value)) highest = std::max(highest, version);
  return highest;
}

}  // namespace

std::string ja3_text(const ClientHello& hello) {
  std::string text;
  text.reserve(hello.ciphers.size() * 6 + hello.extensions.size() * 6 + 64);
  append_number(text, hello.legacy_version.value);
  text += ',';
  append_list(text, hello.ciphers, kValue);
  text += ',';
  append_list(text, hello.extensions, kType);
  text += ',';
  if (hello.groups) append_list(text, *hello.groups, kValue);
  text += ',';
  if (hello.ec_point_formats)
    append_list(text, *hello.ec_point_formats, [](std::uint8_t format) { return format; });
  return text;
}

std::string ja3s_text(const ServerHello& hello) {
  std::string text;
  append_number(text, hello.legacy_version.value);
  text += ',';
  append_number(text, hello.cipher.value);
  text += ',';
  append_list(text, hello.extensions, kType);
  return text;
}

std::string md5_hex(const std::string& text) { return certs::hex(certs::md5(bytes_of(text))); }

std::string ja4(const ClientHello& hello) {
  std::vector<std::uint16_t> suites;
  suites.reserve(hello.ciphers.size());
  for (const CipherSuite suite : hello.ciphers)
    if (!is_grease(suite.value)) suites.push_back(suite.value);
  std::vector<std::uint16_t> types;
  types.reserve(hello.extensions.size());
  std::size_t type_count = 0;
  for (const Extension& extension : hello.extensions) {
    if (is_grease(extension.type.value)) continue;
    ++type_count;
    if (extension.type != kServerName && extension.type != kAlpn)
      types.push_back(extension.type.value);
  }
  std::string text = "t";
  text += ja4_version(listed_version(hello));
  text += hello.has(kServerName) ? 'd' : 'i';
  append_two_digits(text, suites.size());
  append_two_digits(text, type_count);
  text += ja4_alpn(hello);
  std::sort(suites.begin(), suites.end());
  std::sort(types.begin(), types.end());
  text += '_' + short_hash(hex_list(suites)) + '_';
  std::string extensions = hex_list(types);
  if (hello.sig_algs) {
    std::vector<std::uint16_t> schemes;
    for (const SignatureScheme scheme : *hello.sig_algs)
      if (!is_grease(scheme.value)) schemes.push_back(scheme.value);
    if (!schemes.empty()) extensions += '_' + hex_list(schemes);
  }
  return text + (types.empty() ? "000000000000" : short_hash(extensions));
}

}  // namespace visavis::inspect

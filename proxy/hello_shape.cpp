#include "proxy/hello_shape.h"

#include <algorithm>

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/grease.h"

namespace visavis::proxy {
namespace {

using inspect::ProtocolVersion;

template <class T>
std::vector<std::uint16_t> numbers(const std::vector<T>& points) {
  std::vector<std::uint16_t> values;
  values.reserve(points.size());
  for (const T point : points)
    if (!inspect::is_grease(point.value) &&
        std::find(values.begin(), values.end(), point.value) == values.end())
      values.push_back(point.value);
  return values;
}

/// Without supported_versions a hello names only its highest version: the minimum can't be seen,
/// and is left to the client, which refuses what it does not want when it is answered with it.
void set_versions(const inspect::ClientHello& hello, HelloShape& shape) {
  if (!hello.supported_versions) {
    shape.min_version = inspect::kTls10.value;
    shape.max_version = std::min(hello.legacy_version, inspect::kTls12).value;
    return;
  }
  const auto offered = [&](std::uint16_t value) {
    const auto& list = *hello.supported_versions;
    return std::find(list.begin(), list.end(), ProtocolVersion{value}) != list.end();
  };
  for (std::uint16_t value = inspect::kTls10.value; value <= inspect::kTls13.value; ++value) {
    if (!offered(value)) continue;
    if (shape.min_version == 0) shape.min_version = value;
    shape.max_version = value;
  }
  for (auto value = shape.min_version; value < shape.max_version; ++value)
    if (!offered(value)) shape.left_out_versions.push_back(value);
}

void append(std::string& key, std::uint16_t value) {
  key += static_cast<char>(value >> 8);
  key += static_cast<char>(value & 0xff);
}

void append(std::string& key, const std::vector<std::uint16_t>& values) {
  append(key, static_cast<std::uint16_t>(values.size()));
  for (const std::uint16_t value : values) append(key, value);
}

}  // namespace

std::optional<HelloShape> hello_shape(const inspect::ClientHello& hello) {
  HelloShape shape;
  set_versions(hello, shape);
  if (shape.max_version < inspect::kTls10.value) return std::nullopt;
  for (const std::uint16_t suite : numbers(hello.ciphers)) {
    if (suite == inspect::kFallbackScsv.value)
      shape.fallback_scsv = true;
    else if (suite != inspect::kEmptyRenegotiationInfoScsv.value)
      shape.suites.push_back(suite);
  }
  if (hello.groups) shape.groups = numbers(*hello.groups);
  if (hello.sig_algs) shape.signature_schemes = numbers(*hello.sig_algs);
  if (hello.alpn) shape.alpn = *hello.alpn;
  shape.max_fragment_length = hello.max_fragment_length.value_or(0);
  shape.session_ticket = hello.has(inspect::kSessionTicket);
  shape.extended_master_secret = hello.has(inspect::kExtendedMasterSecret);
  shape.encrypt_then_mac = hello.has(inspect::kEncryptThenMac);
  shape.status_request = hello.has(inspect::kStatusRequest);
  shape.post_handshake_auth = hello.has(inspect::kPostHandshakeAuth);
  shape.middlebox_compat = !hello.session_id.empty();
  return shape;
}

std::string shape_key(const HelloShape& shape) {
  std::string key;
  key.reserve(256);
  append(key, shape.min_version);
  append(key, shape.max_version);
  append(key, shape.left_out_versions);
  append(key, shape.suites);
  append(key, shape.groups);
  append(key, shape.signature_schemes);
  key += static_cast<char>(shape.max_fragment_length);
  for (const bool flag : {shape.session_ticket, shape.extended_master_secret,
                          shape.encrypt_then_mac, shape.status_request, shape.post_handshake_auth,
                          shape.middlebox_compat, shape.fallback_scsv})
    key += flag ? '1' : '0';
  return key;
}

}  // namespace visavis::proxy

#pragma once
#include <optional>
#include <string>
#include <vector>

#include "inspect/handshake/client_hello.h"

namespace visavis::proxy {

/// HelloShape is the part of a client's hello that OpenSSL can repeat, apart from the server name:
/// the key under which a backend leg's SSL_CTX is cached.
struct HelloShape {
  std::uint16_t min_version = 0;  ///< wire numbers, TLS 1.0 to 1.3
  std::uint16_t max_version = 0;
  std::vector<std::uint16_t> left_out_versions;  ///< between the two, not offered
  std::vector<std::uint16_t> suites;             ///< in order, GREASE and SCSVs left out
  std::vector<std::uint16_t> groups;             ///< empty: the client sent none
  std::vector<std::uint16_t> signature_schemes;  ///< empty: the client sent none
  std::vector<std::string> alpn;
  std::uint8_t max_fragment_length = 0;  ///< RFC 6066 code; 0: not asked for
  bool session_ticket = false;
  bool extended_master_secret = false;
  bool encrypt_then_mac = false;
  bool status_request = false;
  bool post_handshake_auth = false;
  bool middlebox_compat = false;  ///< a session id in a TLS 1.3 hello, RFC 8446 D.4
  bool fallback_scsv = false;

  friend bool operator==(const HelloShape&, const HelloShape&) = default;
};

/// hello_shape reads the shape off a hello. Nothing when no version that OpenSSL has is offered.
std::optional<HelloShape> hello_shape(const inspect::ClientHello& hello);

/// shape_key is equal for equal shapes: the bytes of all fields but ALPN, which is set per
/// connection.
std::string shape_key(const HelloShape& shape);

}  // namespace visavis::proxy

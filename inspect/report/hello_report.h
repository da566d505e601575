#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/codepoint/code_point.h"

namespace visavis::inspect {

/// ExtensionReport is one extension with its body in words, where our parser knows it.
struct ExtensionReport {
  CodePoint type;
  std::string value;  ///< "ocsp", "zlib, brotli", "16385" ...; empty: an empty body

  friend bool operator==(const ExtensionReport&, const ExtensionReport&) = default;
};

/// ClientHelloReport is the JSON contract's HELLO.
struct ClientHelloReport {
  CodePoint record_version;
  CodePoint legacy_version;
  std::string random;      ///< hex
  std::string session_id;  ///< hex
  std::vector<CodePoint> ciphers;
  std::vector<int> compression;
  std::vector<CodePoint> extensions;
  std::optional<std::string> sni;
  std::optional<std::vector<CodePoint>> supported_versions;
  std::optional<std::vector<CodePoint>> groups;
  std::optional<std::vector<CodePoint>> sig_algs;
  std::optional<std::vector<int>> ec_point_formats;
  std::optional<std::vector<std::string>> alpn;
  std::optional<std::vector<CodePoint>> key_share_groups;
  std::optional<int> session_ticket_len;
  int psk_identities = 0;
  /// Beyond the contract's fields: the extensions that have no field of their own, decoded.
  std::vector<ExtensionReport> extension_values{};
  std::uint32_t length = 0;             ///< the handshake message's length field
  std::vector<std::uint32_t> segments;  ///< TCP payload sizes in which the hello arrived
  bool segments_exact = false;
  bool sslv2 = false;
  std::string ja3;
  std::string ja3_full;
  std::string ja4;

  friend bool operator==(const ClientHelloReport&, const ClientHelloReport&) = default;
};

struct ServerHelloReport {
  CodePoint legacy_version;
  CodePoint version;  ///< the chosen one: selected_version where present
  std::string random;
  std::string session_id;
  CodePoint cipher;
  int compression = 0;
  std::vector<CodePoint> extensions;
  std::optional<CodePoint> key_share_group;
  std::optional<std::string> alpn;
  std::string ja3s;
  std::vector<ExtensionReport> extension_values;  ///< beyond the contract's fields, as in a HELLO

  friend bool operator==(const ServerHelloReport&, const ServerHelloReport&) = default;
};

}  // namespace visavis::inspect

#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace visavis::proxy {

/// OpensslSuites are suites as OpenSSL's two configuration strings; what OpenSSL does not have is
/// left out, and what takes a pre-shared key or password (PSK, SRP), which only the client has.
struct OpensslSuites {
  std::string up_to_tls12;  ///< colon-separated; may be empty
  std::string tls13;
};
OpensslSuites openssl_suites(const std::vector<std::uint16_t>& suites);

/// openssl_groups and openssl_signature_schemes return colon-separated lists of those that OpenSSL
/// knows: one unknown name makes its list functions fail as a whole. Empty when it knows none.
std::string openssl_groups(const std::vector<std::uint16_t>& groups);
std::string openssl_signature_schemes(const std::vector<std::uint16_t>& schemes);

}  // namespace visavis::proxy

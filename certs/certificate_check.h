#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// check_certificate returns what is wrong with a certificate by itself, in the words of
/// ChainVerdict::certificate_problems: its dates at `now_s`, its key and the
/// key's strength, its signature's
/// digest (not that of a self-signed one, which proves nothing).
[[nodiscard]] std::vector<std::string> check_certificate(const x509_st& certificate,
                                                         bool self_signed, std::int64_t now_s);

/// objection_word returns the word for an X509_V_ERR_… code that is about one certificate, else "".
[[nodiscard]] std::string_view objection_word(int code);

/// cannot_sign_handshakes returns whether the leaf's keyUsage is there and lacks digitalSignature:
/// such a certificate serves static RSA suites only. Source: RFC 5246 7.4.2, RFC 8446 4.4.2.2.
[[nodiscard]] bool cannot_sign_handshakes(x509_st& leaf);

/// named_by_common_name_only returns whether the leaf is for the DNS name only by its CN, which
/// browsers no longer read (RFC 9525 2; OpenSSL still does).
[[nodiscard]] bool named_by_common_name_only(x509_st& leaf, const std::string& dns_name);

}  // namespace visavis::certs

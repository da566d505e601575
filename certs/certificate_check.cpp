#include "certs/certificate_check.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "certs/openssl_error.h"
#include "certs/unix_time.h"

namespace visavis::certs {
namespace {

// NIST SP 800-57 part 1, 5.6.1: what is below may no longer protect. RSA 2048 and SHA-224 have 112
// bits.
constexpr int kMinSecurityBits = 112;

void check_dates(const X509& certificate, std::int64_t now_s, std::vector<std::string>& words) {
  const auto not_before_s = unix_seconds(X509_get0_notBefore(&certificate));
  const auto not_after_s = unix_seconds(X509_get0_notAfter(&certificate));
  if (!not_before_s || !not_after_s) words.emplace_back("bad-time");
  if (not_before_s && *not_before_s > now_s) words.emplace_back("not-yet-valid");
  // RFC 5280 4.1.2.5 counts the last second in; OpenSSL (X509_cmp_time) does not, and we agree with
  // it.
  if (not_after_s && *not_after_s <= now_s) words.emplace_back("expired");
}

void check_key(const EVP_PKEY* key, std::vector<std::string>& words) {
  if (key == nullptr) {
    words.emplace_back("unsupported-key");
    return;
  }
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) ==
          1 &&
      is_explicit == 1)
    words.emplace_back("explicit-curve");
  if (EVP_PKEY_get_security_bits(key) < kMinSecurityBits) words.emplace_back("weak-key");
}

}  // namespace

std::vector<std::string> check_certificate(const x509_st& certificate, bool self_signed,
                                           std::int64_t now_s) {
  const ErrorMark mark;
  std::vector<std::string> words;
  check_dates(certificate, now_s, words);
  check_key(X509_get0_pubkey(&certificate), words);
  int security_bits = 0;
  if (!self_signed &&
      X509_get_signature_info(const_cast<X509*>(&certificate), nullptr, nullptr, &security_bits,
                              nullptr) == 1 &&
      security_bits < kMinSecurityBits)
    words.emplace_back("weak-signature");
  return words;
}

std::string_view objection_word(int code) {
  switch (code) {
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
      return "bad-time";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "bad-signature";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "name-mismatch";
    case X509_V_ERR_INVALID_PURPOSE:
      return "wrong-usage";
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      return "not-a-ca";
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return "path-length";
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return "name-constraint";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return "critical-extension";
    case X509_V_ERR_INVALID_EXTENSION:
    case X509_V_ERR_INVALID_POLICY_EXTENSION:
      return "bad-extension";
    default:
      return {};
  }
}

bool cannot_sign_handshakes(x509_st& leaf) {
  const ErrorMark mark;
  // Without the extension every bit is set.
  return (X509_get_key_usage(&leaf) & KU_DIGITAL_SIGNATURE) == 0;
}

bool named_by_common_name_only(x509_st& leaf, const std::string& dns_name) {
  const ErrorMark mark;
  constexpr unsigned kWithCommonName = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  constexpr unsigned kWithout = kWithCommonName | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  const auto matches = [&](unsigned flags) {
    return X509_check_host(&leaf, dns_name.data(), dns_name.size(), flags, nullptr) == 1;
  };
  return matches(kWithCommonName) && !matches(kWithout);
}

}  // namespace visavis::certs

#include "inspect/findings/cipher_offer.h"

#include <algorithm>

#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/finding.h"
#include "inspect/findings/key_exchange.h"

namespace visavis::inspect {
namespace {

bool is_real(const CodePoint& suite) {
  return suite.name != "GREASE" && !suite.name.view().ends_with("_SCSV");
}

/// Suites of TLS 1.3 name neither key exchange nor certificate: 0x13 is their first byte.
bool is_tls13_suite(const CodePoint& suite) { return suite.id >> 8 == 0x13; }

bool has(const CodePoint& suite, std::string_view part) {
  return suite.name.view().find(part) != std::string_view::npos;
}

/// What the server's certificate must be for the offered suites. RFC 5246 7.4.2.
struct CertificateKinds {
  bool rsa = false;
  bool ecdsa = false;
  bool any = false;  ///< TLS 1.3, or a suite that we don't know
};

CertificateKinds kinds_of(const std::vector<CodePoint>& suites) {
  CertificateKinds kinds;
  for (const CodePoint& suite : suites) {
    const bool ecdsa = has(suite, "_ECDSA_");
    const bool rsa = has(suite, "RSA_") && !ecdsa;
    kinds.ecdsa = kinds.ecdsa || ecdsa;
    kinds.rsa = kinds.rsa || rsa;
    kinds.any = kinds.any || is_tls13_suite(suite) || (!rsa && !ecdsa);
  }
  return kinds;
}

std::string certificate_reason(const CertificateKinds& kinds) {
  if (kinds.any || kinds.rsa == kinds.ecdsa) return "a certificate of another key type";
  return kinds.rsa ? "a backend whose only certificate is ECDSA, while every offered suite needs "
                     "an RSA one"
                   : "a backend whose only certificate is RSA, while every offered suite needs an "
                     "ECDSA one";
}

/// Suites in which the client encrypts to the server's RSA key need neither group nor signature.
/// RFC 5246 7.4.3.
bool needs_signature(const CodePoint& suite) {
  return !suite.name.view().starts_with("TLS_RSA_WITH_") &&
         !suite.name.view().starts_with("TLS_RSA_EXPORT");
}

bool offers_tls12(const ClientHelloReport& hello) {
  return hello.supported_versions || hello.legacy_version.id >= kTls12.value;
}

std::string scheme_reason(const ClientHelloReport& hello) {
  constexpr std::size_t kMost = 4;
  if (hello.sig_algs)
    return "no signature scheme in common (" + listed(*hello.sig_algs, kMost) + ")";
  if (offers_tls12(hello))
    return "no signature_algorithms in the hello, which stands for SHA-1 and is barred in many "
           "places";
  return "SHA-1 and MD5 signatures, all that TLS 1.1 and older have, which are barred in many "
         "places";
}

}  // namespace

std::vector<CodePoint> real_suites(const ClientHelloReport& hello) {
  std::vector<CodePoint> suites;
  std::copy_if(hello.ciphers.begin(), hello.ciphers.end(), std::back_inserter(suites), is_real);
  return suites;
}

bool offers_suite(const ClientHelloReport& hello, const CodePoint& suite) {
  return std::any_of(hello.ciphers.begin(), hello.ciphers.end(),
                     [&suite](const CodePoint& offered) { return offered.id == suite.id; });
}

std::vector<CodePoint> missing_suites(const ClientHelloReport& client,
                                      const ClientHelloReport& proxy) {
  std::vector<CodePoint> missing;
  for (const CodePoint& suite : client.ciphers)
    if (is_real(suite) && !offers_suite(proxy, suite)) missing.push_back(suite);
  return missing;
}

bool offers_tls13(const ClientHelloReport& hello) {
  if (!hello.supported_versions) return false;
  return std::any_of(hello.supported_versions->begin(), hello.supported_versions->end(),
                     [](const CodePoint& version) {
                       return version.id == kTls13.value || version.id >> 8 == 0x7f;  // drafts
                     });
}

std::string other_reasons(const ClientHelloReport& hello) {
  constexpr std::size_t kMost = 4;
  const std::vector<CodePoint> suites = real_suites(hello);
  // Most of these suites ask for no certificate, curve or signature: RFC 4279 2 and 3.
  if (only_key_exchange(hello) == KeyExchange::pre_shared)
    return " The alert itself does not say what did not fit.";
  std::string text =
      " The alert does not say what did not fit: no suite in common is the usual reason; others "
      "are " +
      certificate_reason(kinds_of(suites)) + "; ";
  if (std::any_of(suites.begin(), suites.end(), needs_signature)) {
    if (hello.groups) text += "no group in common (" + listed(*hello.groups, kMost) + "); ";
    text += scheme_reason(hello) + "; ";
  }
  text += hello.sni ? "no site for the name '" + *hello.sni + "'"
                    : "the missing server name (SNI), where the backend has certificates for "
                      "names only";
  text += "; or a backend without certificates, that has pre-shared keys (PSK) only";
  return text + '.';
}

}  // namespace visavis::inspect

#include <algorithm>

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// What the key has to do in the handshake that was agreed on, and its certificate does not allow.
struct Misuse {
  std::string_view bit;   ///< of keyUsage
  std::string_view work;  ///< in words
  std::string_view java;
};
constexpr Misuse kSigning{"digitalSignature", "sign the key exchange",
                          "ValidatorException: KeyUsage does not allow digital signatures"};
constexpr Misuse kDecryption{"keyEncipherment", "decrypt the client's premaster secret",
                             "ValidatorException: KeyUsage does not allow key encipherment"};

bool allows(const CertificateReport& leaf, std::string_view bit) {
  if (leaf.key_usages.empty()) return true;  // no extension: everything
  return std::find(leaf.key_usages.begin(), leaf.key_usages.end(), bit) != leaf.key_usages.end();
}

const Misuse* find_misuse(const LegReport& leg) {
  if (!leg.server_hello) return nullptr;
  constexpr std::uint32_t kTls13 = 0x0304;
  const CertificateReport& leaf = leg.certificates.front();
  const std::string_view suite = leg.server_hello->cipher.name;
  const bool signs = leg.server_hello->version.id >= kTls13 || suite.starts_with("TLS_ECDHE_") ||
                     suite.starts_with("TLS_DHE_");
  if (signs && has_word(leaf, "no-digital-signature")) return &kSigning;
  if (suite.starts_with("TLS_RSA_WITH_") && !allows(leaf, kDecryption.bit)) return &kDecryption;
  return nullptr;
}

}  // namespace

/// OpenSSL does not check it, browsers and Java do: one works and the other not. A certificate
/// that is for nothing that a server does is wrong-usage's.
std::optional<FindingReport> diagnose_key_usage(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  if (is_unreadable(leg.certificates.front())) return std::nullopt;
  const Misuse* misuse = find_misuse(leg);
  if (misuse == nullptr || has_word(leg.certificates.front(), "wrong-usage")) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.title = "The backend's certificate does not allow the key exchange that was agreed on (" +
                  std::string(misuse->bit) + " is missing)";
  finding.cause = "With " + leg.server_hello->cipher.name + " the backend's key has to " +
                  std::string(misuse->work) + ", and the key usage of " +
                  certificate_words(leg, 0) + " lacks " + std::string(misuse->bit) +
                  ". Chrome, Firefox, Java and GnuTLS refuse that; OpenSSL (curl, Python, Node) "
                  "does not look at it, so it works there.";
  finding.expected = "a key usage with " + std::string(misuse->bit) + ", or none";
  finding.presented = leg.certificates.front().key_usages.empty()
                          ? "a key usage without it"
                          : "the key usage " + listed(leg.certificates.front().key_usages, 9);
  finding.remedy =
      "Have the certificate issued with keyUsage digitalSignature (and keyEncipherment for an RSA "
      "key that still has to do static RSA), the usual for servers. Until then the backend can be "
      "kept to suites that the certificate allows: " +
      std::string(misuse == &kSigning
                      ? "static RSA in TLS 1.2 (nginx: ssl_ciphers AES128-GCM-SHA256), which "
                        "modern clients may not offer."
                      : "ECDHE (nginx: ssl_ciphers ECDHE+AESGCM).");
  finding.codes.hresult = "0x800b0110";
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_SSL_KEY_USAGE_INCOMPATIBLE";
  finding.codes.firefox = "SEC_ERROR_INADEQUATE_KEY_USAGE";
  finding.codes.java = misuse->java;
  finding.source = "RFC 5246 7.4.2, RFC 8446 4.4.2.2, RFC 5280 4.2.1.3";
  return finding;
}

}  // namespace visavis::inspect

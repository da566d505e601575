#include <charconv>

#include "inspect/codepoint/alert.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// The size in "RSA 1024"; 0 where there is none.
int bits_of(std::string_view key) {
  int bits = 0;
  const std::size_t space = key.find(' ');
  if (space == std::string_view::npos) return 0;
  std::from_chars(key.data() + space + 1, key.data() + key.size(), bits);
  return bits;
}

/// RSA of 1024 to 2047 bits is refused by some only; whatever else is weak, by all.
bool is_refused_by_all(const CertificateReport& certificate) {
  constexpr int kSmallestEverywhere = 1024;
  return !certificate.key.starts_with("RSA") || bits_of(certificate.key) < kSmallestEverywhere;
}

}  // namespace

/// Below 112 bits of strength (NIST SP 800-57), which is what OpenSSL's security level 2 asks for.
std::optional<FindingReport> diagnose_weak_key(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const auto positions = path_with(leg, "weak-key");
  if (positions.empty()) return std::nullopt;
  const CertificateReport& worst = leg.certificates[positions.front()];
  FindingReport finding = chain_finding(side);
  if (!is_refused_by_all(worst)) finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  confirm(finding, side, kBadCertificate.value);
  finding.title = "A certificate of the backend has a weak key (" + worst.key + ")";
  finding.cause = capitalized(list_certificates(leg, positions)) + " has a key of " + worst.key +
                  (is_refused_by_all(worst)
                       ? ", which browsers, OpenSSL and Java refuse."
                       : " bits. OpenSSL refuses it at security level 2, the default of Debian, "
                         "Ubuntu, Fedora and Red Hat (so curl, Python, PHP, Ruby and wget there), "
                         "and browsers refuse it under a public root; OpenSSL's own default, level "
                         "1, Java and GnuTLS take it.") +
                  leaf_is_fine(leg, positions);
  finding.expected = "RSA of 2048 bits or more, or an elliptic curve such as P-256";
  finding.presented = list_certificates(leg, positions) + ", " + worst.key;
  finding.remedy =
      "Make a new key (openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048; Windows: "
      "certreq with KeyLength=2048) and have a certificate issued for it. A CA's weak key means a "
      "new CA. A client on OpenSSL can be told to take it until then: @SECLEVEL=1 in its cipher "
      "list.";
  finding.codes.alert = kBadCertificate.value;
  finding.codes.x509 =
      positions.front() == 0 ? "X509_V_ERR_EE_KEY_TOO_SMALL" : "X509_V_ERR_CA_KEY_TOO_SMALL";
  finding.codes.hresult = "0x80096004";
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_WEAK_KEY";
  finding.codes.firefox = "MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE";
  finding.codes.java =
      "CertPathValidatorException: Algorithm constraints check failed on keysize limits";
  finding.source = "NIST SP 800-57 part 1, 5.6; CA/Browser Forum Baseline Requirements 6.1.5";
  return finding;
}

}  // namespace visavis::inspect

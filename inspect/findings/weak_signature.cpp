#include "inspect/codepoint/alert.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A certificate's own signature, by its issuer. That of a root is never looked at: it is trusted
/// for being there.
std::optional<FindingReport> diagnose_weak_signature(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const auto positions = path_with(leg, "weak-signature");
  if (positions.empty()) return std::nullopt;
  const std::string& algorithm = leg.certificates[positions.front()].signature;
  FindingReport finding = chain_finding(side);
  confirm(finding, side, kBadCertificate.value);
  finding.title = "A certificate of the backend is signed with a broken hash (" + algorithm + ")";
  finding.cause = capitalized(list_certificates(leg, positions)) + " is signed with " + algorithm +
                  ". OpenSSL 3 refuses SHA-1 and MD5 at security level 1, its default; Chrome and "
                  "Firefox refuse them, too. Java 17 takes SHA-1 under a root that was added by "
                  "hand, and older clients know nothing else." +
                  leaf_is_fine(leg, positions);
  finding.expected = "signatures with SHA-256 or better on all certificates but the root";
  finding.presented = list_certificates(leg, positions) + ", " + algorithm;
  finding.remedy =
      "Have the certificate issued again by a CA that signs with SHA-256 (AD CS: certutil -setreg "
      "ca\\csp\\CNGHashAlgorithm SHA256, then restart the service; OpenSSL: -sha256). An "
      "intermediate is replaced by the CA's current one. A client on OpenSSL can be told to take "
      "it until then: @SECLEVEL=0 in its cipher list.";
  finding.codes.alert = kBadCertificate.value;
  finding.codes.x509 = "X509_V_ERR_CA_MD_TOO_WEAK";
  finding.codes.hresult = "0x80096004";
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_WEAK_SIGNATURE_ALGORITHM";
  finding.codes.firefox = "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED";
  finding.codes.java = "CertPathValidatorException: Algorithm constraints check failed";
  finding.source = "RFC 9155, RFC 6151, RFC 5280 4.1.1.2";
  return finding;
}

}  // namespace visavis::inspect

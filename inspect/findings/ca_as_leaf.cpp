#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// `openssl req -x509` makes such certificates unless told otherwise. Of one that nobody trusts
/// anyway, self-signed says what has to be said.
std::optional<FindingReport> diagnose_ca_as_leaf(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const CertificateReport& leaf = leg.certificates.front();
  if (!leaf.ca || has_word(leaf, "self-signed")) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  if (finding.severity == severity::kError) finding.confidence = confidence::kLikely;
  finding.title = "The backend's own certificate is that of a CA";
  finding.cause = "The basic constraints of " + certificate_words(leg, 0) +
                  " say CA:TRUE: with the key of this server anybody's certificate can be signed. "
                  "Firefox refuses a CA's certificate as a server's "
                  "(MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY); OpenSSL, Java and Chrome take "
                  "it.";
  finding.expected = "a certificate with CA:FALSE, issued by a CA";
  finding.presented = "'" + leaf.subject + "' with CA:TRUE";
  finding.remedy =
      "Have a certificate for the server issued (openssl req -x509 -addext "
      "basicConstraints=critical,CA:FALSE where it is to be self-signed; better is one issued by "
      "the CA), and keep the CA's key off the server.";
  finding.codes.x509 = "X509_V_ERR_INVALID_NON_CA";
  finding.codes.hresult = "0x800b0103";
  finding.codes.firefox = "MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY";
  finding.source = "RFC 5280 4.2.1.9";
  return finding;
}

}  // namespace visavis::inspect

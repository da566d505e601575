#include "inspect/codepoint/alert.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// The leaf signed itself and is in no store of ours. It is not the same cause as a chain whose
/// root nobody knows: there, a CA exists that could be trusted.
std::optional<FindingReport> diagnose_self_signed(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const LegReport& leg = *side.leg;
  constexpr std::string_view kCode = "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT";
  const CertificateReport& leaf = leg.certificates.front();
  if (chain_problem(leg, kCode) == nullptr && !has_word(leaf, "self-signed")) return std::nullopt;

  FindingReport finding = chain_finding(side);
  // A client may have been given this very certificate: our store can't know.
  finding.confidence = confidence::kLikely;
  confirm(finding, side, kUnknownCa.value);
  finding.title = "The backend's certificate is self-signed";
  finding.cause = "The certificate '" + leaf.subject +
                  "' is its own issuer and is not in the trust store: no CA vouches for it. Every "
                  "client refuses it but those to which it was given by hand." +
                  other_stores(leg);
  finding.expected = "a certificate issued by a CA that the clients trust";
  finding.presented = "a self-signed certificate '" + leaf.subject + "', SHA-256 " + leaf.sha256;
  finding.remedy =
      "Have a certificate issued by a CA that the clients trust, and bind it (IIS: choose it in "
      "the site's https binding; a self-signed one is what IIS makes for tests). Where it has to "
      "stay, give it to each client (Windows: certutil -addstore Root FILE; Java: keytool "
      "-importcert; curl: --cacert; Node: NODE_EXTRA_CA_CERTS) and to visavis (--trust FILE).";
  finding.codes.alert = kUnknownCa.value;
  finding.codes.x509 = kCode;
  finding.codes.hresult = "0x800b0109";
  finding.codes.schannel_event = 36882;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT";
  finding.codes.java =
      "PKIX path building failed: unable to find valid certification path to requested target";
  finding.source = "RFC 5280 6.1";
  return finding;
}

}  // namespace visavis::inspect

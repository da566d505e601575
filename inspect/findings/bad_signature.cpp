#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

// RFC 8446 6.2 and RFC 5246 7.2.2: what OpenSSL's clients send for it; GnuTLS says 42.
constexpr std::uint32_t kDecryptError = 51;

/// The client's own word for it. Where its TLS ends here, it judged another certificate.
void confirm_by_alert(FindingReport& finding, const LegSide& side) {
  const AlertReport* alert = side.direct() ? fatal_alert(*side.leg, "client") : nullptr;
  if (alert == nullptr) return;
  if (alert->description.id == kDecryptError) {
    add_alert_evidence(finding, side, *alert);
    finding.judged_by = judged_by::kClientAlert;
  }
  confirm(finding, side, kBadCertificate.value);
}

}  // namespace

/// A certificate that its issuer, found by name and key identifier, did not sign so. Altered bytes
/// and a second CA of the same name look alike from here, and both are said.
std::optional<FindingReport> diagnose_bad_signature(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const LegReport& leg = *side.leg;
  const ChainProblemReport* problem = chain_problem(leg, "X509_V_ERR_CERT_SIGNATURE_FAILURE");
  if (problem == nullptr) return std::nullopt;
  const auto positions = path_with(leg, "bad-signature");
  const std::string who = describe_objection(leg, positions);
  FindingReport finding = chain_finding(side);
  confirm_by_alert(finding, side);
  finding.title = "The signature on a certificate of the backend's chain is wrong";
  finding.cause = capitalized(who) +
                  " names an issuer whose certificate is there, and that issuer's key did "
                  "not make the signature on it. Either the certificate was altered after "
                  "it was issued (a damaged file, a device on the way), or the issuer's "
                  "certificate is that of another key under the same name, as after a CA "
                  "was set up anew." +
                  leaf_is_fine(leg, positions) + other_stores(leg);
  finding.expected = "certificates that their issuers' keys signed";
  finding.presented = who + ", at depth " + std::to_string(problem->depth);
  if (!positions.empty()) {
    const CertificateReport& certificate = leg.certificates[positions.front()];
    finding.presented += ", issuer '" + certificate.issuer + "', SHA-256 " + certificate.sha256;
  }
  finding.remedy =
      "Install the certificate again from the file that the CA issued, and with it the CA "
      "certificate that belongs to it: `openssl verify -CAfile ROOT -untrusted INTERMEDIATES FILE` "
      "says nothing but OK when they fit. Where the CA was set up anew, have the certificate "
      "issued again by the new one, and take the old CA certificate of that name out of the "
      "backend's chain and out of the clients' stores.";
  finding.codes.alert = kDecryptError;
  finding.codes.x509 = problem->code;
  finding.codes.hresult = problem->hresult;
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = "SEC_ERROR_BAD_SIGNATURE";
  finding.codes.java = "CertPathValidatorException: signature check failed";
  finding.source = "RFC 5280 6.1.3";
  return finding;
}

}  // namespace visavis::inspect

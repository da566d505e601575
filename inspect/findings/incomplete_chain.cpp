#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// The chain as sent ends at a certificate whose issuer is neither sent nor in the trust store. We
/// can't see whether that issuer is an intermediate that the backend forgot or a private root that
/// our store lacks: hence likely, not proven, and both are said.
std::optional<FindingReport> diagnose_incomplete_chain(const SessionReport& session) {
  const auto& leg = session.backend_leg ? session.backend_leg : session.direct_leg;
  if (!leg || !leg->chain || leg->chain->trusted || !leg->chain->missing_issuer)
    return std::nullopt;
  if (leg->certificates.empty()) return std::nullopt;
  const std::string_view leg_name = session.backend_leg ? "backend_leg" : "direct_leg";
  const std::size_t sent = leg->certificates.size();

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend's certificate chain is incomplete: the issuer is not sent";
  finding.cause = "The backend sent " + std::to_string(sent) +
                  (sent == 1 ? " certificate" : " certificates") + "; the issuer '" +
                  *leg->chain->missing_issuer +
                  "' is neither among them nor in the trust store. Browsers often fetch it (AIA) "
                  "or have it cached "
                  "and work; curl, OpenSSL, Java, Python, Go and .NET on Linux fail.";
  finding.expected =
      "the certificate of '" + *leg->chain->missing_issuer + "' in the Certificate message";
  finding.presented = "a chain that ends at '" + leg->certificates.back().subject + "'";
  finding.remedy =
      "Install the intermediate certificate on the backend (IIS: the Intermediate Certification "
      "Authorities store of "
      "the computer; nginx: append it to ssl_certificate; Apache: SSLCertificateFile). If that "
      "issuer is a private "
      "root, give it to visavis with --trust FILE.";
  if (const EventReport* message = first_event(*leg, "message", "Certificate"))
    finding.evidence.push_back(evidence_of(leg_name, *message,
                                           "Certificate message with " + std::to_string(sent) +
                                               (sent == 1 ? " certificate" : " certificates")));
  finding.codes.x509 = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  finding.codes.hresult = "0x800b010a";
  finding.codes.schannel_event = 36882;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = "SEC_ERROR_UNKNOWN_ISSUER";
  finding.codes.java =
      "PKIX path building failed: unable to find valid certification path to requested target";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect

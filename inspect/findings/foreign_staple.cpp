#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// What is wrong with the staple; empty: nothing.
std::string what_is_wrong(const StapledOcspReport& stapled) {
  const bool answered =
      stapled.status == "good" || stapled.status == "revoked" || stapled.status == "unknown";
  if (stapled.status == "unreadable") return "can't be read";
  if (!answered) return "is a responder's error (" + stapled.status + ") instead of an answer";
  if (!stapled.for_this_certificate) return "is about another certificate";
  if (stapled.signature_ok == false) return "is not signed by the issuer, nor by one of its own";
  if (stapled.status == "unknown") return "says that the responder does not know the certificate";
  return {};
}

}  // namespace

/// After a renewal the old certificate's response is still in the cache, or in a file.
std::optional<FindingReport> diagnose_foreign_staple(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || !side.leg->stapled_ocsp) return std::nullopt;
  const std::string wrong = what_is_wrong(*side.leg->stapled_ocsp);
  if (wrong.empty()) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  finding.title = "The backend staples an OCSP response that " + wrong;
  finding.cause =
      "The response sent along with the backend's certificate '" +
      side.leg->certificates.front().subject + "' " + wrong +
      ". Firefox and GnuTLS refuse such a connection, and so does curl --cert-status; Chrome, "
      "OpenSSL and Java ignore it. Typical after a renewal: the file or the cache still "
      "has the old certificate's response.";
  finding.expected = "the issuer's answer about this certificate, or none";
  finding.presented = "a response that " + wrong;
  finding.remedy =
      "Have the backend fetch its response again: restart it after a renewal (nginx and Apache "
      "keep "
      "it in memory), replace the file of nginx's ssl_stapling_file or HAProxy's .ocsp, check with "
      "openssl s_client -status. As a stopgap, switch stapling off.";
  finding.codes.firefox = "SEC_ERROR_OCSP_MALFORMED_RESPONSE";
  if (!side.leg->stapled_ocsp->for_this_certificate || side.leg->stapled_ocsp->status == "unknown")
    finding.codes.firefox = "SEC_ERROR_OCSP_UNKNOWN_CERT";
  finding.codes.x509 = "X509_V_ERR_OCSP_VERIFY_FAILED";
  finding.codes.hresult = "0x80092014";
  finding.source = "RFC 6960 3.2 and 4.2.2.2, RFC 6066 8";
  return finding;
}

}  // namespace visavis::inspect

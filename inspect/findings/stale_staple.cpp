#include "inspect/findings/certificate_dates.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Clocks of responder, backend and client differ; an answer from just now is none from the future.
constexpr std::int64_t kClockSkew = 300;

/// What is wrong with the answer's dates; empty: nothing.
std::string what_is_wrong(const StapledOcspReport& stapled, const SessionReport& session) {
  const auto now = parse_time(session.started);
  const auto begin = parse_time(stapled.this_update);
  if (!now || !begin) return {};
  if (stapled.next_update) {
    const auto end = parse_time(*stapled.next_update);
    if (end && *end < *now)
      return "was good until " + *stapled.next_update + ", " + duration_words(*now - *end) + " ago";
  }
  if (*begin > *now + kClockSkew)
    return "is good only from " + stapled.this_update + ", in " + duration_words(*begin - *now);
  return {};
}

}  // namespace

/// The backend fetched it once, and could not since: firewall, DNS, a responder that is gone.
std::optional<FindingReport> diagnose_stale_staple(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || !side.leg->stapled_ocsp || side.leg->certificates.empty()) return std::nullopt;
  const StapledOcspReport& stapled = *side.leg->stapled_ocsp;
  const std::string wrong = what_is_wrong(stapled, session);
  if (wrong.empty() || !stapled.for_this_certificate) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  finding.title = "The backend staples an OCSP response that is out of date";
  finding.cause =
      "The stapled response about the backend's certificate " + wrong + ' ' + clock_words(session) +
      ". Firefox refuses the connection (SEC_ERROR_OCSP_OLD_RESPONSE), and so do GnuTLS "
      "and curl --cert-status; Chrome, OpenSSL and Java ignore it.";
  finding.expected = "a response that is good at " + session.started + ", or none";
  finding.presented = "one that " + wrong;
  finding.remedy =
      "Let the backend reach the CA's OCSP responder (the URL is in the certificate: openssl x509 "
      "-ocsp_uri), and mind its clock. nginx: resolver and ssl_stapling_file; Apache: "
      "SSLStaplingReturnResponderErrors off; IIS: event 36928 tells why it failed. As a stopgap, "
      "switch stapling off.";
  finding.codes.firefox = "SEC_ERROR_OCSP_OLD_RESPONSE";
  finding.codes.x509 = "X509_V_ERR_OCSP_VERIFY_FAILED";
  finding.codes.hresult = "0x80092013";
  finding.source = "RFC 6960 4.2.2.1, RFC 6066 8";
  return finding;
}

}  // namespace visavis::inspect

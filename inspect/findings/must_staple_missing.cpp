#include <algorithm>

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kStatusRequest = 5;  // RFC 6066 8

/// A server staples only to those who ask.
bool was_asked_for(const LegReport& leg) {
  if (!leg.client_hello) return false;
  const auto& extensions = leg.client_hello->extensions;
  return std::any_of(extensions.begin(), extensions.end(),
                     [](const CodePoint& each) { return each.id == kStatusRequest; });
}

}  // namespace

std::optional<FindingReport> diagnose_must_staple_missing(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  if (!leg.certificates.front().must_staple || leg.stapled_ocsp_bytes || !was_asked_for(leg))
    return std::nullopt;
  // Up to TLS 1.2 the response is a message of its own behind the Certificate: it may not have
  // come.
  if (leg.outcome != "established" && !client_objected(side)) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  finding.title = "The backend's certificate demands a stapled OCSP response, and none is sent";
  finding.cause = "The certificate '" + leg.certificates.front().subject +
                  "' has the TLS feature status_request (OCSP must-staple), the client asked for a "
                  "response, and the backend sent none. Firefox and GnuTLS refuse that "
                  "(MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING); Chrome, OpenSSL and Java do "
                  "not look at the feature.";
  finding.expected = "a CertificateStatus with the issuer's OCSP response";
  finding.presented = "a certificate with must-staple, and no response";
  finding.remedy =
      "Switch stapling on (nginx: ssl_stapling on, with a resolver; the first answers after a "
      "start "
      "have none there: use ssl_stapling_file; Apache: SSLUseStapling; HAProxy: an .ocsp file; "
      "IIS: "
      "by default, when it reaches the responder), or have the certificate issued without "
      "must-staple. Several CAs have shut their OCSP responders down: then only the latter is "
      "left.";
  finding.codes.firefox = "MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING";
  finding.source = "RFC 7633 4";
  return finding;
}

}  // namespace visavis::inspect

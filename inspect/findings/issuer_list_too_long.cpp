#include <algorithm>

#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// A record's plaintext, and the limit of SChannel's list of trusted issuers (KB2801679).
constexpr std::uint64_t kOneRecord = 1U << 14;
/// What SChannel and Java take of one handshake message by default, as clients: 0x8000 bytes.
constexpr std::uint64_t kMostClientsTake = 1U << 15;
/// SChannel cuts its list there: a request just below that, with hundreds of issuers, has lost
/// some.
constexpr std::uint64_t kNearly = kOneRecord - 512;

const EventReport* request_of(const LegReport& leg) {
  return first_event(leg, "message", "CertificateRequest", "backend");
}

/// True when the one who was asked broke off or came without a certificate.
bool went_wrong(const SessionReport& session, const LegReport& leg) {
  const bool none = leg.client_certificates && leg.client_certificates->empty();
  const bool shown = session.client_leg && session.client_leg->client_certificates &&
                     !session.client_leg->client_certificates->empty();
  return leg.outcome != "established" || has_fatal_alert(leg) || (none && !shown);
}

}  // namespace

/// Windows' server sends every root that it trusts as an issuer unless told not to.
std::optional<FindingReport> diagnose_issuer_list_too_long(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->certificate_request) return std::nullopt;
  const LegReport& leg = *side.leg;
  const EventReport* request = request_of(leg);
  if (request == nullptr || request->length < kNearly) return std::nullopt;
  const std::uint64_t bytes = request->length;
  const bool cut = bytes <= kOneRecord;
  if (cut && !went_wrong(session, leg)) return std::nullopt;
  const std::string issuers = count_of(leg.certificate_request->issuers_total, "issuer");

  FindingReport finding;
  const bool refused = fatal_alert(leg, side.client) != nullptr;
  finding.severity = refused && !cut ? severity::kError : severity::kWarning;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = refused && side.direct() ? judged_by::kClientAlert : judged_by::kProxyCheck;
  finding.title = cut ? "The backend's list of issuers is as long as Windows lets it be: some are "
                        "probably missing"
                      : "The backend names so many issuers that its CertificateRequest does not "
                        "fit one record";
  finding.cause =
      "The CertificateRequest has " + std::to_string(bytes) + " bytes and names " + issuers + ". ";
  if (cut)
    finding.cause +=
        "SChannel cuts its list of trusted issuers at 16 KB (events 36885 and 36887 on the server; "
        "KB931125 of December 2012 put more than 330 roots there): the issuer of the client's "
        "certificate may be among those left out, and the client then sends none, or a wrong one.";
  else
    finding.cause +=
        "It goes over several records (16384 bytes each), which old clients refuse with alert 10 "
        "or 47" +
        std::string(bytes > kMostClientsTake
                        ? "; and it is longer than what SChannel and Java take of one message by "
                          "default (32 KiB), so that Windows and Java clients fail"
                        : "; Java and SChannel take up to 32 KiB") +
        '.';
  finding.expected = "a CertificateRequest that fits one record: at most 16384 bytes";
  finding.presented = std::to_string(bytes) + " bytes, " + issuers;
  finding.remedy =
      "Name only the issuers of your clients' certificates. Windows: SendTrustedIssuerList=0 under "
      "SCHANNEL, or a list of its own for the binding (netsh http add sslcert ... "
      "sslctlstorename=ClientAuthIssuer), or remove roots that nobody needs; nginx: a smaller "
      "ssl_client_certificate and the rest in ssl_trusted_certificate; Apache: "
      "SSLCADNRequestFile. A Java client can be told to take more: "
      "-Djdk.tls.maxHandshakeMessageSize.";
  finding.evidence.push_back(
      evidence_of(side.name, *request,
                  "CertificateRequest of " + std::to_string(bytes) + " bytes with " + issuers));
  if (refused) add_alert_evidence(finding, side, *fatal_alert(leg, side.client));
  finding.codes.schannel_event = 36885;
  finding.codes.chrome = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
  finding.source = "RFC 8446 4.2.4 and 5.1; RFC 5246 7.4.4; KB2801679";
  return finding;
}

}  // namespace visavis::inspect

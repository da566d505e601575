#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/client_refusal.h"
#include "inspect/findings/rule.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {
namespace {

constexpr LegSide side_of(const LegReport& leg) { return {&leg, "client_leg", "client", "proxy"}; }

/// What clients send when they don't know the CA, as measured: the number tells the TLS library,
/// hardly the reason.
std::string_view who_says_so(std::uint32_t alert) {
  switch (alert) {
    case 48:
      return " Clients built on OpenSSL (curl, Python, Ruby, PHP) send this for a CA that they do "
             "not know.";
    case 46:
      return " Java and Chrome send this for a CA that they do not know, and for most other "
             "objections.";
    case 42:
      return " GnuTLS, Go and Firefox send this for a CA that they do not know, and for most other "
             "objections.";
    case 45:
      return " Our certificates begin yesterday and last for months: the client's clock is wrong.";
    default:
      return {};
  }
}

FindingReport common_part(const LegReport& leg) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kProxy;
  finding.expected = "a certificate that the client trusts";
  if (leg.certificates.empty())
    finding.presented = "a certificate that is encrypted here (TLS 1.3)";
  else
    finding.presented = "'" + leg.certificates.front().subject + "', issued by '" +
                        leg.certificates.front().issuer + "'";
  finding.remedy =
      "Make the client trust the proxy's CA: `visavis ca export` writes it (curl: --cacert FILE; "
      "Java: keytool -importcert -cacerts; Windows: certutil -addstore Root FILE; Firefox: its own "
      "store, under Certificates; Node: NODE_EXTRA_CA_CERTS=FILE; Python: SSL_CERT_FILE). Or let "
      "visavis show the backend's real certificate: --cert FILE --key FILE. A client that pins its "
      "certificate accepts nothing else; --mode passthrough leaves the backend's own in place and "
      "shows whether the client accepts that.";
  add_message_evidence(finding, side_of(leg), "Certificate",
                       "Certificate sent by the proxy: " + finding.presented);
  // A root that is not sent can't be found; one that is, is not trusted.
  const bool root_sent = !leg.certificates.empty() &&
                         leg.certificates.back().subject == leg.certificates.back().issuer;
  finding.codes.x509 = root_sent ? "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN"
                                 : "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  finding.codes.hresult = "0x800b0109";
  finding.codes.schannel_event = 36882;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = "SEC_ERROR_UNKNOWN_ISSUER";
  finding.codes.java =
      "PKIX path building failed: unable to find valid certification path to requested target";
  finding.source = "RFC 8446 4.4.2.4";
  return finding;
}

std::optional<FindingReport> rejected_by_alert(const LegReport& leg) {
  const AlertReport* alert = fatal_alert(leg, "client");
  if (alert == nullptr || !is_of_certificate(alert->description.id)) return std::nullopt;
  FindingReport finding = common_part(leg);
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kClientAlert;
  finding.title = "The client refuses the certificate that the proxy showed it";
  finding.cause = "The client answered our certificate with its own " + alert_words(*alert) +
                  " alert: " + std::string(alert_meaning(alert->description.id).says) + '.';
  finding.cause += who_says_so(alert->description.id);
  finding.cause += " It says nothing about the backend's certificate, which the client never saw.";
  add_alert_evidence(finding, side_of(leg), *alert);
  finding.codes.alert = static_cast<int>(alert->description.id);
  if (alert->description.id == kCertificateExpired.value) {
    finding.codes.x509 = "X509_V_ERR_CERT_HAS_EXPIRED";
    finding.codes.hresult = "0x800b0101";
    finding.codes.schannel_event = 36881;
    finding.codes.chrome = "ERR_CERT_DATE_INVALID";
    finding.codes.firefox = "SEC_ERROR_EXPIRED_CERTIFICATE";
    finding.codes.java = "CertificateExpiredException: NotAfter: ...";
  }
  return finding;
}

/// True when the client began a record and did not end it: it was about to say something else.
bool left_in_the_middle(const LegReport& leg) {
  if (first_event(leg, "tcp", tcp_note::kMidRecord) != nullptr) return true;
  std::size_t whole = 0;
  constexpr std::size_t kHeader = 5;
  for (const RecordRow& record : leg.records)
    if (record.c2s) whole += kHeader + record.length;
  return leg.raw_c2s.size() / 2 > whole;
}

/// What the client said may be in the part that a capture lacks, or encrypted there; an alert is a
/// word, too.
bool may_have_asked(const SessionReport& session, const LegReport& leg) {
  if (session.client_to_backend_bytes > 0 || session.backend_to_client_bytes > 0) return true;
  if (!leg.capture) return false;
  return !session.http.empty() || leg.capture->gap() || leg.capture->end_missing ||
         see_data(leg).asked || encrypted_alert_by(leg) == "client";
}

/// A message, or the key exchange's first half, that a client sends only once it has accepted the
/// server's certificate. In TLS 1.3 some look at it after their Finished.
bool went_on(const LegReport& leg) {
  const auto later = [](const EventReport& event) {
    return event.kind == "message" && event.sender == "client" && event.what != "ClientHello" &&
           event.what != "ChangeCipherSpec";
  };
  return std::any_of(leg.events.begin(), leg.events.end(), later);
}

bool said_goodbye(const LegReport& leg) {
  return std::any_of(leg.alerts.begin(), leg.alerts.end(),
                     [](const AlertReport& alert) { return alert.sent_by == "client"; });
}

/// Node leaves TLS 1.3 before its Finished, and TLS 1.2 after it; Wget (GnuTLS) after it; none of
/// them with an alert. So does a client that only looks whether the port shakes hands.
std::optional<FindingReport> left_without_a_word(const SessionReport& session,
                                                 const LegReport& leg) {
  if (!leg.close || leg.close->by != "client" || said_goodbye(leg)) return std::nullopt;
  if (leg.close->how != "fin" && leg.close->how != "rst") return std::nullopt;
  const bool established = leg.outcome == "established";
  if (may_have_asked(session, leg)) return std::nullopt;
  // Who shakes hands and leaves without having named a host is a load balancer's health check.
  if (established && leg.client_hello && !leg.client_hello->sni) return std::nullopt;
  // Browsers open connections ahead of need and close them unused, but not at once.
  if (left_in_the_middle(leg) || (established ? !closed_at_once(leg) : went_on(leg)))
    return std::nullopt;
  // One that speaks h2 only, and did not get it, has a better reason.
  if (diagnose_alpn_mismatch(session)) return std::nullopt;
  FindingReport finding = common_part(leg);
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  const std::string how = leg.close->how == "rst" ? "RST" : "FIN";
  if (established) finding.severity = severity::kWarning;
  finding.title = established ? "The client leaves right after the handshake without a word: it "
                                "seems to refuse the proxy's certificate"
                              : "The client leaves when it has the proxy's certificate: it seems "
                                "to refuse it";
  finding.cause =
      std::string(established ? "The client finished the handshake and closed at once (" + how +
                                    "), without a request, an alert or a close_notify."
                              : "The client got our certificate and closed (" + how +
                                    ") without an alert, before it had finished the handshake.") +
      " Node, Wget with GnuTLS and some Windows clients do this with a certificate that they do "
      "not "
      "trust." +
      (established ? " A health check that only shakes hands looks the same." : "");
  add_close_evidence(finding, side_of(leg));
  return finding;
}

}  // namespace

/// Only where the proxy ends the client's TLS: what the client judges there is our certificate. On
/// a direct leg it is the backend's own.
std::optional<FindingReport> client_refusal(const SessionReport& session) {
  if (!session.client_leg) return std::nullopt;
  const LegReport& leg = *session.client_leg;
  // In a capture without secrets it is there, and can't be seen.
  const bool hidden = leg.capture && leg.server_hello && leg.certificates.empty() &&
                      leg.server_hello->version.id >= kTls13.value;
  if (leg.certificates.empty() && !hidden) return std::nullopt;
  if (auto finding = rejected_by_alert(leg)) return finding;
  if (hidden) return std::nullopt;
  return left_without_a_word(session, *session.client_leg);
}

std::optional<FindingReport> diagnose_client_rejected_our_certificate(
    const SessionReport& session) {
  return session.mirror.faults.empty() ? client_refusal(session) : std::nullopt;
}

}  // namespace visavis::inspect

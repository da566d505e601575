#include "inspect/findings/late_refusal.h"

#include <algorithm>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/transcript/tls13_lengths.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kCertificateRequired = 116;

/// What the client sent before its Finished: nothing, unless it was asked for a certificate.
enum class Shown { not_asked, none, one };

Shown what_was_shown(const LegReport& leg, const Tls13Lengths& lengths) {
  std::size_t before = 0;
  std::size_t first = 0;
  for (const RecordRow& record : leg.records) {
    if (!record.c2s || record.content_type != kApplicationData.value) continue;
    if (record.length == lengths.finished()) {
      if (before == 0) return Shown::not_asked;
      return before == 1 && first == lengths.empty_certificate() ? Shown::none : Shown::one;
    }
    if (before++ == 0) first = record.length;
    // Some put the empty Certificate and their Finished into one record.
    if (before == 1 && record.length == lengths.empty_certificate_and_finished())
      return Shown::none;
  }
  return Shown::not_asked;
}

/// Early data goes before the Finished, too.
bool has_early_data(const LegReport& leg) {
  constexpr std::uint32_t kEarlyData = 42;
  const auto& extensions = leg.client_hello->extensions;
  return std::any_of(extensions.begin(), extensions.end(),
                     [](const CodePoint& each) { return each.id == kEarlyData; });
}

const EventReport* alert_record(const LegReport& leg, std::size_t length) {
  const auto found =
      std::find_if(leg.events.begin(), leg.events.end(), [length](const EventReport& event) {
        return event.kind == "record" && event.sender == "backend" &&
               event.what == "application_data" && event.length == length;
      });
  return found == leg.events.end() ? nullptr : &*found;
}

}  // namespace

std::optional<FindingReport> find_late_refusal(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side.direct() || !side.leg->server_hello || !side.leg->client_hello) return std::nullopt;
  const LegReport& leg = *side.leg;
  const bool tls13 = leg.server_hello->version.id == kTls13.value && leg.outcome == "established";
  if (!tls13 || !leg.close || has_early_data(leg) || see_data(leg).answered) return std::nullopt;
  if (encrypted_alert_by(leg) != "backend") return std::nullopt;
  const Tls13Lengths lengths(CipherSuite{static_cast<std::uint16_t>(leg.server_hello->cipher.id)});
  const Shown shown = what_was_shown(leg, lengths);
  if (shown == Shown::not_asked) return std::nullopt;

  FindingReport finding;
  const bool none = shown == Shown::none;
  finding.severity = severity::kError;
  finding.side = side::kClient;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = none ? "The backend seems to want a client certificate, and none was sent"
                       : "The backend does not seem to accept the client's certificate";
  finding.cause =
      "In TLS 1.3 all of this is encrypted, but the lengths tell: before its Finished the client "
      "sent " +
      std::string(none ? "a record that is as long as an empty Certificate message"
                       : "records that can only be its Certificate and its proof of the key") +
      ", as it does when it was asked for one, and the backend answered the client's flight with "
      "a record as long as an alert, and with no data. In TLS 1.3 that refusal comes when the "
      "client thinks that it is connected: it sees its first request fail.";
  finding.expected = none ? "a client certificate" : "a client certificate that the backend trusts";
  finding.presented = none ? "none" : "one that the backend refuses";
  finding.remedy =
      none ? "Give the client a certificate with its private key, from an issuer that the backend "
             "accepts (curl: --cert, --key; Windows: the Personal store; Java: "
             "javax.net.ssl.keyStore), or stop asking on the backend. Without --mode passthrough "
             "visavis shows which issuers the backend names."
           : "Use a certificate from an issuer that the backend trusts, or add that issuer there. "
             "Without --mode passthrough, and with --client-cert, visavis shows which issuers the "
             "backend names, and its alert.";
  if (const EventReport* event = alert_record(leg, lengths.alert()))
    finding.evidence.push_back(evidence_of(
        side.name, *event,
        "a record of " + std::to_string(lengths.alert()) + " bytes from the backend: an alert"));
  add_close_evidence(finding, side);
  if (none) finding.codes.alert = static_cast<int>(kCertificateRequired);
  finding.codes.chrome = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
  if (none) finding.codes.firefox = "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT";
  finding.source = "RFC 8446 4.4.2.4 and 5.2";
  return finding;
}

}  // namespace visavis::inspect

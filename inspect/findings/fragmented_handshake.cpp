#include <algorithm>

#include "inspect/codepoint/content_type.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// records_of_hello counts the handshake records that the client sent before it had an answer. One
/// message lies in them: a second one has to wait for the answer.
std::size_t records_of_hello(const LegReport& leg) {
  std::size_t count = 0;
  for (const RecordRow& record : leg.records) {
    if (!record.c2s || record.content_type != kHandshake.value) break;
    ++count;
  }
  return count;
}

/// What a reader answers that takes a record for a message.
bool may_be_of_reading(std::uint32_t alert) {
  constexpr std::uint32_t kAlerts[] = {10, 20, 22, 40, 47, 50, 80};
  return std::find(std::begin(kAlerts), std::end(kAlerts), alert) != std::end(kAlerts);
}

struct Refused {
  LegSide side;
  const AlertReport* alert = nullptr;
};

std::optional<Refused> refused_hello(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!leg.client_hello || leg.server_hello || leg.hello_retry || leg.outcome != "failed")
    return std::nullopt;
  if (dial_failure(leg) != nullptr || is_stopped(leg)) return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert != nullptr)
    return may_be_of_reading(alert->description.id) ? std::optional(Refused{side, alert})
                                                    : std::nullopt;
  const bool gone = leg.close && (leg.close->by == "backend" || leg.close->how == "timeout");
  return gone && leg.raw_s2c.empty() ? std::optional(Refused{side, nullptr}) : std::nullopt;
}

/// The direct leg of a passed session, or the twin's beside a session of ours.
LegSide as_the_client_sent_it(const SessionReport& session) {
  if (!session.direct_leg) return {};
  return {&*session.direct_leg, "direct_leg", "client", "backend"};
}

}  // namespace

/// TLS lets a handshake message lie in several records (RFC 8446 5.1); readers that take a record
/// for a message refuse it. Whether it was that, another trial has to tell: likely.
std::optional<FindingReport> diagnose_fragmented_handshake(const SessionReport& session) {
  const LegSide side = as_the_client_sent_it(session);
  if (!side) return std::nullopt;
  const std::size_t records = records_of_hello(*side.leg);
  if (records < 2) return std::nullopt;
  const auto refused = refused_hello(side);
  if (!refused) return std::nullopt;
  const bool twin = session.client_leg.has_value();

  FindingReport finding;
  finding.severity = twin ? severity::kWarning : severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = twin                        ? judged_by::kTwin
                      : refused->alert != nullptr ? judged_by::kBackendAlert
                                                  : judged_by::kProxyCheck;
  finding.title = "The client's ClientHello lies in " + std::to_string(records) +
                  " records, and the backend refuses it";
  finding.cause =
      "The client cut its ClientHello into " + std::to_string(records) +
      " TLS records, and the "
      "backend " +
      (refused->alert != nullptr ? "answered with " + alert_words(*refused->alert)
                                 : std::string(close_words(*side.leg->close)) + " without a word") +
      ". TLS allows that, but old servers, load balancers that look for the server name, and "
      "inspecting devices take the first record for the whole message. Clients cut a hello when it "
      "is longer than 16 KiB, under max_fragment_length, or to get past a filter.";
  if (twin) finding.cause += " Through the proxy the hello leaves in one record.";
  finding.expected = "a ServerHello";
  finding.presented = refused->alert != nullptr ? "a fatal " + alert_words(*refused->alert)
                                                : std::string(close_words(*side.leg->close));
  finding.remedy =
      "Let the client send its hello in one record (smaller tickets, fewer extensions; switch off "
      "record fragmentation), and update the backend or the device before it. The same hello in "
      "one record tells whether it is this.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello in " + std::to_string(records) + " records");
  if (refused->alert != nullptr)
    add_alert_evidence(finding, side, *refused->alert);
  else
    add_close_evidence(finding, side);
  if (refused->alert != nullptr)
    add_alert_codes(finding.codes, refused->alert->description.id);
  else
    finding.codes.chrome = "ERR_CONNECTION_CLOSED";
  finding.source = "RFC 8446 5.1; RFC 5246 6.2.1";
  return finding;
}

}  // namespace visavis::inspect

#include "inspect/findings/after_handshake.h"

#include <algorithm>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/transcript/event.h"
#include "inspect/transcript/tls13_lengths.h"

namespace visavis::inspect {
namespace {

bool came_about(const LegReport& leg) {
  return leg.outcome == "established" && leg.established && !has_fatal_alert(leg) &&
         !is_stopped(leg);
}

bool is_tls13(const LegReport& leg) { return leg.established->version.id >= kTls13.value; }

/// Where we end the TLS the plaintext's length is known. Elsewhere TLS 1.3 hides what a record is:
/// a close_notify is told by its length.
bool is_data_to_backend(const LegSide& side, const RecordRow& record) {
  if (!record.c2s || record.content_type != kApplicationData.value) return false;
  if (!side.direct()) return record.plaintext_length.value_or(0) > 0;
  const CipherSuite suite{static_cast<std::uint16_t>(side.leg->established->cipher.id)};
  return !is_tls13(*side.leg) || record.length != Tls13Lengths(suite).alert();
}

const RecordRow* first_data_to_backend(const LegSide& side) {
  const auto& records = side.leg->records;
  const auto found = std::find_if(records.begin(), records.end(), [&side](const auto& record) {
    return is_data_to_backend(side, record);
  });
  return found == records.end() ? nullptr : &*found;
}

const RecordRow* last_data_to_backend(const LegSide& side) {
  const auto& records = side.leg->records;
  const auto found = std::find_if(records.rbegin(), records.rend(), [&side](const auto& record) {
    return is_data_to_backend(side, record);
  });
  return found == records.rend() ? nullptr : &*found;
}

/// The client's encrypted alert, which can only be its close_notify, came before the close.
bool client_left_first(const LegSide& side, const CloseReport& close) {
  if (encrypted_alert_by(*side.leg) != "client") return false;
  if (!is_tls13(*side.leg)) return true;
  const EventReport* closed = first_event(*side.leg, "close", close.how, close.by);
  const CipherSuite suite{static_cast<std::uint16_t>(side.leg->established->cipher.id)};
  const std::size_t length = Tls13Lengths(suite).alert();
  return std::any_of(
      side.leg->records.begin(), side.leg->records.end(), [&](const RecordRow& record) {
        return record.c2s && record.content_type == kApplicationData.value &&
               record.length == length && closed != nullptr && record.t_us < closed->t_us;
      });
}

void look_at_exchanges(const SessionReport& session, AfterHandshake& ending) {
  for (const HttpExchange& exchange : session.http) {
    const bool missing = !exchange.status && !exchange.excused;
    if (missing && ending.unanswered == nullptr) ending.unanswered = &exchange;
    if (!missing && ending.unanswered == nullptr) ending.earlier_answered = true;
    if (exchange.cut_short && ending.cut == nullptr) ending.cut = &exchange;
  }
}

}  // namespace

bool AfterHandshake::open_request() const {
  // Bytes that came in answer to the only request, and are no HTTP, are an answer all the same.
  const bool later_one = unanswered != nullptr && earlier_answered;
  return asked && (!answered || later_one) && cut == nullptr;
}

bool AfterHandshake::closed_by_backend(std::string_view how) const {
  return close->by == "backend" && close->how == how;
}

std::optional<AfterHandshake> after_handshake(const SessionReport& session) {
  AfterHandshake ending;
  ending.side = backend_side(session);
  if (!ending.side || !ending.side.leg->close || !came_about(*ending.side.leg)) return std::nullopt;
  ending.close = &*ending.side.leg->close;
  if (ending.side.direct()) {
    const DataSeen seen = see_data(*ending.side.leg);
    ending.asked = seen.asked;
    ending.answered = seen.answered || seen.doubtful;
    if (!ending.answered && client_left_first(ending.side, *ending.close)) return std::nullopt;
    return ending;
  }
  if (!session.client_leg || !came_about(*session.client_leg)) return std::nullopt;
  ending.asked = session.client_to_backend_bytes > 0;
  ending.answered = session.backend_to_client_bytes > 0;
  look_at_exchanges(session, ending);
  return ending;
}

bool explained(const Findings& found) {
  return std::any_of(found.begin(), found.end(), [](const FindingReport& finding) {
    return finding.severity != severity::kInfo &&
           (finding.kind == finding_kind::kConnection || finding.kind == finding_kind::kProxy);
  });
}

const EventReport* stopped_mid_record(const LegReport& leg, std::string_view sender) {
  return first_event(leg, "tcp", tcp_note::kMidRecord, sender);
}

bool closed_first(const AfterHandshake& ending) {
  // The client's Finished looks like data there.
  if (ending.side.direct() && is_tls13(*ending.side.leg)) return false;
  const EventReport* closed =
      first_event(*ending.side.leg, "close", ending.close->how, ending.close->by);
  const RecordRow* sent = first_data_to_backend(ending.side);
  return closed != nullptr && sent != nullptr && closed->t_us < sent->t_us;
}

std::string request_words(const AfterHandshake& ending) {
  const HttpExchange* exchange = ending.cut != nullptr ? ending.cut : ending.unanswered;
  if (exchange == nullptr) return ending.side.direct() ? "the request" : "the client's data";
  return exchange->method + ' ' + exchange->target;
}

void add_request_evidence(FindingReport& finding, const AfterHandshake& ending) {
  const LegReport& leg = *ending.side.leg;
  const RecordRow* sent = last_data_to_backend(ending.side);
  if (sent == nullptr) return;
  const auto event = std::find_if(leg.events.begin(), leg.events.end(), [&](const auto& each) {
    return each.kind == "record" && each.t_us >= sent->t_us && each.sender == ending.side.client;
  });
  if (event != leg.events.end())
    finding.evidence.push_back(evidence_of(ending.side.name, *event,
                                           "the last record of data to the backend, " +
                                               std::to_string(sent->length) + " bytes encrypted"));
}

std::optional<std::int64_t> waited_ms(const AfterHandshake& ending) {
  const LegReport& leg = *ending.side.leg;
  const RecordRow* sent = last_data_to_backend(ending.side);
  const EventReport* closed = first_event(leg, "close", ending.close->how, ending.close->by);
  if (sent == nullptr || closed == nullptr || leg.records_total > leg.records.size())
    return std::nullopt;
  return (closed->t_us - sent->t_us) / 1000;
}

}  // namespace visavis::inspect

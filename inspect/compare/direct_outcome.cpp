#include "inspect/compare/direct_outcome.h"

#include <algorithm>

#include "inspect/compare/leg_outcome.h"
#include "inspect/record/record.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {
namespace {

using Result = DirectOutcome::Result;

bool has_error_finding(const SessionReport& session) {
  return std::any_of(session.findings.begin(), session.findings.end(),
                     [](const FindingReport& finding) { return finding.severity == "error"; });
}

bool found_as_error(const SessionReport& session, std::string_view id) {
  return std::any_of(session.findings.begin(), session.findings.end(),
                     [id](const FindingReport& finding) {
                       return finding.id == id && finding.severity == "error";
                     });
}

bool found(const SessionReport& session, std::string_view id) {
  return std::any_of(session.findings.begin(), session.findings.end(),
                     [id](const FindingReport& finding) { return finding.id == id; });
}

/// The client had the backend's answer and left: in TLS 1.3 that is all that can be seen of a
/// certificate that it refuses.
std::string describe_leaving(const LegReport& leg) {
  return std::string(encrypted_alert_by(leg) == "client"
                         ? "The client sent an encrypted alert in answer to the backend's "
                           "ServerHello, and no Finished"
                         : "The client left when it had the backend's answer, without a Finished") +
         ": it probably refuses the backend's certificate";
}

/// What ended a handshake, once a hello was sent.
std::string describe_handshake(const LegReport& leg) {
  const bool by_client = leg.close && leg.close->by == "client" && leg.close->how != "timeout";
  const bool left = by_client || encrypted_alert_by(leg) == "client";
  if (leg.server_hello && left && !has_fatal_alert(leg)) return describe_leaving(leg);
  return "The handshake between client and backend fails: " + describe_leg_failure(leg, "direct");
}

/// What followed the request.
std::string describe_no_answer(const LegReport& leg) {
  const std::string start = "The handshake succeeded, but the request got no byte of an answer: ";
  if (leg.close->by == "backend" && encrypted_alert_by(leg) == "backend")
    return start +
           "the backend sent an encrypted alert and closed, as it does in TLS 1.3 where a client "
           "certificate is missing";
  return start + describe_leg_failure(leg, "direct");
}

/// What of the connection the capture does not show.
std::string describe_gap(const LegReport& leg) {
  const CaptureView& view = *leg.capture;
  const std::uint64_t lost = view.c2s_lost + view.s2c_lost;
  std::string text = leg.established ? "The handshake succeeded, but the capture "
                                     : "Whether the handshake succeeds can't be told: the capture ";
  if (lost == 0) return text + "does not show the connection from its start, or not both sides";
  text += "lacks " + std::to_string(lost) + " bytes that ";
  if (view.c2s_lost > 0 && view.s2c_lost > 0) return text + "client and backend sent";
  return text + (view.c2s_lost > 0 ? "the client sent" : "the backend sent");
}

DirectOutcome without_handshake(const SessionReport& session, const LegReport& leg) {
  if (found(session, "backend-unreachable"))
    return {Result::unknown, "The backend was not reached"};
  if (leg.to.empty())  // no route: the proxy's own configuration, and nobody's fault
    return {Result::unknown, "The client was connected to no backend: " +
                                 leg.failure.value_or("it ended before one was chosen")};
  if (leg.outcome == "not-tls") {
    // After a ClientHello it can only be the backend that speaks something else.
    const bool refused = leg.client_hello || found(session, "plaintext-on-tls-port");
    return {refused ? Result::failed : Result::unknown,
            "What was said is not TLS, but " + leg.first_bytes.value_or("unknown bytes")};
  }
  if (leg.outcome == "incomplete")
    return {Result::unknown, session.mode == "observed"
                                 ? "The capture ends before the handshake does"
                                 : "The session is not over"};
  if (leg.failure == "the proxy was stopped")
    return {Result::unknown, "The proxy was stopped before the handshake's end"};
  if (!leg.client_hello && leg.malformed.empty())
    return {Result::unknown, "The client sent no ClientHello"};
  return {Result::failed, describe_handshake(leg)};
}

/// A handshake, and nothing after it.
DirectOutcome without_data(const SessionReport& session, const LegReport& leg) {
  if (!leg.close) return {Result::unknown, "Client and backend shook hands and have sent no data"};
  if (leg.close->how == "rst")
    return {Result::failed, "The " + leg.close->by +
                                " reset the connection after the handshake, "
                                "before data went both ways"};
  // The backend may be the first to close then.
  const bool alerted = encrypted_alert_by(leg) == "client";
  if (leg.close->by != "client" && !alerted)
    return {Result::unknown, "Client and backend shook hands, and the " + leg.close->by +
                                 " closed before any data was sent"};
  const std::string how = alerted
                              ? "The client sent an encrypted alert right after the handshake, "
                                "instead of a request, and closed"
                              : "The client closed right after the handshake, without a request";
  if (has_error_finding(session))
    return {Result::failed, how + ": it probably refuses what the backend showed it"};
  return {Result::unknown, how +
                               ": it may have refused the backend's certificate, or only looked "
                               "whether the port shakes hands"};
}

/// The ledger lists the first records only: an answer after a long upload is known by the bytes
/// that passed. More than two tickets take is data.
bool answered_after_the_list(const SessionReport& session, const LegReport& leg) {
  constexpr std::uint64_t kTicketBytes = 2 * 1024;
  if (leg.records_total <= leg.records.size()) return false;
  std::uint64_t listed = 0;
  for (const RecordRow& record : leg.records)
    if (!record.c2s) listed += kRecordHeaderBytes + record.length;
  return session.backend_to_client_bytes > listed + kTicketBytes;
}

/// What was sent can't be whole.
bool cut_by_backend(const LegReport& leg) {
  return std::any_of(leg.events.begin(), leg.events.end(), [](const EventReport& event) {
    return event.kind == "tcp" && event.sender == "backend" && event.what == tcp_note::kMidRecord;
  });
}

DirectOutcome with_handshake(const SessionReport& session, const LegReport& leg) {
  if (has_fatal_alert(leg))
    return {Result::failed,
            "Broken off after the handshake: " + describe_leg_failure(leg, "direct")};
  if (!leg.established)
    return {Result::unknown, "The handshake is of a kind whose data can't be told"};
  // The requests before may have been answered: Java leaves the first one unsplit.
  if (found(session, "record-split-intolerance")) return {Result::failed, describe_no_answer(leg)};
  if (found_as_error(session, "renegotiation-refused"))
    return {Result::failed,
            "The handshake succeeded, and another one on the same connection (renegotiation) was "
            "refused"};
  if (cut_by_backend(leg))
    return {Result::failed,
            "The handshake succeeded, but the backend closed in the middle of a record of data"};
  const DataSeen seen = see_data(leg);
  if (seen.asked && seen.answered) return {Result::ok, {}};
  if (seen.answered && !seen.doubtful) return {Result::ok, {}};  // the server speaks first
  if (seen.asked && answered_after_the_list(session, leg)) return {Result::ok, {}};
  if (!seen.asked) return without_data(session, leg);
  if (!leg.close) return {Result::unknown, "The client's request has no answer yet"};
  if (seen.doubtful)
    return {Result::unknown,
            "The request may have an answer, or session tickets are all that the backend sent"};
  if (leg.close->how == "rst")
    return {Result::failed,
            "The " + leg.close->by + " reset the connection before the request had an answer"};
  return {Result::failed, describe_no_answer(leg)};
}

}  // namespace

DirectOutcome judge_direct(const SessionReport& session) {
  const LegReport& leg = *session.direct_leg;
  DirectOutcome outcome =
      leg.outcome == "established" ? with_handshake(session, leg) : without_handshake(session, leg);
  // A fatal alert is proof though other bytes are missing; an answer that was not seen is none.
  const bool hidden = leg.capture && leg.capture->gap();
  if (!hidden || outcome.result == Result::ok || has_fatal_alert(leg)) return outcome;
  return {Result::unknown, describe_gap(leg)};
}

}  // namespace visavis::inspect

#include "inspect/findings/after_handshake.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// When the RST came.
enum class When { before_answer, in_answer, after_data };

std::optional<When> when_reset(const SessionReport& session, const AfterHandshake& ending) {
  const bool cut = ending.cut != nullptr;
  if (cut || stopped_mid_record(*ending.side.leg, "backend") != nullptr) return When::in_answer;
  if (ending.open_request()) return When::before_answer;
  // What was said can't be read: the answer may be whole. HTTP says when it is; passed through,
  // data both ways is all that can be seen.
  const bool unread = !ending.side.direct() && session.http.empty();
  if (unread && ending.asked && ending.answered) return When::after_data;
  return std::nullopt;
}

std::string_view title(When when) {
  switch (when) {
    case When::before_answer:
      return "The backend resets the connection when it has the request";
    case When::in_answer:
      return "The backend resets the connection in the middle of its answer";
    case When::after_data:
      break;
  }
  return "The backend resets the connection after data went both ways";
}

std::string cause(const AfterHandshake& ending, When when) {
  std::string text = "Both sides finished the handshake; the backend got " + request_words(ending);
  if (when == When::before_answer && closed_first(ending))
    text =
        "Both sides finished the handshake, and the backend reset the connection (RST) at once. ";
  else
    text += when == When::before_answer ? " and reset the connection (RST) without one byte of an "
                                          "answer. "
            : when == When::in_answer   ? " and reset the connection (RST) in the middle of the "
                                          "answer. "
                                        : ", answered, and reset the connection (RST) instead of "
                                          "closing it: what was on its way is lost. ";
  return text +
         "An RST is sent when a process dies or closes with unread bytes, when a firewall, an "
         "intrusion prevention system or a load balancer cuts a connection (too long idle, not "
         "in its table, a rule against the request), and by a server that refuses a request "
         "without a word. TLS itself went well.";
}

}  // namespace

/// After a whole answer an RST harms nobody: servers end idle connections so.
std::optional<FindingReport> diagnose_reset_after_request(const SessionReport& session,
                                                          const Findings& found) {
  const auto ending = after_handshake(session);
  if (!ending || !ending->closed_by_backend("rst") || explained(found)) return std::nullopt;
  const auto when = when_reset(session, *ending);
  if (!when) return std::nullopt;
  FindingReport finding;
  const bool retried = *when == When::before_answer && ending->earlier_answered;
  finding.severity = retried || *when == When::after_data ? severity::kWarning : severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = title(*when);
  finding.cause = cause(*ending, *when);
  if (retried)
    finding.cause +=
        " Requests before it on the same connection had their answers: most clients repeat a GET "
        "on a new connection, but no POST.";
  finding.expected = *when == When::after_data ? "close_notify, then FIN"
                                               : "an answer to " + request_words(*ending);
  finding.presented = "RST";
  finding.remedy =
      "Look at the backend's own log at this time, and capture at its side: if no RST leaves it, "
      "something between sends it (a time to live that differs from that of the other packets "
      "tells). Try a smaller or another request to see whether its content matters.";
  add_request_evidence(finding, *ending);
  if (const EventReport* cut = stopped_mid_record(*ending->side.leg, "backend"))
    finding.evidence.push_back(evidence_of(ending->side.name, *cut));
  add_close_evidence(finding, ending->side);
  finding.codes.hresult = "0x80072746";
  finding.codes.chrome = "ERR_CONNECTION_RESET";
  finding.codes.firefox = "NS_ERROR_NET_RESET";
  finding.codes.java = "SocketException: Connection reset";
  finding.source = "RFC 9293 3.10.7; RFC 8446 6.1";
  return finding;
}

}  // namespace visavis::inspect

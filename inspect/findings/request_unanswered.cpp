#include "inspect/findings/after_handshake.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// A client that leaves sooner has changed its mind: a person who clicks on, a page that is left.
constexpr std::int64_t kPatienceMs = 1000;

/// Who gave up waiting.
enum class GaveUp { proxy, client };

std::optional<GaveUp> who_gave_up(const SessionReport& session, const AfterHandshake& ending) {
  if (ending.close->how == "timeout") return GaveUp::proxy;
  // Only of a request that has an answer is it known that one was due.
  const bool by_client =
      session.client_leg && session.client_leg->close && session.client_leg->close->by == "client";
  if (!by_client || ending.unanswered == nullptr) return std::nullopt;
  const auto waited = waited_ms(ending);
  return waited && *waited >= kPatienceMs ? std::optional(GaveUp::client) : std::nullopt;
}

std::string seconds(std::int64_t ms) {
  return std::to_string(ms / 1000) + '.' + std::to_string(ms % 1000 / 100) + " s";
}

std::string cause(const AfterHandshake& ending, GaveUp gave_up) {
  std::string text = "Both sides finished the handshake, the backend got " + request_words(ending) +
                     (ending.cut != nullptr ? " and stopped in the middle of its answer"
                                            : " and sent nothing back");
  if (gave_up == GaveUp::proxy)
    text += " until the proxy's idle time-out (--idle-timeout). ";
  else
    text += "; after " + seconds(waited_ms(ending).value_or(0)) + " the client gave up. ";
  if (ending.cut != nullptr)
    text += "A stream of events that had nothing to say looks the same. ";
  else if (ending.unanswered == nullptr)
    text +=
        "What was sent is not HTTP that visavis can read: a protocol in which nobody answers "
        "(syslog) looks the same. ";
  return text +
         "TLS is not the reason any more: the application is slow or stuck (a lock, a database, "
         "a queue that is full), it waits for more of the request than was sent (a wrong "
         "Content-Length, 'Expect: 100-continue'), or its answer is lost on the way (a path that "
         "drops large packets).";
}

}  // namespace

std::optional<FindingReport> diagnose_request_unanswered(const SessionReport& session,
                                                         const Findings& found) {
  const auto ending = after_handshake(session);
  if (!ending || explained(found)) return std::nullopt;
  const bool stalled = ending->cut != nullptr && ending->close->how == "timeout";
  if (!stalled && !ending->open_request()) return std::nullopt;
  const auto gave_up = who_gave_up(session, *ending);
  if (!gave_up) return std::nullopt;
  FindingReport finding;
  const bool due = ending->unanswered != nullptr;
  finding.severity =
      due && !stalled && *gave_up == GaveUp::proxy ? severity::kError : severity::kWarning;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = stalled ? "The backend goes silent in the middle of its answer"
                  : *gave_up == GaveUp::proxy
                      ? "The backend never answers the request"
                      : "The client gives up waiting for the backend's answer";
  finding.cause = cause(*ending, *gave_up);
  finding.expected = "an answer to " + request_words(*ending);
  finding.presented =
      *gave_up == GaveUp::proxy ? "silence until the time-out" : "silence until the client left";
  finding.remedy =
      "Look at the backend's own log for the request and how long it took; try it on the "
      "backend's machine. Where it needs that long, raise the time-outs of the client, of what "
      "stands between, and of visavis (--idle-timeout).";
  add_request_evidence(finding, *ending);
  add_close_evidence(finding, ending->side);
  finding.codes.hresult = "0x80072ee2";
  finding.codes.chrome = "ERR_TIMED_OUT";
  finding.codes.firefox = "NS_ERROR_NET_TIMEOUT";
  finding.codes.java = "SocketTimeoutException: Read timed out";
  finding.source = "RFC 9110 15.5.9";
  return finding;
}

}  // namespace visavis::inspect

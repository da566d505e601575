#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/after_handshake.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// In TLS 1.3 nobody but the two of them sees the backend ask for a certificate and refuse.
bool may_want_certificate(const LegReport& leg) {
  return leg.server_hello && leg.server_hello->version.id >= 0x0304 &&
         encrypted_alert_by(leg) == "backend";
}

std::string cause(const AfterHandshake& ending) {
  const std::string how = ending.close->how == "fin" ? "FIN" : "close_notify";
  std::string text = "Both sides finished the handshake, ";
  text += closed_first(ending)
              ? "and the backend closed the connection at once (" + how +
                    "), before it had the request. "
              : "the backend got " + request_words(ending) + " and closed the connection (" + how +
                    ") without one byte of an answer. ";
  if (ending.earlier_answered)
    return text +
           "Requests before it on the same connection had their answers: the backend most likely "
           "closed an idle connection at the moment in which the client used it again, or limits "
           "the requests of a connection. Browsers and most libraries repeat such a request by "
           "themselves, but not one that may have had an effect (POST).";
  if (ending.side.direct() && may_want_certificate(*ending.side.leg))
    text +=
        "An encrypted alert came with it: in TLS 1.3 that is how a server refuses a client that "
        "has shown no certificate, and neither the request for one nor the refusal can be seen "
        "from outside. ";
  return text +
         "TLS is not the reason any more: the program behind it crashed or was restarted with "
         "this request, a filter or a load balancer drops it, it talks another protocol inside "
         "TLS, or it takes the first record for the whole request.";
}

}  // namespace

/// The IIS article's worker process that dies, a filter, an application that closes: TLS went well
/// and the answer does not come.
std::optional<FindingReport> diagnose_closed_after_request(const SessionReport& session,
                                                           const Findings& found) {
  const auto ending = after_handshake(session);
  if (!ending || !ending->open_request() || explained(found)) return std::nullopt;
  // After an alert of the backend's that we can't read, either may be the first to close.
  const bool alerted = ending->side.direct() && encrypted_alert_by(*ending->side.leg) == "backend";
  if (!alerted && !ending->closed_by_backend("fin") && !ending->closed_by_backend("close_notify"))
    return std::nullopt;
  FindingReport finding;
  finding.severity = ending->earlier_answered ? severity::kWarning : severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = closed_first(*ending)
                      ? "The backend closes the connection right after the handshake"
                  : ending->earlier_answered
                      ? "The backend closes a connection that is used again, without an answer"
                      : "The backend closes the connection when it has the request";
  finding.cause = cause(*ending);
  finding.expected = "an answer to " + request_words(*ending);
  finding.presented = alerted                       ? "an encrypted alert"
                      : ending->close->how == "fin" ? "FIN"
                                                    : "close_notify";
  finding.remedy =
      ending->earlier_answered
          ? "Let the client's idle connections end before the backend's do (backend: a longer "
            "keep-alive time-out; IIS: connectionTimeout; nginx: keepalive_timeout, "
            "keepalive_requests), or let the client repeat the request."
          : "Look at the backend's own log at this time (Windows: Application log, WAS and "
            "httperr.log; nginx and Apache: error log; a load balancer's rule log), and send the "
            "same request by hand with --split none to see whether the records matter.";
  add_request_evidence(finding, *ending);
  add_close_evidence(finding, ending->side);
  finding.codes.hresult = "0x80072efe";
  finding.codes.chrome = "ERR_EMPTY_RESPONSE";
  finding.codes.firefox = "NS_ERROR_NET_EMPTY_RESPONSE";
  finding.codes.java = "SocketException: Unexpected end of file from server";
  finding.source = "RFC 8446 6.1; RFC 9112 9.3.1";
  return finding;
}

}  // namespace visavis::inspect

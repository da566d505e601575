#include <algorithm>

#include "inspect/findings/after_handshake.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// What shows that something is missing, or may be.
enum class Sign {
  mid_record,    ///< the last record has no end
  short_answer,  ///< less than the response announced
  until_close    ///< the response's only end is the close, and no close_notify vouches for it
};

const HttpExchange* last_until_close(const SessionReport& session) {
  const bool last = !session.http.empty() && session.http.back().until_close;
  return last ? &session.http.back() : nullptr;
}

std::optional<Sign> sign_of(const SessionReport& session, const AfterHandshake& ending) {
  if (ending.close->by != "backend") return std::nullopt;
  const bool fin = ending.close->how == "fin";
  const bool closed = fin || ending.close->how == "close_notify";
  if (closed && ending.cut != nullptr) return Sign::short_answer;
  if (fin && stopped_mid_record(*ending.side.leg, "backend") != nullptr) return Sign::mid_record;
  return fin && last_until_close(session) != nullptr ? std::optional(Sign::until_close)
                                                     : std::nullopt;
}

std::string cause(const SessionReport& session, const AfterHandshake& ending, Sign sign) {
  switch (sign) {
    case Sign::mid_record:
      return "The backend closed the connection (FIN) in the middle of a TLS record: what was "
             "sent can't even be decrypted to its end. The process died, was killed or restarted "
             "while it sent, or a load balancer, a firewall or an appliance between cut the "
             "connection.";
    case Sign::short_answer:
      return "The backend closed the connection (" +
             std::string(ending.close->how == "fin" ? "FIN, without close_notify"
                                                    : "close_notify") +
             ") before the end that its response to " + request_words(ending) +
             " had announced (Content-Length or the last chunk); " +
             std::to_string(ending.cut->response_bytes) +
             " bytes of the body had come. The application failed while it sent, its "
             "Content-Length is wrong, or something before it (a reverse proxy with a time-out) "
             "gave up.";
    case Sign::until_close:
      break;
  }
  const HttpExchange& last = *last_until_close(session);
  return "The response to " + last.method + ' ' + last.target +
         " announced no end (no Content-Length, not chunked): the connection's close is its end. "
         "The backend closed with FIN and without close_notify, so nobody can tell the whole "
         "response from one that was cut on the way. Wget (GnuTLS) fails, and so do programs that "
         "use OpenSSL 3 as it is, with 'unexpected eof while reading'; curl, Python and Node tell "
         "OpenSSL to put up with it, and browsers and OpenSSL 1.1.1 do"
         ".";
}

std::string_view title(Sign sign) {
  switch (sign) {
    case Sign::mid_record:
      return "The backend closes in the middle of a record: data is missing";
    case Sign::short_answer:
      return "The backend closes before the end of its response: data is missing";
    case Sign::until_close:
      break;
  }
  return "The backend ends its response with a bare FIN: without close_notify nobody knows "
         "whether it is whole";
}

std::string_view expected(Sign sign) {
  switch (sign) {
    case Sign::mid_record:
      return "the rest of the record, then close_notify";
    case Sign::short_answer:
      return "the response to its announced end";
    case Sign::until_close:
      break;
  }
  return "close_notify before the FIN";
}

}  // namespace

/// A FIN without close_notify alone is no finding: many servers close so after a response whose
/// length is known.
std::optional<FindingReport> diagnose_truncation(const SessionReport& session,
                                                 const Findings& found) {
  const auto ending = after_handshake(session);
  if (!ending || explained(found)) return std::nullopt;
  const auto sign = sign_of(session, *ending);
  if (!sign) return std::nullopt;
  FindingReport finding;
  const bool missing = *sign != Sign::until_close;
  finding.severity = missing ? severity::kError : severity::kWarning;
  finding.side = side::kBackend;
  finding.confidence = *sign == Sign::mid_record ? confidence::kLikely : confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = title(*sign);
  finding.cause = cause(session, *ending, *sign);
  finding.expected = expected(*sign);
  finding.presented = ending->close->how == "fin" ? "FIN without close_notify" : "close_notify";
  finding.remedy =
      missing ? "Look at the backend's own log at this time, and at what stands before it (time-"
                "outs, limits of response size). Capture at the backend's side to see who sends "
                "the FIN."
              : "Let the backend send Content-Length or use chunks, and close_notify before it "
                "closes (SSL_shutdown; SSLSocket.close; Python: SSLSocket.unwrap). A client on "
                "OpenSSL 3 can be told to put up with it: SSL_OP_IGNORE_UNEXPECTED_EOF.";
  if (const EventReport* cut = stopped_mid_record(*ending->side.leg, "backend"))
    finding.evidence.push_back(evidence_of(ending->side.name, *cut));
  add_close_evidence(finding, ending->side);
  finding.codes.chrome = missing ? "ERR_CONTENT_LENGTH_MISMATCH" : "ERR_CONNECTION_CLOSED";
  if (missing) finding.codes.firefox = "NS_ERROR_NET_PARTIAL_TRANSFER";
  finding.codes.java = missing ? "IOException: Premature EOF"
                               : "SSLException: closing inbound before receiving peer's "
                                 "close_notify";
  finding.source = "RFC 8446 6.1; RFC 9112 8";
  return finding;
}

}  // namespace visavis::inspect

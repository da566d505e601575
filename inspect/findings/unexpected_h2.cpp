#include <algorithm>

#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kAlpnOfHttp2 = "h2";
constexpr std::string_view kHttp2 = "http/2";  ///< as exchanges have it

/// The answer to anything at all: then the two understand each other.
bool answered(const SessionReport& session) {
  return std::any_of(session.http.begin(), session.http.end(),
                     [](const HttpExchange& exchange) { return exchange.status.has_value(); });
}

FindingReport common_part(const LegSide& client) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.judged_by = judged_by::kProxyCheck;
  add_message_evidence(finding, client, "ClientHello", "ClientHello of the client");
  add_close_evidence(finding, client);
  finding.codes.chrome = "ERR_HTTP2_PROTOCOL_ERROR";
  finding.source = "RFC 9113 3.2";
  return finding;
}

/// h2 was agreed on, and the client's first bytes are an HTTP/1 request.
FindingReport http1_after_h2(const LegSide& client, const HttpExchange& first) {
  FindingReport finding = common_part(client);
  finding.side = side::kClient;
  finding.confidence = confidence::kProven;
  finding.title = "HTTP/2 was agreed on (ALPN), and the client speaks HTTP/1";
  finding.cause =
      "The client offers h2 by ALPN, the backend takes it, and then the client sends an HTTP/1 "
      "request (" +
      first.method +
      "). The backend reads it as broken HTTP/2 and ends the connection. Typical of a program "
      "whose TLS library offers h2 for it, without its HTTP library knowing, and of a proxy that "
      "passes another client's ALPN on.";
  finding.expected = "the HTTP/2 preface";
  finding.presented = "an HTTP/1 request";
  finding.remedy =
      "Take h2 out of the client's ALPN list (offer http/1.1 only), or let it speak HTTP/2. On the "
      "backend, switching HTTP/2 off helps (nginx: http2 off; Apache: Protocols http/1.1; Windows: "
      "EnableHttp2Tls = 0).";
  return finding;
}

/// The preface without a request fails where the backend ends the connection on it. A client that
/// leaves first, or whom the backend lets wait, may have had nothing to ask.
bool preface_refused(const SessionReport& session) {
  return session.http2_preface_only && session.backend_leg &&
         ended_by(*session.backend_leg, "backend");
}

/// Nobody agreed on h2, and the client begins with HTTP/2's preface.
FindingReport http2_unasked(const SessionReport& session, const LegSide& client) {
  FindingReport finding = common_part(client);
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  const auto& alpn = client.leg->established->alpn;
  const std::string agreed = alpn ? "'" + *alpn + "'" : std::string("nothing");
  finding.title = "The client speaks HTTP/2, which was not agreed on (ALPN)";
  finding.cause =
      "ALPN agreed on " + agreed +
      ", and the client begins with the preface of HTTP/2 all the same; the backend " +
      (session.http2_preface_only ? "ends the connection before the client has sent a request"
                                  : "has answered none of its requests") +
      ". A server that speaks HTTP/1 takes the "
      "preface for a request with the method PRI and refuses it.";
  finding.expected = "an HTTP/1 request";
  finding.presented = "PRI * HTTP/2.0";
  finding.remedy =
      "Let the client offer h2 by ALPN, and speak HTTP/2 only where it is chosen; or enable HTTP/2 "
      "at the backend (nginx: http2 on; Apache: Protocols h2 http/1.1).";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_unexpected_h2(const SessionReport& session) {
  if (!session.client_leg || !session.client_leg->established || answered(session))
    return std::nullopt;
  const LegSide client = client_side(session);
  const auto& alpn = client.leg->established->alpn;
  const bool agreed = alpn && *alpn == kAlpnOfHttp2;
  if (session.http.empty()) {
    if (agreed || !preface_refused(session)) return std::nullopt;
    return http2_unasked(session, client);
  }
  const HttpExchange& first = session.http.front();
  const bool speaks = first.protocol == kHttp2;
  if (agreed == speaks) return std::nullopt;
  return agreed ? http1_after_h2(client, first) : http2_unasked(session, client);
}

}  // namespace visavis::inspect

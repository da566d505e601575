#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Bytes that we can't name are an outcome (not-tls), not this cause.
bool spoke_a_known_protocol(const std::optional<LegReport>& leg) {
  return leg && leg->outcome == "not-tls" && leg->first_bytes &&
         *leg->first_bytes != "unknown bytes";
}

bool is_http(std::string_view what) { return what.starts_with("plain HTTP"); }

std::string remedy_for_client(std::string_view what) {
  if (is_http(what)) return "Use https:// in the client, or give it the plain port.";
  if (what == "PROXY protocol header")
    return "Turn the PROXY protocol off in the load balancer in front (HAProxy: send-proxy; AWS: "
           "proxy protocol of the target group), or point it at a listener that expects the header "
           "(nginx: listen ... ssl proxy_protocol). visavis does not read it.";
  if (what == "PostgreSQL SSLRequest")
    return "PostgreSQL asks for TLS in its own protocol before it begins: visavis does not speak "
           "that. Use direct TLS (sslnegotiation=direct) in a client that has it.";
  return "Point the client at the port of its plain protocol, or switch it to TLS from the first "
         "byte (not STARTTLS).";
}

std::string cause_in_client(const std::string& what) {
  if (what == "PROXY protocol header")
    return "The first bytes from the client are a PROXY protocol header, not a ClientHello: a load "
           "balancer in front puts it before the TLS.";
  return "The first bytes from the client are a " + what +
         ", not a ClientHello: it speaks the plain protocol, or one that turns to TLS later "
         "(STARTTLS), on this port.";
}

FindingReport finding_for(const LegReport& leg, std::string_view leg_name) {
  const std::string& what = *leg.first_bytes;
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kClient;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The client speaks without TLS to a TLS port: " + what;
  finding.cause = cause_in_client(what);
  finding.expected = "a TLS ClientHello (first byte 0x16)";
  finding.presented = what;
  finding.remedy = remedy_for_client(what);
  if (const EventReport* event = first_event(leg, "tcp", what))
    finding.evidence.push_back(evidence_of(leg_name, *event));
  finding.codes.schannel_event = 36888;
  finding.codes.hresult = "0x80090308";
  if (is_http(what)) {
    // What a client says that asked in clear and got FIN.
    finding.codes.chrome = "ERR_EMPTY_RESPONSE";
    finding.codes.java = "SocketException: Unexpected end of file from server";
  }
  finding.source = "RFC 8446 5.1";
  return finding;
}

/// What a TLS server makes of plaintext: an alert, an HTTP error of its own, or nothing. Anything
/// else in answer says that the port is none for TLS, and both speak their plain protocol.
bool answered_as_tls_port(const LegReport& leg) {
  constexpr std::string_view kAlertRecord = "1503";
  constexpr std::string_view kHttpBadRequest = "485454502f312e";  // "HTTP/1."
  constexpr std::string_view kStatus = "2034";                    // " 4"
  const std::string_view answer = leg.raw_s2c;
  if (answer.empty() || answer.starts_with(kAlertRecord)) return true;
  return answer.starts_with(kHttpBadRequest) &&
         answer.substr(kHttpBadRequest.size() + 2).starts_with(kStatus);
}

/// Nobody ends the TLS: the client says it to the backend.
std::optional<FindingReport> diagnose_direct(const LegReport& leg) {
  const EventReport* event = first_event(leg, "tcp", *leg.first_bytes);
  if (event == nullptr || event->sender != "client" || !answered_as_tls_port(leg))
    return std::nullopt;
  FindingReport finding = finding_for(leg, "direct_leg");
  if (!leg.raw_s2c.starts_with("15")) finding.confidence = confidence::kLikely;
  return finding;
}

}  // namespace

/// What the backend says instead of TLS is wrong-protocol-on-port's.
std::optional<FindingReport> diagnose_plaintext_on_tls_port(const SessionReport& session) {
  if (spoke_a_known_protocol(session.client_leg))
    return finding_for(*session.client_leg, "client_leg");
  if (!session.client_leg && !session.backend_leg && spoke_a_known_protocol(session.direct_leg))
    return diagnose_direct(*session.direct_leg);
  return std::nullopt;
}

}  // namespace visavis::inspect

#include "inspect/findings/half_message.h"
#include "inspect/findings/rule.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {
namespace {

FindingReport common_part(const LegSide& side) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.presented = "silence until the time-out";
  if (const EventReport* said = last_event(*side.leg, "message"))
    finding.evidence.push_back(evidence_of(
        side.name, *said, "the last message: " + said->what + " from the " + said->sender));
  add_close_evidence(finding, side);
  finding.codes.hresult = "0x8007274c";
  finding.codes.chrome = "ERR_TIMED_OUT";
  finding.codes.firefox = "NS_ERROR_NET_TIMEOUT";
  finding.codes.java = "SocketTimeoutException: Read timed out";
  finding.source = "RFC 8446 4";
  return finding;
}

std::optional<HalfMessage> half_of(const LegReport& leg, const std::string& raw) {
  return leg.raw_cut ? std::nullopt : find_half_message(raw);
}

/// What is missing may have been lost, or was never meant to come: the bytes don't tell.
std::string about_length(const HalfMessage& half) {
  constexpr std::size_t kFew = 8;
  if (half.record_only)
    return " All messages in that record are whole: its length field is wrong, and everybody waits "
           "for bytes that were never meant to come.";
  if (half.promised - half.sent <= kFew)
    return " So little is missing that a wrong length field is likelier than a loss.";
  return {};
}

/// Nothing at all is a port check or a browser's spare connection; a part of a hello is not.
FindingReport without_hello(const LegSide& side) {
  FindingReport finding = common_part(side);
  finding.side = side::kClient;
  finding.expected = "a complete ClientHello";
  finding.codes.schannel_event = 36888;
  if (side.leg->raw_c2s.empty()) {
    finding.severity = severity::kInfo;
    finding.title = "The client connects and says nothing";
    finding.cause =
        "TCP was opened and not one byte came: as of a health check or a monitor that tries the "
        "port only, a browser's spare connection, or a client that waits for the server to speak "
        "first (SMTP, FTP, SSH).";
    finding.remedy =
        "Nothing, if it is a health check; let it shake hands if it should say more than that the "
        "port is open. A client that waits for a greeting needs the plain port or STARTTLS.";
    return finding;
  }
  finding.title = "The client's ClientHello does not come to its end";
  const auto half = half_of(*side.leg, side.leg->raw_c2s);
  const std::string sent =
      half ? words(*half) : count_of(side.leg->raw_c2s.size() / 2, "byte") + " of a ClientHello";
  finding.cause = "The client sent " + sent + " and then nothing more." +
                  (half ? about_length(*half) : std::string()) +
                  " A large hello (post-quantum key share) takes two or more TCP segments: one of "
                  "them may be lost on the way for good (a path that drops large packets), or the "
                  "length in it is wrong.";
  finding.presented = sent + ", then silence until the time-out";
  finding.remedy =
      "Look with a capture at the client's side whether all segments leave and are acknowledged; "
      "lower the MTU of the way or let ICMP 'fragmentation needed' pass; try the client without "
      "its post-quantum groups.";
  finding.source = "RFC 2923 2.1";
  return finding;
}

FindingReport by_client(const LegSide& side) {
  FindingReport finding = common_part(side);
  finding.side = side::kClient;
  finding.title = "The client goes silent in the middle of the handshake";
  finding.cause =
      "The client has the answer to its hello and sends nothing more. It may be checking the "
      "certificate (a revocation list or OCSP responder that it can't reach), wait for a person "
      "to " +
      std::string(side.leg->certificate_request ? "choose a certificate, for which it was asked, "
                                                : "answer a question, ") +
      "or it never got the answer: large certificates take several segments, which a path may "
      "drop.";
  finding.expected = "the client's next message, Finished at the end";
  finding.remedy =
      "Try another client on the same machine; look at the client's log, and with a capture at its "
      "side whether the whole answer arrives. Let it reach the addresses of its CA's revocation "
      "list and OCSP (in the certificate), or lower the MTU where packets are lost.";
  return finding;
}

FindingReport by_backend(const LegSide& side) {
  FindingReport finding = common_part(side);
  finding.side = side::kBackend;
  finding.title = "The backend goes silent in the middle of the handshake";
  const bool answered = side.leg->server_hello.has_value();
  finding.cause = answered ? "The backend has answered the hello and then sends nothing more. "
                           : "The backend has begun an answer and does not end it. ";
  if (const auto half = half_of(*side.leg, side.leg->raw_s2c)) {
    finding.title = "The backend goes silent in the middle of its " + half->what;
    finding.presented = words(*half) + ", then silence until the time-out";
    finding.cause += "It sent " + words(*half) + '.' + about_length(*half) + ' ';
  }
  if (side.leg->certificate_request)
    finding.cause +=
        "It asked for a client certificate: it may be looking up its revocation list or OCSP, or "
        "the account that belongs to it. ";
  else if (answered)
    finding.cause +=
        "It may be waiting for something behind it: a session cache, a key in an HSM, "
        "a script for each connection. ";
  finding.cause +=
      "Or its bytes were sent and lost: large certificates take several segments, and a path that "
      "drops large packets lets only the small ones through.";
  finding.expected = "the backend's next message, Finished at the end";
  finding.remedy =
      "Look at the backend's log and load, and whether it reaches the revocation list and OCSP "
      "addresses (Windows: certutil -url). Capture at the backend's side: segments that are sent "
      "again and again without an acknowledgement mean a path that drops them; lower the MTU "
      "there, "
      "or let ICMP 'fragmentation needed' pass.";
  finding.source = "RFC 2923 2.1";
  return finding;
}

bool timed_out(const LegReport& leg) {
  return leg.close && leg.close->how == "timeout" && leg.outcome != "established" &&
         leg.outcome != "not-tls";
}

/// Who has the word: the one that did not speak last.
bool is_clients_turn(const LegReport& leg) {
  const EventReport* said = last_event(leg, "record");
  return said != nullptr && said->sender == "backend";
}

std::optional<FindingReport> on_direct_leg(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!timed_out(leg) || dial_failure(leg) != nullptr) return std::nullopt;
  // Where the backend has spoken before any hello, it is a protocol in which it does.
  if (!leg.client_hello)
    return leg.raw_s2c.empty() ? std::optional(without_hello(side)) : std::nullopt;
  if (leg.raw_s2c.empty()) return std::nullopt;  // no-server-hello
  if (const EventReport* cut = first_event(leg, "tcp", tcp_note::kMidRecord))
    return cut->sender == "backend" ? by_backend(side) : by_client(side);
  return is_clients_turn(leg) ? by_client(side) : by_backend(side);
}

}  // namespace

/// Somebody went silent, and we gave up waiting. Silence before the ServerHello is
/// no-server-hello's.
std::optional<FindingReport> diagnose_handshake_timeout(const SessionReport& session) {
  const LegSide client = client_side(session);
  const LegSide backend = backend_side(session);
  if (client.direct()) return on_direct_leg(client);
  if (backend && timed_out(*backend.leg) && dial_failure(*backend.leg) == nullptr &&
      !backend.leg->raw_s2c.empty())
    return by_backend(backend);
  if (!client || !timed_out(*client.leg)) return std::nullopt;
  if (!client.leg->client_hello) return without_hello(client);
  if (client.leg->server_hello) return by_client(client);
  return std::nullopt;
}

}  // namespace visavis::inspect

#include <algorithm>

#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kNoRenegotiation = 100;

/// Renegotiation is a handshake that one side of an established connection asks for: a server by
/// HelloRequest, a client by another ClientHello. RFC 5246 7.4.1.1 and 7.4.1.2.
struct Renegotiation {
  LegSide side;
  std::string asker;
  std::string other;
  const EventReport* asked = nullptr;
  const EventReport* alert = nullptr;  ///< in answer to it; encrypted on a direct leg
  const EventReport* close = nullptr;  ///< where no answer came
  bool agreed = false;                 ///< the other side shook hands again
  bool open_request = false;           ///< the client's data had no answer when it was asked
  bool went_on = false;                ///< data came from the backend's side after it
};

bool is_record(const EventReport& event, std::string_view what) {
  return event.kind == "record" && event.what == what;
}

/// Where nobody here reads what is encrypted: each side's first handshake record after its
/// ChangeCipherSpec is its Finished.
const EventReport* end_on_the_wire(const LegSide& side) {
  struct Seen {
    bool change_cipher_spec = false;
    bool finished = false;
  };
  Seen client;
  Seen server;
  for (const EventReport& event : side.leg->events) {
    Seen& seen = event.sender == side.client ? client : server;
    if (event.kind == "message" && event.what == "ChangeCipherSpec") seen.change_cipher_spec = true;
    if (is_record(event, "handshake") && seen.change_cipher_spec) seen.finished = true;
    if (client.finished && server.finished) return &event;
  }
  return nullptr;
}

const EventReport* end_of_handshake(const LegSide& side) {
  if (side.direct()) return end_on_the_wire(side);
  int finished = 0;
  for (const EventReport& event : side.leg->events)
    if (event.kind == "message" && event.what == "Finished" && ++finished == 2) return &event;
  return nullptr;
}

/// Up to TLS 1.2 a handshake record after the handshake can be nothing else.
bool asks(const LegSide& side, const EventReport& event) {
  if (side.direct()) return is_record(event, "handshake");
  return event.kind == "message" &&
         ((event.what == "HelloRequest" && event.sender == side.server) ||
          (event.what == "ClientHello" && event.sender == side.client));
}

bool shakes_hands(const LegSide& side, const EventReport& event) {
  return side.direct() ? is_record(event, "handshake") : event.kind == "message";
}

/// The first answer of the side that was asked; its alert may still be followed by data.
void look_for_answer(Renegotiation& found) {
  const LegReport& leg = *found.side.leg;
  for (const EventReport& event : leg.events) {
    if (event.i <= found.asked->i) continue;
    if (is_record(event, "application_data") && event.sender == found.side.server)
      found.went_on = true;
    const bool answered = found.agreed || found.alert != nullptr || found.close != nullptr;
    if (answered) continue;
    if (event.kind == "close") found.close = &event;
    if (event.sender != found.other) continue;
    if (shakes_hands(found.side, event)) found.agreed = true;
    if (event.kind == "alert") found.alert = &event;
  }
}

std::optional<Renegotiation> find_on(const LegSide& side) {
  if (!side || !side.leg->established || side.leg->established->version.id > kTls12.value ||
      is_stopped(*side.leg))
    return std::nullopt;
  const EventReport* end = end_of_handshake(side);
  if (end == nullptr) return std::nullopt;
  Renegotiation found;
  found.side = side;
  for (const EventReport& event : side.leg->events) {
    if (event.i <= end->i) continue;
    if (is_record(event, "application_data")) found.open_request = event.sender == side.client;
    if (!asks(side, event)) continue;
    found.asked = &event;
    found.asker = event.sender;
    found.other = event.sender == side.client ? side.server : side.client;
    look_for_answer(found);
    return found;
  }
  return std::nullopt;
}

/// What tells a refusal from an end that would have come anyway: somebody waited for something.
bool is_refused(const Renegotiation& found) {
  if (found.agreed) return false;
  if (found.asker == found.side.client)
    return found.alert != nullptr || (found.close != nullptr && found.close->sender != "client");
  if (!found.open_request) return false;
  return found.alert != nullptr || (found.close != nullptr && !found.went_on);
}

FindingReport common_part(const Renegotiation& found, std::string_view what) {
  FindingReport finding;
  finding.severity = found.went_on ? severity::kInfo : severity::kError;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.evidence.push_back(evidence_of(found.side.name, *found.asked, std::string(what)));
  if (found.alert != nullptr)
    finding.evidence.push_back(
        evidence_of(found.side.name, *found.alert, found.alert->what + " in answer to it"));
  else if (found.close != nullptr)
    finding.evidence.push_back(evidence_of(found.side.name, *found.close));
  add_alert_codes(finding.codes, kNoRenegotiation);
  finding.source = "RFC 5246 7.4.1.1 and 7.2.2; RFC 5746 3.7";
  return finding;
}

std::string how(const Renegotiation& found) {
  if (found.alert != nullptr)
    return "an alert (encrypted, as no_renegotiation (100) would be) in place of a handshake";
  return found.close->what == "timeout"
             ? "silence until the time-out"
             : "no handshake, and the " + found.close->sender + " closing the connection (" +
                   std::string(found.close->what.view()) + ')';
}

std::string consequence(const Renegotiation& found) {
  if (found.went_on) return " Data came all the same: here the refusal did no harm.";
  return " The request got no answer after that.";
}

/// As IIS does (unless SSLAlwaysNegoClientCert is set) and Apache for a directory.
FindingReport refused_by_client(const Renegotiation& found) {
  FindingReport finding =
      common_part(found, "handshake record from the backend after the handshake: a HelloRequest");
  finding.side = side::kBoth;
  if (found.alert != nullptr) finding.judged_by = judged_by::kClientAlert;
  finding.title = "The client does not renegotiate, as the backend asks it to";
  finding.cause =
      "The backend had the request and asked for another handshake on the same connection "
      "(HelloRequest), as IIS and Apache do where a path needs a client certificate or other "
      "suites. The client answered with " +
      how(found) +
      ". Go's TLS (by default), rustls, and OpenSSL's clients with SSL_OP_NO_RENEGOTIATION refuse; "
      "HTTP/2 and TLS 1.3 have no renegotiation at all." +
      consequence(found);
  finding.expected = "a ClientHello in answer to the HelloRequest";
  finding.presented = how(found);
  finding.remedy =
      "Let the backend ask for the certificate in the first handshake: IIS, "
      "SSLAlwaysNegoClientCert=1 for the binding (netsh http add sslcert ... "
      "clientcertnegotiation=enable); Apache, SSLVerifyClient in the virtual host instead of in a "
      "directory; or give that path a host name of its own. Or allow the client to renegotiate "
      "(Go: tls.Config.Renegotiation; OpenSSL: no -no_renegotiation).";
  return finding;
}

/// Servers refuse by default since CVE-2009-3555 and CVE-2011-1473.
FindingReport refused_by_backend(const Renegotiation& found) {
  FindingReport finding =
      common_part(found, "handshake record from the client after the handshake: a ClientHello");
  finding.side = side::kClient;
  if (found.alert != nullptr) finding.judged_by = judged_by::kBackendAlert;
  finding.title = "The backend refuses the renegotiation that the client begins";
  finding.cause =
      "The client began another handshake on the established connection, and the backend answered "
      "with " +
      how(found) +
      ". Servers refuse that by default, as a client could keep them busy with it (CVE-2011-1473): "
      "OpenSSL from 3.0 on, nginx, Apache." +
      consequence(found);
  finding.expected = "a client that opens a new connection instead of renegotiating";
  finding.presented = how(found);
  finding.remedy =
      "Switch renegotiation off in the client, or let it take a new connection where it wants new "
      "keys or another certificate. A backend of one's own can allow it (OpenSSL: "
      "SSL_OP_ALLOW_CLIENT_RENEGOTIATION; Java: no "
      "-Djdk.tls.rejectClientInitiatedRenegotiation=true).";
  return finding;
}

/// Our own limit: the backend was never asked.
FindingReport refused_by_us(const Renegotiation& found) {
  FindingReport finding = common_part(found, "ClientHello from the client after the handshake");
  finding.side = side::kProxy;
  finding.confidence = confidence::kProven;
  finding.title = "The proxy refuses the renegotiation that the client begins";
  finding.cause =
      "The client began another handshake on the established connection. The proxy does not pass "
      "that on: it refused with no_renegotiation (100), as most servers do, and the backend was "
      "not asked. Whether it would have agreed is not known." +
      consequence(found);
  finding.expected = "the backend's own answer";
  finding.presented = "no_renegotiation (100) from the proxy";
  finding.remedy =
      "Run visavis with --mode passthrough: then the backend answers. A client that can do without "
      "renegotiation is better off, as most servers refuse it.";
  if (const AlertReport* alert = fatal_alert(*found.side.leg, "client"))
    add_alert_evidence(finding, found.side, *alert);
  return finding;
}

/// It works through us; whether this client would have agreed is not known.
FindingReport agreed_by_us(const Renegotiation& found) {
  FindingReport finding = common_part(found, "HelloRequest from the backend after the handshake");
  finding.severity = severity::kWarning;
  finding.side = side::kBackend;
  finding.title = "The backend asks for renegotiation, which some clients refuse";
  finding.cause =
      "The backend asked for another handshake on the established connection (HelloRequest), as "
      "IIS and Apache do where a path needs a client certificate or other suites. The proxy "
      "answered it by itself; the client was not asked. Directly the client must agree: Go's TLS "
      "(by default), rustls, and OpenSSL's clients with SSL_OP_NO_RENEGOTIATION refuse; HTTP/2 and "
      "TLS 1.3 have no renegotiation at all.";
  finding.expected = "one handshake a connection";
  finding.presented = "a HelloRequest after the handshake";
  finding.remedy =
      "Let the backend ask for the certificate in the first handshake (IIS: "
      "SSLAlwaysNegoClientCert=1 for the binding; Apache: SSLVerifyClient in the virtual host). "
      "Whether this client agrees is seen with --mode passthrough.";
  return finding;
}

}  // namespace

/// In passthrough the messages are encrypted, but their records' type is not.
std::optional<FindingReport> diagnose_renegotiation_refused(const SessionReport& session) {
  const LegSide backend = backend_side(session);
  if (const auto found = find_on(backend)) {
    if (backend.direct() && is_refused(*found))
      return found->asker == "client" ? refused_by_backend(*found) : refused_by_client(*found);
    if (!backend.direct() && found->asker == "backend" && found->agreed)
      return agreed_by_us(*found);
  }
  const LegSide client = client_side(session);
  if (client.direct()) return std::nullopt;
  const auto found = find_on(client);
  return found && found->asker == "client" && found->alert != nullptr
             ? std::optional(refused_by_us(*found))
             : std::nullopt;
}

}  // namespace visavis::inspect

#include <array>

#include "inspect/findings/rule.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kIisHelp =
    "On Windows, `netstat -ano` must show the port as LISTENING with PID 4 (System: HTTP.sys); "
    "another PID is a program that took the port, none means a stopped site, a missing binding, or "
    "an address that `netsh http show iplisten` leaves out. Elsewhere: `ss -ltnp`.";

/// DialFailure is one way of not reaching a backend, and what it is called.
struct DialFailure {
  std::string_view note;  ///< of tcp_note
  std::string_view side;
  std::string_view confidence;
  std::string_view title;
  std::string_view cause;
  std::string_view hresult;
  std::string_view chrome;
  std::string_view firefox;
  std::string_view java;
  std::string_view source;
};

constexpr std::array<DialFailure, 5> kFailures{{
    {tcp_note::kRefused, side::kBackend, confidence::kProven,
     "The backend refuses the connection: nothing listens on this port",
     "The backend's machine answered the connection request with RST: it is up, but no program "
     "listens on this address and port, or a firewall answers in its place.",
     "0x8007274d", "ERR_CONNECTION_REFUSED", "NS_ERROR_CONNECTION_REFUSED",
     "ConnectException: Connection refused", "RFC 9293 3.5.2"},
    {tcp_note::kNoRoute, side::kNetwork, confidence::kLikely,
     "There is no route to the backend's address",
     "The network says that it can't deliver to this address: a router on the way, or this "
     "machine's own table of routes.",
     "0x80072751", "ERR_ADDRESS_UNREACHABLE", "NS_ERROR_CONNECTION_REFUSED",
     "NoRouteToHostException: No route to host", "RFC 1122 4.2.3.9"},
    {tcp_note::kNoAnswer, side::kNetwork, confidence::kLikely,
     "The backend's address does not answer at all",
     "Connection requests were sent and nothing came back, neither yes nor no: a firewall that "
     "drops them, a machine that is down, or a wrong address.",
     "0x8007274c", "ERR_CONNECTION_TIMED_OUT", "NS_ERROR_NET_TIMEOUT",
     "SocketTimeoutException: Connect timed out", "RFC 9293 3.8.3"},
    {tcp_note::kNameUnknown, side::kNetwork, confidence::kLikely,
     "The backend's name has no address",
     "The name servers that this machine asks know no address for the name. The client may ask "
     "others.",
     "0x80072af9", "ERR_NAME_NOT_RESOLVED", "NS_ERROR_UNKNOWN_HOST", "UnknownHostException",
     "RFC 2308 2.1"},
    {tcp_note::kFailed, side::kNetwork, confidence::kLikely, "The backend can't be reached",
     "The connection could not be made.", "0x80072efd", "ERR_CONNECTION_FAILED",
     "NS_ERROR_NET_RESET", "SocketException", "RFC 9293 3.9.1"},
}};

std::string remedy(const DialFailure& failure, const std::string& backend) {
  if (failure.note == tcp_note::kRefused)
    return "Start the service on " + backend + ", or correct the address. " + std::string(kIisHelp);
  if (failure.note == tcp_note::kNameUnknown)
    return "Check the name that visavis was given (--backend, --route) for typing errors, and ask "
           "for it on this machine and on the client's: `nslookup " +
           host_part(backend) + "`. An entry in the hosts file counts as well.";
  if (failure.note == tcp_note::kNoRoute)
    return "Look at the way there: `tracert` or `traceroute " + host_part(backend) +
           "`, the routes (`route print`, `ip route`), and whether the address is the right one.";
  return "Let the firewalls between this machine and " + backend +
         " pass the port, and make sure that the address is right and the machine up (Windows: "
         "Test-NetConnection -ComputerName HOST -Port PORT; elsewhere: nc -vz HOST PORT). " +
         std::string(kIisHelp);
}

/// The machine of the proxy itself was the reason: nobody else's fault.
void blame_ourselves(FindingReport& finding, const std::string& reason) {
  finding.side = side::kProxy;
  finding.confidence = confidence::kProven;
  finding.title = "The proxy's own machine could not open a connection to the backend";
  finding.cause = "The connection failed before anything was sent: " + reason +
                  ". That is a limit or a rule of this machine and says nothing about the backend.";
  finding.remedy =
      "Raise the limit that is named (file descriptors: ulimit -n; ports: "
      "net.ipv4.ip_local_port_range), or lift the local rule that forbids it, and try again.";
}

}  // namespace

/// The IIS article's scenario 3: is the port open at all, and who holds it?
std::optional<FindingReport> diagnose_backend_unreachable(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || side.leg->outcome == "established" || is_stopped(*side.leg)) return std::nullopt;
  const EventReport* event = dial_failure(*side.leg);
  if (event == nullptr) return std::nullopt;
  const DialFailure* failure = &kFailures.back();
  for (const DialFailure& each : kFailures)
    if (event->what == each.note) failure = &each;
  const std::string reason = side.leg->failure.value_or(event->what.str());
  const std::string where =
      session.backend + (session.backend_address && *session.backend_address != session.backend &&
                                 !session.backend_address->empty()
                             ? " (" + *session.backend_address + ")"
                             : "");

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = failure->side;
  finding.confidence = failure->confidence;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = failure->title;
  finding.cause = std::string(failure->cause) + " Asked was " + where + "; the answer: " + reason +
                  ". A client on another machine may fare otherwise.";
  finding.remedy = remedy(*failure, session.backend);
  if (event->sender == "proxy") blame_ourselves(finding, reason);
  finding.expected = "a TCP connection to " + where;
  finding.presented = reason;
  finding.evidence.push_back(evidence_of(side.name, *event, reason));
  finding.codes.hresult = failure->hresult;
  finding.codes.chrome = failure->chrome;
  finding.codes.firefox = failure->firefox;
  finding.codes.java = failure->java;
  finding.source = failure->source;
  return finding;
}

}  // namespace visavis::inspect

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {
namespace {

bool before(const EventReport* a, const EventReport* b) {
  return a != nullptr && (b == nullptr || a->i < b->i);
}

/// Each end that receives has seen the other side's close before it made one of its own. Were both
/// as they seem, each would have come before the other: no clock is needed for that. Where the
/// sender's end shows no close at all, its capture must go on long enough.
std::optional<MadeUpClose> find_made_up_close(const TwoEnds& ends, const Way& way) {
  const EventReport* received = tcp_close(*way.got, way.sender);
  if (!before(received, tcp_close(*way.got, way.receiver))) return std::nullopt;
  if (!shows_all_sent(*way.got, !way.c2s) || !shows_sender_until(ends, way, received->t_us))
    return std::nullopt;
  const EventReport* sent = tcp_close(*way.sent, way.sender);
  const EventReport* answered = tcp_close(*way.sent, way.receiver);
  if (sent == nullptr || before(answered, sent)) return MadeUpClose{way, received, sent};
  const auto at = at_sender(ends, way, received->t_us);
  if (at && sent->t_us > *at + patience_us(ends)) return MadeUpClose{way, received, sent};
  return std::nullopt;
}

std::string words(const EventReport& close) {
  return close.what == "rst" ? "a reset (RST)" : "the end of its stream (FIN)";
}

std::string sent_words(const MadeUpClose& made_up) {
  const std::string sender = "the " + std::string(made_up.way.sender);
  if (made_up.sent == nullptr) return sender + " did not close the connection";
  return sender + " sent " + words(*made_up.sent) + " only after that";
}

}  // namespace

std::vector<MadeUpClose> find_made_up_closes(const TwoEnds& ends) {
  std::vector<MadeUpClose> found;
  for (const Way& way : ways(ends))
    if (auto made_up = find_made_up_close(ends, way)) found.push_back(std::move(*made_up));
  return found;
}

std::optional<FindingReport> diagnose_made_up_close(const TwoEnds& ends) {
  const auto found = find_made_up_closes(ends);
  if (found.empty()) return std::nullopt;
  const MadeUpClose& first = found.front();
  FindingReport finding = network_finding(ends, "made-up-close");
  finding.title = "The connection is ended on the way: the " + std::string(first.way.receiver) +
                  " gets " + words(*first.received) + " that the " + std::string(first.way.sender) +
                  " did not send";
  if (found.size() > 1)
    finding.title =
        "The connection is ended on the way: each side gets an end that the other did "
        "not send";
  for (const MadeUpClose& each : found) {
    finding.cause += "The " + std::string(each.way.receiver) + " got " + words(*each.received) +
                     " in the name of the " + std::string(each.way.sender) + ", and " +
                     sent_words(each) + ". ";
    add_end_evidence(finding, each.way.receiver_end, each.received,
                     words(*each.received) + " received from the " + std::string(each.way.sender));
    add_end_evidence(finding, each.way.sender_end, each.sent, sent_words(each));
  }
  finding.cause +=
      "Neither end wanted it: a firewall, intrusion prevention or NAT on the way did, by its rules "
      "or because its time-out for silent connections had passed.";
  // Where nothing but one packet is missing at one end, its capture may have missed it.
  const bool one_packet = found.size() == 1 && first.sent == nullptr &&
                          tcp_close(*first.way.sent, first.way.receiver) == nullptr;
  if (one_packet) finding.confidence = confidence::kLikely;
  finding.expected = "an end that one of both sides sent";
  finding.presented =
      words(*first.received) + " at the " + std::string(first.way.receiver) + "'s end";
  finding.remedy =
      "Look in the logs of the firewalls and load balancers on the way for this connection at this "
      "time. After long silence: a longer time-out there, or keep-alives at the ends. Right after "
      "the ClientHello: a rule on the server name, the version or the size of the hello.";
  const bool reset = first.received->what == "rst";
  finding.codes.hresult = reset ? "0x80072eff" : "0x80072efe";  // WinINet: reset, aborted
  finding.codes.chrome = reset ? "ERR_CONNECTION_RESET" : "ERR_CONNECTION_CLOSED";
  finding.source = "RFC 9293 3.5.2 and 3.6; RFC 3360";
  return finding;
}

}  // namespace visavis::inspect

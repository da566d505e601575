#include <algorithm>

#include "inspect/findings/end_findings.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

/// What a receiver takes though its program reads nothing: the smallest windows that are in use.
/// Beyond that a forwarder may be holding bytes for which there is no room.
constexpr std::uint64_t kAlwaysTakenBytes = 8192;

/// TCP has repeated a segment several times by then: RFC 6298 2.
constexpr std::int64_t kLongUnacknowledgedUs = 1'000'000;

/// Until when the receiver's end would have shown them, in its own time; it closed then, or the
/// capture ends.
std::int64_t awaited_until(const Way& way) {
  const EventReport* own = tcp_close(*way.got, way.receiver);
  const EventReport* received = tcp_close(*way.got, way.sender);
  const std::int64_t seen = seen_until_us(*way.got_session, *way.got);
  return std::min(own != nullptr ? own->t_us : seen, received != nullptr ? received->t_us : seen);
}

/// A FIN comes behind all that was sent, unless somebody made it of an RST, which takes back what
/// is on its way. So does one that was made up, as far as can be seen: what comes behind it is not
/// taken.
bool ended_without_them(const TwoEnds& ends, const Way& way) {
  const EventReport* own = tcp_close(*way.got, way.receiver);
  const EventReport* received = tcp_close(*way.got, way.sender);
  if (received == nullptr || (own != nullptr && own->i < received->i)) return false;
  if (!shows_all_sent(*way.got, !way.c2s)) return false;  // its own end may be what is not there
  const EventReport* sent = tcp_close(*way.sent, way.sender);
  const bool taken_back = sent != nullptr && sent->what == "rst";
  if (received->what == "fin" && !taken_back) return true;
  const auto made_up = find_made_up_closes(ends);
  return std::any_of(made_up.begin(), made_up.end(),
                     [&way](const MadeUpClose& each) { return each.way.c2s == way.c2s; });
}

/// What proves that they will not come any more; empty: they still may.
std::string_view certainty(const TwoEnds& ends, const Way& way) {
  if (ended_without_them(ends, way)) return confidence::kProven;
  const auto at = at_receiver(ends, way, sent_at(way, way.bytes_got()));
  if (at && way.bytes_got() < kAlwaysTakenBytes && *at + patience_us(ends) <= awaited_until(way))
    return confidence::kProven;
  // Whoever has closed owes no acknowledgment.
  const EventReport* own = tcp_close(*way.got, way.receiver);
  if (own != nullptr && (!at || own->t_us < *at)) return {};
  const EventReport* told = tcp_close(*way.sent, way.receiver);
  if (told != nullptr && told->t_us < sent_at(way, way.bytes_got())) return {};
  // Where more is unacknowledged than is missing, acknowledgments are not in the capture; and it is
  // these bytes that must have waited, not others.
  const StreamMarks* sent = way.marks_sent();
  const std::int64_t waited =
      seen_until_us(*way.sent_session, *way.sent) - sent_at(way, way.bytes_got());
  const bool unacknowledged = sent != nullptr && sent->unacknowledged_us >= kLongUnacknowledgedUs &&
                              waited >= kLongUnacknowledgedUs &&
                              way.bytes_sent() - way.bytes_got() == sent->unacknowledged;
  return unacknowledged ? confidence::kLikely : std::string_view();
}

std::string what_is_lost(const Way& way) {
  const std::uint64_t lost = way.bytes_sent() - way.bytes_got();
  const std::string bytes = count_of(lost, "byte");
  if (way.bytes_got() >= hello_end(way.raw_sent()))
    return bytes + " of what the " + std::string(way.sender) + " sends";
  return bytes + " of the " + std::string(way.sender) + "'s " +
         (way.c2s ? "ClientHello" : "ServerHello");
}

}  // namespace

std::optional<FindingReport> diagnose_bytes_lost(const TwoEnds& ends) {
  for (const Way& way : ways(ends)) {
    if (!is_comparable(way) || way.gap() || way.bytes_got() >= way.bytes_sent()) continue;
    if (find_alteration(way)) continue;
    const std::string_view certain = certainty(ends, way);
    if (certain.empty()) continue;
    const std::string from = "byte " + std::to_string(way.bytes_got());
    FindingReport finding = network_finding(ends, "bytes-lost");
    finding.confidence = certain;
    finding.title =
        capitalized(what_is_lost(way) + " never reach the " + std::string(way.receiver));
    finding.cause = "The " + std::string(way.sender) + "'s end sent " +
                    count_of(way.bytes_sent(), "byte") + ", of which " +
                    std::to_string(way.bytes_got()) +
                    " arrived at the other end; TCP sends again what is lost by chance, so "
                    "something on the way takes it out each time, or has taken it and passes it on "
                    "no more.";
    if (way.c2s && way.bytes_got() < hello_end(way.raw_sent()))
      finding.cause +=
          " A ClientHello that does not fit one segment (post-quantum key shares) is what some "
          "firewalls and filters read once, and then drop.";
    finding.expected =
        count_of(way.bytes_sent(), "byte") + " at the " + std::string(way.receiver) + "'s end";
    finding.presented = std::to_string(way.bytes_got()) + ": nothing from " + from + " on";
    finding.remedy =
        "Look for what drops it: a firewall or filter that inspects TLS, a path whose MTU is "
        "smaller than the segments while ICMP is filtered (try a smaller MTU or MSS clamping), a "
        "tunnel. Capture in between to find where it is lost.";
    add_end_evidence(finding, way.sender_end, nullptr,
                     count_of(way.bytes_sent(), "byte") + " sent");
    add_end_evidence(finding, way.receiver_end, tcp_close(*way.got, way.sender),
                     std::to_string(way.bytes_got()) + " received");
    finding.codes.hresult = "0x80072ee2";  // ERROR_INTERNET_TIMEOUT
    finding.codes.chrome = "ERR_TIMED_OUT";
    finding.source = "RFC 9293 3.8.1; RFC 1191; RFC 8446 9.3";
    return finding;
  }
  return std::nullopt;
}

}  // namespace visavis::inspect

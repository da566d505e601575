#include "inspect/capture/tcp_connection.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "inspect/capture/capture_limits.h"

namespace visavis::inspect {
namespace {

/// Packets of a side after which bytes are given up that its receiver has acknowledged: captures
/// have packets in the wrong order, but not far.
constexpr std::size_t kPatiencePackets = 32;

/// Distance between sequence numbers, which wrap: RFC 9293 3.4.
std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

/// Far away is another connection's, or a damaged packet.
bool is_far(std::int32_t ahead) {
  return ahead > static_cast<std::int32_t>(limits::kMaxSequenceJump);
}

TcpSegment without_payload(const TcpSegment& segment) {
  TcpSegment copy = segment;
  copy.payload = {};
  copy.in = nullptr;
  return copy;
}

}  // namespace

TcpConnection::TcpConnection(const TcpSegment& first, TcpStreamSink& sink)
    : first_(first.from), sink_(sink) {
  if (first.syn && !first.ack) opening_ = first.sequence;
  // A SYN-ACK that comes first is the server's.
  if (first.syn && first.ack) first_ = first.to;
}

bool TcpConnection::is_new(const TcpSegment& segment) const {
  if (!segment.syn || segment.ack) return false;
  if (opening_ && segment.from == first_) return *opening_ != segment.sequence;
  return sides_[0].carried || sides_[1].carried || over();
}

void TcpConnection::add(const TcpSegment& segment) {
  const bool first = from_first(segment);
  Side& side = sides_[side_of(first)];
  sink_.packet(first, segment);
  last_ = without_payload(segment);
  learn(side, segment);
  if (segment.ack && !segment.rst) acknowledge(sides_[side_of(!first)], segment.acknowledged);
  if (segment.rst) {  // what it carries is no data: RFC 9293 3.5.3
    give_up(first, segment);
    if (!side.over) tell_unseen(first, segment);
    if (!side.over) sink_.ended(first, segment, StreamEnd::rst);
    side.over = true;
    return;
  }
  if (segment.fin && !side.end)
    side.end = segment.sequence + (segment.syn ? 1 : 0) +
               static_cast<std::uint32_t>(segment.payload.size() + segment.missing);
  if (!segment.payload.empty() || segment.missing > 0) payload(first, segment);
  for (const bool either : {true, false}) {
    Side& waiting = sides_[side_of(either)];
    if (waiting.held.empty()) continue;
    ++waiting.waited;
    const bool acknowledged =
        waiting.any_acknowledged && distance(waiting.next, waiting.acknowledged) > 0;
    if ((acknowledged && waiting.waited > kPatiencePackets) ||
        waiting.held_bytes > limits::kMaxHeldStreamBytes ||
        waiting.held.size() > limits::kMaxHeldSegments)
      give_up(either, segment);
  }
  tell_end(first, segment);
}

void TcpConnection::finish() {
  for (const bool first : {true, false}) {
    Side& side = sides_[side_of(first)];
    if (side.over) continue;
    give_up(first, last_);
    tell_unseen(first, last_);
    tell_end(first, last_);
  }
}

/// What was acknowledged was sent, though the capture never shows it (a FIN counts as a byte), and
/// so was what stands before a FIN.
void TcpConnection::tell_unseen(bool first, const TcpSegment& now) {
  const Side& side = sides_[side_of(first)];
  if (!side.known) return;
  std::int32_t unseen = side.any_acknowledged ? distance(side.next, side.acknowledged) : 0;
  if (side.end) unseen = std::max(unseen - 1, distance(side.next, *side.end));
  if (unseen > 1 && !is_far(unseen)) sink_.gap(first, now, static_cast<std::uint64_t>(unseen));
}

/// Where a side's stream begins: behind its SYN, else where its first packet lies, or, when the
/// other side has acknowledged more, there. Where only the server's SYN is missing, the client's
/// first acknowledgment stands right behind it.
void TcpConnection::learn(Side& side, const TcpSegment& segment) {
  if (segment.syn) {
    const std::uint32_t next = segment.sequence + 1;
    if (side.initial_count < side.initials.size()) side.initials[side.initial_count++] = next;
    if (!side.carried) {
      side.next = next;
      side.known = true;
    }
    return;
  }
  if (side.known || segment.rst) return;
  side.known = true;
  side.next = segment.sequence;
  // A keep-alive has the last byte again. What has more was sent before it was acknowledged, and
  // captured behind that.
  const bool acknowledged_before = side.any_acknowledged &&
                                   distance(segment.sequence, side.acknowledged) > 0 &&
                                   segment.payload.size() + segment.missing > 1;
  if (side.any_acknowledged && !acknowledged_before &&
      std::abs(distance(segment.sequence, side.acknowledged)) < 65'536)
    side.next = side.acknowledged;
  const bool opened = opening_ && segment.from != first_ && side.any_acknowledged;
  if (opened && !is_far(std::abs(distance(side.first_acknowledged, segment.sequence))))
    side.next = side.first_acknowledged;
}

void TcpConnection::acknowledge(Side& side, std::uint32_t number) {
  // Of several SYN-ACKs the one counts that the client acknowledges.
  if (!side.carried && side.initial_count > 1 &&
      std::find(side.initials.begin(),
                side.initials.begin() + static_cast<std::ptrdiff_t>(side.initial_count),
                number) != side.initials.begin() + static_cast<std::ptrdiff_t>(side.initial_count))
    side.next = number;
  if (side.any_acknowledged && distance(side.acknowledged, number) <= 0) return;
  if (!side.any_acknowledged) side.first_acknowledged = number;
  side.acknowledged = number;
  side.any_acknowledged = true;
}

void TcpConnection::payload(bool first, const TcpSegment& segment) {
  Side& side = sides_[side_of(first)];
  if (side.over) return;
  TcpSegment placed = segment;
  if (segment.syn) ++placed.sequence;
  const std::int32_t ahead = distance(side.next, placed.sequence);
  if (ahead > 0) return hold(side, placed);
  const auto known = static_cast<std::uint64_t>(-std::int64_t{ahead});
  const std::uint64_t total = placed.payload.size() + placed.missing;
  if (known >= total) return;  // sent again
  const auto old = static_cast<std::size_t>(std::min<std::uint64_t>(known, placed.payload.size()));
  take(first, placed, placed.payload.subspan(old),
       placed.missing - static_cast<std::size_t>(known - old));
  release(first);
}

void TcpConnection::take(bool first, const TcpSegment& segment, Bytes bytes, std::size_t missing) {
  Side& side = sides_[side_of(first)];
  side.carried = true;
  side.next += static_cast<std::uint32_t>(bytes.size() + missing);
  if (!bytes.empty()) sink_.data(first, segment, bytes);
  if (missing > 0) sink_.gap(first, segment, missing);
}

void TcpConnection::hold(Side& side, const TcpSegment& segment) {
  if (is_far(distance(side.next, segment.sequence))) return;
  auto after = side.held.end();  // most come in order behind what is held already
  while (after != side.held.begin() &&
         distance(segment.sequence, std::prev(after)->segment.sequence) > 0)
    --after;
  if (side.held.empty()) side.waited = 0;
  side.held_bytes += segment.payload.size();
  side.held.insert(after,
                   {without_payload(segment), {segment.payload.begin(), segment.payload.end()}});
}

/// Gives on what was held and is next now.
void TcpConnection::release(bool first) {
  Side& side = sides_[side_of(first)];
  while (!side.held.empty() && distance(side.next, side.held.front().segment.sequence) <= 0) {
    const Held held = std::move(side.held.front());
    side.held.pop_front();
    side.held_bytes -= held.bytes.size();
    side.waited = 0;
    const auto known =
        static_cast<std::uint64_t>(-std::int64_t{distance(side.next, held.segment.sequence)});
    if (known >= held.bytes.size() + held.segment.missing) continue;
    const auto old = static_cast<std::size_t>(std::min<std::uint64_t>(known, held.bytes.size()));
    take(first, held.segment, Bytes(held.bytes).subspan(old),
         held.segment.missing - static_cast<std::size_t>(known - old));
  }
}

/// What is missing before what is held will not come.
void TcpConnection::give_up(bool first, const TcpSegment& now) {
  Side& side = sides_[side_of(first)];
  while (!side.held.empty()) {
    const std::int32_t missing = distance(side.next, side.held.front().segment.sequence);
    if (missing > 0) {
      side.next += static_cast<std::uint32_t>(missing);
      side.carried = true;
      sink_.gap(first, now, static_cast<std::uint64_t>(missing));
    }
    release(first);
  }
}

void TcpConnection::tell_end(bool first, const TcpSegment& segment) {
  Side& side = sides_[side_of(first)];
  if (side.over || !side.end || distance(side.next, *side.end) > 0) return;
  side.over = true;
  side.held.clear();  // a stream has no bytes behind its FIN
  side.held_bytes = 0;
  sink_.ended(first, segment, StreamEnd::fin);
}

}  // namespace visavis::inspect

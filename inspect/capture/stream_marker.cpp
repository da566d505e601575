#include "inspect/capture/stream_marker.h"

#include <algorithm>
#include <cstring>

#include "inspect/capture/capture_limits.h"
#include "inspect/transcript/stream_mark_positions.h"

namespace visavis::inspect {
namespace {

constexpr std::uint64_t kWord = sizeof(std::uint64_t);

/// Distance between sequence numbers, which wrap: RFC 9293 3.4.
std::int32_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

/// A number far away is a damaged packet's, or another connection's.
bool is_next(std::uint32_t from, std::uint32_t to) {
  const std::int32_t ahead = distance(from, to);
  return ahead > 0 && ahead <= static_cast<std::int32_t>(limits::kMaxSequenceJump);
}

/// One step of a multiplicative hash: odd constants, each bit reaches the upper half.
std::uint64_t mixed(std::uint64_t digest, std::uint64_t value) {
  digest = (digest ^ value) * 0x9e3779b97f4a7c15U;
  return digest ^ (digest >> 29);
}

}  // namespace

void StreamMarker::packet(const TcpSegment& segment, std::int64_t at) {
  const auto length = static_cast<std::uint32_t>(segment.payload.size() + segment.missing);
  const bool carries = !segment.rst && (length > 0 || segment.syn || segment.fin);
  if (sent_ && !carries) {
    // An acknowledgment or RST stands behind all that was sent. (An RST's data is none: RFC 9293
    // 3.5.3.)
    if (is_next(behind_.value_or(*sent_), segment.sequence)) behind_ = segment.sequence;
    return;
  }
  if (segment.rst) return;
  const std::uint32_t end =
      segment.sequence + length + (segment.syn ? 1U : 0U) + (segment.fin ? 1U : 0U);
  if (!sent_) {
    // Of a connection whose beginning is not there: what comes from here on.
    sent_ = end;
    if (length > 0) waits_since_ = at;
    begins_late_ = first_acknowledged_ && is_next(*first_acknowledged_, segment.sequence);
    if (!acknowledged_) acknowledged_ = segment.sequence;
    return;
  }
  if (segment.syn && !is_next(*sent_, end)) {
    sent_ = end;  // a server may try several
    return;
  }
  if (!is_next(*sent_, end)) return;
  if (acknowledged_ && distance(*acknowledged_, *sent_) <= 0) waits_since_ = at;
  sent_ = end;
}

void StreamMarker::acknowledged(std::uint32_t number, std::int64_t at) {
  if (acknowledged_ && !is_next(*acknowledged_, number)) return;
  acknowledged_ = number;
  if (!first_acknowledged_) first_acknowledged_ = number;
  waits_since_ = at;  // of what is left it is not known when it was sent: not before, to be sure
}

void StreamMarker::data(Bytes bytes) {
  while (!bytes.empty()) {
    const std::uint64_t filled = marks_.bytes % kWord;
    if (filled == 0 && bytes.size() >= kWord) {
      std::uint64_t value = 0;
      std::memcpy(&value, bytes.data(), kWord);
      word(value);
      marks_.bytes += kWord;
      bytes = bytes.subspan(kWord);
    } else {
      partial_ |= std::uint64_t{bytes.front()} << (8 * filled);
      ++marks_.bytes;
      bytes = bytes.subspan(1);
      if (filled + 1 == kWord) {
        word(partial_);
        partial_ = 0;
      }
    }
    if (marks_.bytes == next_mark_) mark();
  }
}

void StreamMarker::word(std::uint64_t value) { digest_ = mixed(digest_, value); }

void StreamMarker::mark() {
  marks_.beginnings.push_back(digest_);
  next_mark_ = stream_mark_position(marks_.beginnings.size());
}

StreamMarks StreamMarker::marks(std::int64_t last) const {
  StreamMarks marks = marks_;
  marks.all = mixed(mixed(digest_, partial_), marks_.bytes);
  marks.more_acknowledged = sent_ && behind_ && is_next(*sent_, *behind_);
  if (!sent_ || !acknowledged_) return marks;
  const std::int32_t waiting = distance(*acknowledged_, *sent_);
  marks.more_acknowledged |= waiting < 0;
  if (waiting <= 0) return marks;
  marks.unacknowledged = static_cast<std::uint64_t>(waiting);
  marks.unacknowledged_us = std::max<std::int64_t>(last - waits_since_, 0);
  return marks;
}

}  // namespace visavis::inspect

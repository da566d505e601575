#include "inspect/capture/handshake_filter.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// Counter counts a reader's complete records.
struct Counter {
  std::uint64_t& records;
  void fragment(const RecordHeader&, Bytes) const {}
  void record(const RecordHeader&) const { ++records; }
};

}  // namespace

void HandshakeFilter::add(std::int64_t at, Direction direction, Bytes bytes) {
  if (!held_.empty()) return hold(at, direction, bytes);
  const std::size_t taken = split(at, direction, bytes);
  if (taken < bytes.size()) hold(at, direction, bytes.subspan(taken));
}

void HandshakeFilter::established(std::uint64_t c2s_records, std::uint64_t s2c_records) {
  if (decided_) return;
  decided_ = true;
  sides_.c2s.handshake_records = c2s_records;
  sides_.s2c.handshake_records = s2c_records;
  release();
}

void HandshakeFilter::ended() {
  constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
  established(kAll, kAll);
}

HandshakeFilter::Fate HandshakeFilter::fate(const Side& side) const {
  if (side.reader.error())
    return side.plain_bytes < limits::kMaxRawPlainBytes ? Fate::keep : Fate::cut;
  if (!side.reader.in_body() || side.reader.header().type != kApplicationData) return Fate::keep;
  if (!decided_) return Fate::unknown;
  const bool refused = &side == &sides_.c2s && side.records < refused_;
  return side.records < side.handshake_records && !refused ? Fate::keep : Fate::cut;
}

/// Hands bytes on up to the first whose fate is not known, and returns how many. A piece is what is
/// kept, and what follows it and is not.
std::size_t HandshakeFilter::split(std::int64_t at, Direction direction, Bytes bytes) {
  Side& side = sides_[direction];
  std::size_t begin = 0;  // of the piece
  std::size_t keep = 0;
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const Fate next = fate(side);
    if (next == Fate::unknown) break;
    if (next == Fate::keep && begin + keep < taken) {
      sink_.piece(at, direction, bytes.subspan(begin, taken - begin), keep);
      begin = taken;
      keep = 0;
    }
    const std::size_t part = take_part(side, bytes.subspan(taken), next);
    taken += part;
    if (next == Fate::keep) keep += part;
  }
  if (taken > begin) sink_.piece(at, direction, bytes.subspan(begin, taken - begin), keep);
  return taken;
}

/// Takes bytes that have the same fate: of one header, of one body, or of what is no TLS.
std::size_t HandshakeFilter::take_part(Side& side, Bytes bytes, Fate fate) {
  if (side.reader.error()) {
    if (fate == Fate::cut) return bytes.size();
    const std::size_t room = limits::kMaxRawPlainBytes - side.plain_bytes;
    const std::size_t part = std::min(bytes.size(), room);
    side.plain_bytes += part;
    return part;
  }
  const std::size_t wanted = std::max<std::size_t>(side.reader.missing_bytes(), 1);
  const std::size_t part = std::min(bytes.size(), wanted);
  side.reader.feed(bytes.first(part), Counter{side.records});
  return part;
}

void HandshakeFilter::hold(std::int64_t at, Direction direction, Bytes bytes) {
  held_.push_back({at, direction, {bytes.begin(), bytes.end()}});
  held_bytes_ += bytes.size();
  // A handshake that does not end: what is beyond the limit is left out.
  if (held_bytes_ > limits::kMaxRawBytes) established(sides_.c2s.records, sides_.s2c.records);
}

void HandshakeFilter::release() {
  for (const Held& held : std::exchange(held_, {}))
    (void)split(held.at, held.direction, held.bytes);
  held_bytes_ = 0;
}

}  // namespace visavis::inspect

#include "proxy/record_splitter.h"

#include <algorithm>

namespace visavis::proxy {
namespace {

using Kind = SplitPolicy::Kind;

/// A record's plaintext, at most. RFC 8446 5.1.
constexpr std::size_t kFullRecord = 16384;

}  // namespace

std::string split_policy_name(const SplitPolicy& policy) {
  switch (policy.kind) {
    case Kind::keep:
      return "keep";
    case Kind::none:
      return "none";
    case Kind::one_n_minus_one:
      return "1/n-1";
    case Kind::zero_n:
      return "0/n";
    case Kind::max:
      break;
  }
  return "max:" + std::to_string(policy.max_bytes);
}

std::string split_segments_name(SplitSegments segments) {
  if (segments == SplitSegments::keep) return "keep";
  return segments == SplitSegments::one ? "one" : "two";
}

/// True for the policies that put the halves of a split together.
bool RecordSplitter::joins() const {
  return policy_.kind != Kind::keep && policy_.kind != Kind::max;
}

/// Whether the two records of a split leave in segments of their own.
bool RecordSplitter::in_two() const {
  return segments_ == SplitSegments::two || (segments_ == SplitSegments::keep && halves_apart_);
}

void RecordSplitter::add(inspect::Bytes plaintext, RecordArrival arrival) {
  const bool second_half = (tiny_ && !settled_) || arrival.after_empty;
  if (left() == 0) {
    held_.clear();
    write_begun_ = false;
  } else {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken_));
  }
  taken_ = 0;
  // Two records of one byte are two keystrokes rather than a split: they wait for no third.
  tiny_ = plaintext.size() <= 1 && held_.empty();
  held_.insert(held_.end(), plaintext.begin(), plaintext.end());
  settled_ = false;
  after_empty_ = arrival.after_empty;
  halves_apart_ = second_half && arrival.apart;
}

bool RecordSplitter::waits() const {
  if (!tiny_ || settled_) return false;
  return joins() ? left() > 0 : segments_ == SplitSegments::one;
}

std::optional<OutgoingRecord> RecordSplitter::next() {
  if (left() == 0) return std::nullopt;
  if (!joins()) return next_kept();
  if (waits()) return std::nullopt;
  return next_joined();
}

std::optional<OutgoingRecord> RecordSplitter::next_joined() {
  if (policy_.kind == Kind::none) {
    if (!settled_ && left() < kFullRecord) return std::nullopt;
    return take(std::min(left(), kFullRecord));
  }
  if (policy_.kind == Kind::one_n_minus_one) return next_of_write();
  OutgoingRecord record = take(std::min(left(), kFullRecord));
  record.starts_segment = record.cut_behind_empty = in_two();
  return record;
}

/// 1/n-1: a write of one byte stays one record.
OutgoingRecord RecordSplitter::next_of_write() {
  if (write_begun_ || left() == 1) return take(std::min(left(), kFullRecord));
  write_begun_ = true;
  OutgoingRecord record = take(1);
  record.starts_segment = record.ends_segment = in_two();
  return record;
}

/// A record as it came, or its pieces.
OutgoingRecord RecordSplitter::next_kept() {
  const bool first = taken_ == 0;
  const bool pieces = policy_.kind == Kind::max;
  OutgoingRecord record = take(pieces ? std::min(left(), policy_.max_bytes) : left());
  if (segments_ == SplitSegments::two) {
    record.starts_segment = record.ends_segment = pieces || tiny_;
    record.starts_segment = record.starts_segment || (first && after_empty_);
    record.cut_behind_empty = first && after_empty_;
  } else if (segments_ == SplitSegments::keep && first && halves_apart_) {
    record.starts_segment = !after_empty_;
    record.cut_behind_empty = after_empty_;
  }
  return record;
}

OutgoingRecord RecordSplitter::take(std::size_t count) {
  OutgoingRecord record;
  record.plaintext = inspect::Bytes(held_).subspan(taken_, count);
  taken_ += count;
  return record;
}

}  // namespace visavis::proxy

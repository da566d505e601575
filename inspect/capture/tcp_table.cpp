#include "inspect/capture/tcp_table.h"

#include <array>
#include <cstring>
#include <iterator>
#include <utility>

namespace visavis::inspect {
namespace {

/// How long what is under way may still come when a connection has ended: the longest round trips
/// are not much above a second.
constexpr std::int64_t kLingerNs = 2'000'000'000;

}  // namespace

std::size_t TcpTable::KeyHash::operator()(const Key& key) const {
  std::uint64_t mixed = 0;
  const auto mix = [&mixed](std::uint64_t word) {
    mixed = (mixed ^ word) * 0x9e3779b97f4a7c15U;
    mixed ^= mixed >> 32U;
  };
  for (const NetworkEndpoint* end : {&key.low, &key.high}) {
    std::array<std::uint64_t, 2> address{};
    std::memcpy(address.data(), end->address.data(), sizeof address);
    mix(address[0]);
    if (end->v6) mix(address[1]);
    mix(end->port);
  }
  return mixed;
}

void TcpTable::add(const TcpSegment& segment) {
  close_ended(segment.time_ns);
  const bool forward = segment.from < segment.to;
  const Key key{forward ? segment.from : segment.to, forward ? segment.to : segment.from};
  const auto entry = entry_of(key, segment);
  if (!entry->open) {
    if (entry->passed_wanted) observer_.passed(entry->number);
    return;
  }
  open_.splice(open_.begin(), open_, entry);
  Open& open = *entry->open;
  if (segment.syn && !segment.ack && !entry->syn) entry->syn = segment.sequence;
  open.connection.add(segment);
  if (!observer_.wants_more(entry->number, *open.sink)) return close(entry);
  if (open.lingers || !(segment.rst || open.connection.over())) return;
  open.lingers = true;
  endings_.push_back({segment.time_ns + kLingerNs, key, entry->number});
}

/// Most packets are of the connection that the one before was of. End of open_: it is unknown.
TcpTable::Entries::iterator TcpTable::find(const Key& key) {
  if (!open_.empty() && open_.front().key == key) return open_.begin();
  const auto found = found_.find(key);
  return found == found_.end() ? open_.end() : found->second;
}

TcpTable::Entries::iterator TcpTable::entry_of(const Key& key, const TcpSegment& segment) {
  if (const auto entry = find(key); entry != open_.end()) {
    const bool opens = segment.syn && !segment.ack;
    const bool another = entry->open ? entry->open->connection.is_new(segment)
                                     : opens && entry->syn != segment.sequence;
    if (!another) return entry;
    if (entry->open) close(entry);
    found_.erase(key);
    closed_.erase(entry);
  }
  make_room();
  const std::uint64_t number = count_++;
  open_.push_front({key, number, std::nullopt,
                    std::make_unique<Open>(observer_.opened(number, segment), segment), false});
  found_[key] = open_.begin();
  return open_.begin();
}

void TcpTable::close(Entries::iterator entry) {
  entry->open->connection.finish();
  entry->passed_wanted = observer_.closed(entry->number, std::move(entry->open->sink));
  entry->open.reset();
  closed_.splice(closed_.begin(), open_, entry);
}

void TcpTable::close_ended(std::int64_t now_ns) {
  while (!endings_.empty() && endings_.front().at_ns < now_ns) {
    const Ending ending = endings_.front();
    endings_.pop_front();
    const auto found = found_.find(ending.key);
    if (found == found_.end()) continue;
    const auto entry = found->second;
    if (entry->number == ending.number && entry->open) close(entry);
  }
}

void TcpTable::make_room() {
  while (open_.size() >= max_open_) close(std::prev(open_.end()));
  while (!closed_.empty() && open_.size() + closed_.size() >= max_tracked_) {
    found_.erase(closed_.back().key);
    closed_.pop_back();
  }
}

void TcpTable::finish() {
  open_.sort([](const Entry& a, const Entry& b) { return a.number > b.number; });
  while (!open_.empty()) close(std::prev(open_.end()));
}

}  // namespace visavis::inspect

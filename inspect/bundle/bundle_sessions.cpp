#include "inspect/bundle/bundle_sessions.h"

#include <iterator>
#include <utility>

#include "inspect/report/json_report.h"

namespace visavis::inspect {
namespace {

std::size_t rank_of(const SessionReport& session) {
  if (session.verdict.verdict_class == "healthy") return 0;
  return session.verdict.verdict_class == "unknown" ? 1 : 2;
}

/// A log and a capture of the same run have the same sessions.
std::string name_of(const SessionReport& session) { return session.id + ' ' + session.client; }

}  // namespace

void BundleSessions::add(SessionReport session) {
  std::string name = name_of(session);
  if (names_.contains(name)) return;
  if (names_.size() < kMaxNames) names_.insert(std::move(name));
  const std::size_t bytes = render_json(session).size();
  const std::size_t rank = rank_of(session);
  while (!has_room(bytes) && bytes <= max_bytes_ && give_way(rank)) continue;
  if (!has_room(bytes)) {
    ++left_out_;
    return;
  }
  bytes_ += bytes;
  held_.push_back({std::move(session), bytes});
  ranks_[rank].push_back(std::prev(held_.end()));
}

/// The last one of those that matter least. False: none matters less than `rank`.
bool BundleSessions::give_way(std::size_t rank) {
  for (std::size_t lower = 0; lower < rank; ++lower) {
    if (ranks_[lower].empty()) continue;
    const List::iterator last = ranks_[lower].back();
    ranks_[lower].pop_back();
    bytes_ -= last->bytes;
    held_.erase(last);
    ++left_out_;
    return true;
  }
  return false;
}

std::vector<SessionReport> BundleSessions::take() {
  std::vector<SessionReport> sessions;
  sessions.reserve(held_.size());
  for (Held& held : held_) sessions.push_back(std::move(held.session));
  held_.clear();
  for (auto& rank : ranks_) rank.clear();
  names_.clear();
  bytes_ = 0;
  return sessions;
}

}  // namespace visavis::inspect

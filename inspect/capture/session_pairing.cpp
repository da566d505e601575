#include "inspect/capture/session_pairing.h"

#include <algorithm>
#include <utility>

#include "inspect/capture/capture_limits.h"

namespace visavis::inspect {

SessionPairing::Group* SessionPairing::group_of(const std::string& session) {
  if (const auto found = groups_.find(session); found != groups_.end()) return &found->second;
  if (groups_.size() >= limits::kMaxOpenSessions) return nullptr;
  return &groups_[session];
}

/// The verdict is with the last packet of each leg, the note with one of them.
void SessionPairing::comment(const CapturedPacket& packet) {
  const auto read = parse_leg_label(packet.comment);
  if (!read || !read->concluded || !leg_of_interface(packet.interface_name)) return;
  const auto found = groups_.find(read->label.session);
  if (found == groups_.end()) return;  // it was given already, or has no connection
  Group& group = found->second;
  group.concluded = true;
  if (!group.note.empty() || note_bytes_ + packet.note.size() > limits::kMaxHeldNoteBytes) return;
  group.note = packet.note;
  note_bytes_ += group.note.size();
}

void SessionPairing::opened(std::uint64_t number, const std::optional<LegLabel>& label) {
  open_.insert(number);
  if (label) labelled(number, *label);
}

void SessionPairing::labelled(std::uint64_t number, const LegLabel& label) {
  Group* group = group_of(label.session);
  if (group == nullptr) return;
  group->open.insert(number);
  group_names_[number] = label.session;
}

void SessionPairing::over(std::uint64_t number) {
  open_.erase(number);
  const auto name = group_names_.find(number);
  if (name == group_names_.end()) return;
  if (const auto group = groups_.find(name->second); group != groups_.end())
    group->second.open.erase(number);
  group_names_.erase(name);
}

void SessionPairing::dropped(std::uint64_t number) {
  over(number);
  release(limits::kMaxWaitingSessions);
}

void SessionPairing::closed(std::uint64_t number, CapturedSession session) {
  over(number);
  Group* group = session.label ? group_of(session.label->session) : nullptr;
  if (group != nullptr && group->waits) {
    CapturedSession before = std::move(waiting_.extract(group->number).mapped());
    std::vector<CapturedSession> others = std::exchange(before.others, {});
    if (number > group->number) std::swap(before, session);
    // What has more than any session has is no capture of ours.
    if (others.size() < limits::kMaxSessionConnections) others.push_back(std::move(before));
    session.others = std::move(others);
    number = std::min(number, group->number);
  }
  if (group != nullptr) {
    group->waits = true;
    group->number = number;
  }
  waiting_.emplace(number, std::move(session));
  release(limits::kMaxWaitingSessions);
}

bool SessionPairing::ready(const CapturedSession& session) const {
  if (!session.label) return true;
  const auto group = groups_.find(session.label->session);
  return group == groups_.end() || (group->second.concluded && group->second.open.empty());
}

void SessionPairing::release(std::size_t may_wait) {
  while (!waiting_.empty()) {
    auto first = waiting_.begin();
    const bool next = open_.empty() || first->first < *open_.begin();
    const bool too_many = waiting_.size() > may_wait;
    if (!too_many && !(next && ready(first->second))) return;
    // Of those that hold up the others the one that came first.
    if (too_many && !ready(first->second)) {
      const auto other = std::find_if(waiting_.begin(), waiting_.end(),
                                      [this](const auto& each) { return ready(each.second); });
      if (other != waiting_.end()) first = other;
    }
    give(first);
  }
}

void SessionPairing::give(std::map<std::uint64_t, CapturedSession>::iterator session) {
  auto taken = waiting_.extract(session);
  CapturedSession& whole = taken.mapped();
  if (whole.label) {
    if (const auto group = groups_.find(whole.label->session); group != groups_.end()) {
      note_bytes_ -= group->second.note.size();
      whole.note = std::move(group->second.note);
      groups_.erase(group);
    }
    std::sort(whole.others.begin(), whole.others.end(),
              [](const auto& a, const auto& b) { return a.connection < b.connection; });
  }
  take_(std::move(whole));
}

void SessionPairing::finish() { release(0); }

}  // namespace visavis::inspect

#include "proxy/deadline.h"

#include <vector>

namespace visavis::proxy {

Watchdog::Ticket Watchdog::watch(Deadline& deadline) {
  deadlines_.push_back(&deadline);
  start();
  return std::prev(deadlines_.end());
}

void Watchdog::start() {
  if (running_) return;
  running_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([this](error_code error) {
    running_ = false;
    if (!error) tick();
  });
}

void Watchdog::tick() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Deadline*> due;
  for (Deadline* deadline : deadlines_) {
    if (deadline->expired) continue;
    if (deadline->idle.count() > 0 && deadline->progress != deadline->seen_progress) {
      deadline->seen_progress = deadline->progress;
      deadline->at = now + deadline->idle;
    }
    if (now >= deadline->at) due.push_back(deadline);
  }
  // Cancelling posts the sessions' wake-up: none of them ends, and leaves the list, inside this
  // loop.
  for (Deadline* deadline : due) deadline->expire();
  if (!deadlines_.empty()) start();
}

void Watchdog::expire_all() {
  stopped_ = true;
  for (Deadline* deadline : deadlines_) {
    deadline->stopped = !deadline->expired;
    deadline->expire();
  }
}

}  // namespace visavis::proxy

#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>

#include <boost/asio/steady_timer.hpp>

#include "proxy/task.h"

namespace visavis::proxy {

using Milliseconds = std::chrono::milliseconds;

/// Deadline is a session's current time limit. `on_expiry` is called once when it passes.
struct Deadline {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::duration idle{0};  ///< not zero: while `progress` grows, `at` moves on
  std::uint64_t progress = 0;                   ///< bytes relayed; the session counts up
  std::uint64_t seen_progress = 0;
  bool expired = false;
  bool stopped = false;  ///< expired because the proxy stops
  std::function<void()> on_expiry;

  /// set starts a limit of its own, or none where it is zero.
  void set(Milliseconds limit) {
    idle = {};
    at = limit.count() > 0 ? std::chrono::steady_clock::now() + limit
                           : std::chrono::steady_clock::time_point::max();
  }
  /// set_idle starts a limit that every progress renews.
  void set_idle(Milliseconds limit) {
    set(limit);
    idle = limit;
    seen_progress = progress;
  }
  void expire() {
    if (expired) return;
    expired = true;
    if (on_expiry) on_expiry();
  }
};

/// Watchdog looks at all deadlines of a thread every kTick while there are any: no timer per
/// connection, no clock per record. A limit is met kTick late at most.
class Watchdog {
 public:
  static constexpr Milliseconds kTick{100};

  explicit Watchdog(Executor executor) : timer_(executor) {}

  using Ticket = std::list<Deadline*>::iterator;
  Ticket watch(Deadline& deadline);
  void forget(Ticket ticket) { deadlines_.erase(ticket); }
  /// expire_all ends every session: what a stop does.
  void expire_all();
  /// stopped is true from then on: nothing new is to be begun.
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void start();
  void tick();

  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer_;
  std::list<Deadline*> deadlines_;
  bool running_ = false;
  bool stopped_ = false;
};

}  // namespace visavis::proxy

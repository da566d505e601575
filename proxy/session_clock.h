#pragma once
#include <chrono>
#include <cstdint>

namespace visavis::proxy {

/// SessionClock gives microseconds since a session was accepted, and when that was.
class SessionClock {
 public:
  SessionClock()
      : started_(std::chrono::system_clock::now()), origin_(std::chrono::steady_clock::now()) {}

  [[nodiscard]] std::int64_t at_us() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                 origin_)
        .count();
  }
  [[nodiscard]] std::chrono::system_clock::time_point started() const { return started_; }
  /// origin is the same time by the clock that nobody sets.
  [[nodiscard]] std::chrono::steady_clock::time_point origin() const { return origin_; }

 private:
  std::chrono::system_clock::time_point started_;
  std::chrono::steady_clock::time_point origin_;
};

}  // namespace visavis::proxy

#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_set>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// BundleSessions are those that a bundle is made of, as far as it holds them: what failed is what
/// it is for, so that others give way, and first those that are healthy.
class BundleSessions {
 public:
  /// `max_bytes` is of their JSON.
  BundleSessions(std::size_t max_sessions, std::size_t max_bytes)
      : max_sessions_(max_sessions), max_bytes_(max_bytes) {}

  /// add takes a session, unless it is there already.
  void add(SessionReport session);
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  /// left_out counts those that were added and are not there: once each, as far as kMaxNames goes.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  /// take returns them in the order in which they came, and is empty then.
  [[nodiscard]] std::vector<SessionReport> take();

  /// Sessions by which others are known to be the same. Protects the memory of a proxy that runs
  /// for long.
  static constexpr std::size_t kMaxNames = 65'536;

 private:
  struct Held {
    SessionReport session;
    std::size_t bytes = 0;
  };
  using List = std::list<Held>;

  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return held_.size() < max_sessions_ && bytes_ + bytes <= max_bytes_;
  }
  bool give_way(std::size_t rank);

  std::size_t max_sessions_;
  std::size_t max_bytes_;
  List held_;
  std::array<std::vector<List::iterator>, 3> ranks_;  // what gives way first is first
  std::unordered_set<std::string> names_;             // of those left out, too
  std::size_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace visavis::inspect

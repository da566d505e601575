#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "inspect/capture/capture_format.h"
#include "inspect/capture/captured_session.h"

namespace visavis::inspect {

/// SessionPairing puts the legs in a capture of the proxy's own together into sessions again, and
/// gives all sessions on in the order of their first packets. What did not pass through the proxy
/// is a session by itself.
///
/// A session's legs wait until its last packets have said that it is over, and all its connections
/// are. What never says so (the file ends before) waits for the end of the file, or until more than
/// limits::kMaxWaitingSessions wait.
class SessionPairing {
 public:
  using Take = std::function<void(CapturedSession)>;

  explicit SessionPairing(Take take) : take_(std::move(take)) {}

  /// comment reads what a packet says of a session.
  void comment(const CapturedPacket& packet);
  /// opened says that a connection has begun; each is closed or dropped later.
  void opened(std::uint64_t number, const std::optional<LegLabel>& label);
  /// labelled says that of one that is open the label came later.
  void labelled(std::uint64_t number, const LegLabel& label);
  void closed(std::uint64_t number, CapturedSession session);
  /// dropped says that a connection is over, and none of a session.
  void dropped(std::uint64_t number);
  /// finish gives all that waits.
  void finish();

 private:
  /// Group is what is known of a session of the proxy's own.
  struct Group {
    std::set<std::uint64_t> open;  // its connections
    std::uint64_t number = 0;      // in waiting_
    bool waits = false;
    bool concluded = false;
    std::string note;
  };
  using Groups = std::map<std::string, Group>;

  Group* group_of(const std::string& session);
  void over(std::uint64_t number);
  void add(std::uint64_t number, CapturedSession session,
           std::map<std::uint64_t, CapturedSession>::iterator first, Group& group);
  [[nodiscard]] bool ready(const CapturedSession& session) const;
  void release(std::size_t may_wait);
  void give(std::map<std::uint64_t, CapturedSession>::iterator session);

  Take take_;
  std::set<std::uint64_t> open_;                      // connections that may become sessions
  std::map<std::uint64_t, CapturedSession> waiting_;  // by the number of their first connection
  Groups groups_;
  std::map<std::uint64_t, std::string> group_names_;  // of open connections
  std::size_t note_bytes_ = 0;
};

}  // namespace visavis::inspect

#pragma once
#include <string>
#include <vector>

#include "proxy/backend_address.h"
#include "proxy/passthrough_tap.h"
#include "proxy/services.h"

namespace visavis::proxy {

/// TwinHello is what a direct twin sends: a client's hello as it was on the wire, and in which TCP
/// segments.
struct TwinHello {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> segments;  ///< their sizes; what they don't cover goes with the last
};

/// hello_wire_bytes returns how many bytes the records take that hold the ClientHello with which
/// `wire` begins; 0 when it is not whole. What a client has sent behind it, early data above all,
/// is left out.
std::size_t hello_wire_bytes(inspect::Bytes wire);

/// DirectTwin is a trial: the client's own hello, sent to the backend on a connection of its own,
/// segment by segment; each is acknowledged before the next. It reads until an answer is there: an
/// alert, a close, the end of the first flight (in TLS 1.3 its ServerHello); then it closes with
/// FIN. Bounded in time and bytes; a stop of the proxy ends it.
class DirectTwin {
 public:
  /// What the backend has for its answer where the session's own handshake was quick.
  static constexpr Milliseconds kAnswerLimit{5000};

  DirectTwin(ThreadServices& services, const SessionClock& clock);
  ~DirectTwin();
  DirectTwin(const DirectTwin&) = delete;
  DirectTwin& operator=(const DirectTwin&) = delete;

  /// run dials and sends; `limit` bounds what follows the dial. `beside`: the session has a
  /// connection to the backend meanwhile, which is noted.
  Task<void> run(const HostPort& backend, const TwinHello& hello, Milliseconds limit, bool beside,
                 Executor executor);

  [[nodiscard]] inspect::TranscriptBuilder& builder() { return tap_.builder(); }
  [[nodiscard]] inspect::Transcript& transcript() { return tap_.builder().transcript(); }

 private:
  Task<bool> dial(const HostPort& backend, bool beside, Executor executor);
  Task<void> send(const TwinHello& hello);
  Task<bool> send_piece(inspect::Bytes piece, std::uint32_t number);
  Task<bool> delivered();
  Task<void> receive();
  Task<void> close();
  void take_in();
  [[nodiscard]] bool answered() const;
  [[nodiscard]] bool over() const { return ended_ || deadline_.expired; }
  Task<void> pause(Milliseconds duration);

  ThreadServices& services_;
  PassthroughTap tap_;
  Deadline deadline_;
  Watchdog::Ticket ticket_;
  std::optional<Socket> socket_;
  std::optional<Timer> timer_;
  std::size_t received_bytes_ = 0;
  bool ended_ = false;  // there is an answer, or nothing more comes
};

}  // namespace visavis::proxy

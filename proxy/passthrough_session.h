#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/backend_dial.h"
#include "proxy/connect_request.h"
#include "proxy/passthrough_relay.h"
#include "proxy/services.h"

namespace visavis::proxy {

/// Handover is a connection of which a hello was read already.
struct Handover {
  Socket socket;
  std::string client_address;
  std::string listener_address;
  std::unique_ptr<const ConnectTunnel> tunnel;
  SessionClock clock;
  std::shared_ptr<SessionCapture> capture;  ///< null: nothing is captured
  std::vector<std::uint8_t> bytes;          ///< all that was read
  std::vector<std::uint32_t> segments;      ///< the sizes of the reads; the rest goes with the last
  bool segments_exact = false;
  std::string reason;  ///< why it is passed through
};

/// PassthroughSession is one accepted connection that is passed on untouched: the direct
/// connection, recorded. It stays on its thread.
class PassthroughSession {
 public:
  /// `tunnel`: what the client asked for by HTTP CONNECT before; null: nothing.
  PassthroughSession(ThreadServices& services, Socket client,
                     std::unique_ptr<const ConnectTunnel> tunnel = nullptr);
  /// Goes on where another kind of session stops.
  PassthroughSession(ThreadServices& services, Handover handover);
  ~PassthroughSession();
  PassthroughSession(const PassthroughSession&) = delete;
  PassthroughSession& operator=(const PassthroughSession&) = delete;

  /// run is the session's life: read the hello where a route hangs on it, dial, relay, close; it
  /// ends by handing the report to the sink.
  Task<void> run();

 private:
  void begin();
  Task<void> run_phases();
  Task<bool> choose();
  Task<void> read_hello();
  [[nodiscard]] bool hello_is_told() const;
  Task<void> refuse(const std::string& reason);
  Task<bool> dial();
  Task<Dialled> dial_while_reading();
  Task<void> dial_then_stop_reading(std::optional<Dialled>& dialled);
  Task<void> relay();

  void begin_phase(Milliseconds limit);
  void cancel_waits();
  void note_timeout(const std::string& what);
  void hand_over_report();

  ThreadServices& services_;
  const ProxyOptions& options_;
  SessionClock clock_;
  std::shared_ptr<SessionCapture> capture_;
  std::string client_address_;
  std::string listener_address_;
  std::unique_ptr<const ConnectTunnel> tunnel_;
  PassthroughTap tap_{clock_, segments_before(tunnel_.get())};
  Deadline deadline_;
  Watchdog::Ticket ticket_;
  Socket client_;
  Socket backend_socket_;
  Opening opening_{client_};
  std::optional<std::string> reason_;
  const HostPort* backend_ = nullptr;
  std::string backend_ip_;
  std::uint64_t client_to_backend_bytes_ = 0;
  std::uint64_t backend_to_client_bytes_ = 0;
};

}  // namespace visavis::proxy

#pragma once
#include <memory>
#include <string>

#include "proxy/connect_request.h"
#include "proxy/passthrough_socket.h"
#include "proxy/services.h"
#include "proxy/session_clock.h"

namespace visavis::proxy {

/// ConnectGate is the beginning of a client that uses us as a forward proxy (--connect): it asks
/// for a tunnel by HTTP CONNECT, and its session begins inside. Whoever asks for something else
/// gets a 4xx answer and a report of its own.
///
/// The 200 is sent before the backend is dialled: that is done when the client's hello is known,
/// and a failure is mirrored as to any client.
class ConnectGate {
 public:
  /// `client` must outlive the gate, and stays its caller's.
  ConnectGate(ThreadServices& services, Socket& client);
  ~ConnectGate();
  ConnectGate(const ConnectGate&) = delete;
  ConnectGate& operator=(const ConnectGate&) = delete;

  /// open returns the tunnel once the client knows that it is open; null when there will be none,
  /// which is reported. Not a byte that was said inside it is read.
  Task<std::unique_ptr<const ConnectTunnel>> open();

 private:
  enum class Step { read, wait, ended, done };

  Step take_bytes();
  Task<void> read_request();
  Task<void> refuse(const ConnectRefusal& refusal);
  Task<void> drain();
  [[nodiscard]] std::optional<std::uint32_t> segments_so_far();
  [[nodiscard]] ConnectRefusal why_none() const;
  void begin_phase(Milliseconds limit);
  void hand_over_report(const std::string& failure);

  ThreadServices& services_;
  const ProxyOptions& options_;
  SessionClock clock_;
  Deadline deadline_;
  Watchdog::Ticket ticket_;
  Socket& client_;
  std::string client_address_;
  std::string listener_address_;
  ConnectReader reader_;
  WireEnd end_ = WireEnd::open;
};

}  // namespace visavis::proxy

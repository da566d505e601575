#pragma once
#include <optional>
#include <string>

#include "inspect/http/http_observer.h"
#include "proxy/backend_dial.h"
#include "proxy/connect_request.h"
#include "proxy/hello_peek.h"
#include "proxy/relay.h"
#include "proxy/services.h"
#include "proxy/twin_cache.h"

namespace visavis::proxy {

using Leaves = std::vector<std::shared_ptr<const certs::Leaf>>;

/// Session is one accepted connection with both its legs, from the first byte to the report. It
/// stays on its thread. Nothing that a peer does leaves it as an exception but a failure of our own
/// library.
class Session {
 public:
  /// `tunnel`: what the client asked for by HTTP CONNECT before; null: nothing.
  Session(ThreadServices& services, Socket client,
          std::unique_ptr<const ConnectTunnel> tunnel = nullptr);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// run is the life of a terminated session (DESIGN: peek, dial, backend handshake, mint, client
  /// handshake, relay, close, direct twin); it ends by handing the report to the sink. With --mode
  /// auto a client whose TLS our library can't end is passed through instead.
  Task<void> run();

 private:
  /// The record version of an alert that answers no negotiated version: what every stack accepts.
  static constexpr std::uint16_t kAlertRecordVersion = 0x0301;

  Task<void> run_phases();
  Task<void> give_up(const std::string& reason);
  Task<bool> read_hello();
  Task<bool> reach_backend();
  Task<bool> shake_hands_with_backend();
  Task<bool> shake_hands_with_client();
  Task<void> relay();
  void note_end_of_relay();
  void note_renegotiation();

  [[nodiscard]] std::string own_limit();
  Task<void> pass_through(std::string reason);

  [[nodiscard]] bool may_send_twin() const;
  void ask_for_twin(TwinCache::Wanted wanted);
  Task<void> beside_twin(Task<void> relay);
  Task<void> with_twin(Task<void> relay);
  Task<void> relay_then_close(Task<void> relay, Timer& patience);
  Task<void> twin_after(Timer& patience);
  Task<void> twin_at_the_end();
  Task<void> run_twin(bool beside);
  Task<void> send_twin(bool beside);
  [[nodiscard]] Milliseconds twin_limit() const;
  void end_capture_of_legs();

  Task<bool> dial();
  [[nodiscard]] std::string resumption_key(const std::optional<HelloShape>& shape,
                                           const std::string& name) const;
  SslPtr backend_ssl(std::optional<HelloShape> shape);
  std::shared_ptr<const certs::ChainVerdict> backend_chain_verdict();
  int judge_backend_chain();
  [[nodiscard]] bool may_be_refused_late() const;
  Task<bool> late_refusal();
  [[nodiscard]] bool backend_chose_unoffered_version() const;
  [[nodiscard]] bool may_be_split() const;
  [[nodiscard]] bool backend_takes_empty_records() const;
  [[nodiscard]] bool client_sent_empty_record() const;
  Task<bool> client_readable_first();
  Task<bool> repeat_empty_records(std::vector<std::uint8_t>& first);
  Task<bool> redial_with_empty_records();

  void begin_phase(Milliseconds limit);
  void cancel_waits();
  void note_timeout(inspect::TranscriptBuilder& leg, const std::string& what);
  Task<void> refuse_hello(const PeekFailure& failure);
  Task<void> mirror_backend_failure();
  Task<void> mirror_client_failure();
  Task<void> answer_with_alert(std::uint8_t description, std::uint16_t record_version);
  Task<void> drain_client();
  [[nodiscard]] Leaves served_leaves(const std::string& server_name) const;
  certs::LeafFaults faults_to_repeat();
  Task<Leaves> leaves();
  void note_client_certificate();
  [[nodiscard]] std::string checked_host(const inspect::Transcript& client_leg) const;
  void unmirrored(inspect::LegKind leg, std::string feature, std::string reason);
  void hand_over_report();

  ThreadServices& services_;
  const ProxyOptions& options_;
  Executor executor_;
  SessionClock clock_;
  std::shared_ptr<SessionCapture> capture_;  // null: nothing is captured
  std::string client_address_;
  std::string listener_address_;
  std::unique_ptr<const ConnectTunnel> tunnel_;
  inspect::TranscriptBuilder client_leg_{inspect::LegKind::client_leg};
  inspect::TranscriptBuilder backend_leg_{inspect::LegKind::backend_leg};
  Deadline deadline_;
  Watchdog::Ticket ticket_;
  Wire client_wire_;
  std::optional<Wire> backend_wire_;
  std::optional<TlsStream> client_tls_;
  std::optional<TlsStream> backend_tls_;
  std::vector<std::uint8_t> peeked_;  // given to OpenSSL once the backend has answered
  const HostPort* backend_ = nullptr;
  std::string backend_ip_;
  inspect::HttpObserver http_;
  std::vector<inspect::UnmirroredFeature> unmirrored_;
  std::vector<std::string> repeated_faults_;
  std::uint64_t client_to_backend_bytes_ = 0;
  std::uint64_t backend_to_client_bytes_ = 0;
  std::int64_t ended_at_us_ = 0;
  const Relay* relay_ = nullptr;  // null: not any more
  bool dialled_ = false;
  bool chain_refused_ = false;  // by --verify enforce
  bool handed_over_ = false;    // to a session that passes the bytes through
  bool twin_asked_ = false;
  TwinKey twin_key_{};
  std::optional<TwinCache::Permit> twin_permit_;  // until the twin has run
  std::optional<inspect::TwinReport> twin_report_;
  std::unique_ptr<inspect::Transcript> twin_leg_;  // a session in a hundred has one
  bool redialled_ = false;                         // to repeat the client's empty records
};

}  // namespace visavis::proxy

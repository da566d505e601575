#pragma once
#include "inspect/http/http_observer.h"
#include "proxy/deadline.h"
#include "proxy/record_splitter.h"
#include "proxy/tls_stream.h"

namespace visavis::proxy {

/// Relay moves plaintext between two established legs, record for record, until both directions are
/// closed as their senders closed them. Bounded: what one side does not take stops the other's
/// reading. What goes to the backend may be cut into other records (SplitPolicy).
class Relay {
 public:
  Relay(TlsStream& client, TlsStream& backend, inspect::HttpObserver& http,
        const SessionClock& clock, Deadline& deadline, SplitPolicy split, SplitSegments segments)
      : client_(client),
        backend_(backend),
        http_(http),
        clock_(clock),
        deadline_(deadline),
        split_(split),
        segments_(segments) {}

  /// run returns when both directions have ended, or one broke and the other was ended after it.
  /// `first` is a record's plaintext that was read from the client already; may be empty.
  Task<void> run(inspect::Bytes first);

  [[nodiscard]] std::uint64_t client_to_backend_bytes() const { return client_to_backend_; }
  [[nodiscard]] std::uint64_t backend_to_client_bytes() const { return backend_to_client_; }
  /// alert_not_mirrored is true when a side sent a fatal alert after its handshake: OpenSSL can't
  /// send an alert of our choice to the other.
  [[nodiscard]] bool alert_not_mirrored() const { return alert_not_mirrored_; }
  /// draining is true once both sides have said close_notify: a limit that passes then ends nothing
  /// early.
  [[nodiscard]] bool draining() const { return close_notifies_ == 2; }

 private:
  enum class Wait { something, nothing, cancelled };

  Task<void> run_cut(inspect::Bytes first);
  Task<void> run_kept(inspect::Bytes first);
  Task<bool> write_first(inspect::Bytes first);
  Task<void> pump(TlsStream& from, TlsStream& to, std::uint64_t& moved);
  Task<void> pump_cut(RecordSplitter& splitter);
  Task<bool> write_due(RecordSplitter& splitter);
  Task<Wait> wait_for_more(std::chrono::steady_clock::time_point until);
  Task<bool> keep_apart(TlsStream& from, TlsStream& to, std::size_t queued_before,
                        std::size_t count);
  Task<bool> cut_behind_empty(TlsStream& to, std::size_t queued_before);
  Task<bool> send_answer(TlsStream& from);
  [[nodiscard]] bool cuts() const;
  Task<bool> write(TlsStream& to, inspect::Bytes plaintext);
  Task<void> end_direction(TlsStream& from, TlsStream& to, TlsRead how);
  void note(const TlsStream& from, inspect::Bytes plaintext, std::uint64_t& moved);
  void break_off(TlsStream& broken, TlsStream& other);

  TlsStream& client_;
  TlsStream& backend_;
  inspect::HttpObserver& http_;
  const SessionClock& clock_;
  Deadline& deadline_;
  SplitPolicy split_;
  SplitSegments segments_;
  std::uint64_t client_to_backend_ = 0;
  std::uint64_t backend_to_client_ = 0;
  int close_notifies_ = 0;
  bool alert_not_mirrored_ = false;
};

}  // namespace visavis::proxy

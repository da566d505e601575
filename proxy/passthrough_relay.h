#pragma once
#include <cstdint>
#include <memory>

#include "proxy/deadline.h"
#include "proxy/passthrough_opening.h"
#include "proxy/wire_buffers.h"

namespace visavis::proxy {

/// PassthroughRelay moves the bytes of a client and a backend as they are, both ways at once, one
/// send for each receive, until both directions are closed as their senders closed them: FIN for
/// FIN, RST for RST. Bounded: what one side does not take stops the other's reading. Idle, it holds
/// no buffer.
class PassthroughRelay {
 public:
  /// What one receive call takes, at most; all relays of a thread share the buffer.
  static constexpr std::size_t kBufferBytes = 64U * 1024;
  /// How long what came before an RST may take to reach the other side, before that gets the RST.
  static constexpr Milliseconds kResetGrace{1000};

  PassthroughRelay(Socket& client, Socket& backend, PassthroughTap& tap, Deadline& deadline);
  ~PassthroughRelay();
  PassthroughRelay(const PassthroughRelay&) = delete;
  PassthroughRelay& operator=(const PassthroughRelay&) = delete;

  /// run begins with what the client has sent already, and returns when both directions have ended,
  /// one side has reset the connection, or the deadline has passed.
  Task<void> run(Opening& opening);

  [[nodiscard]] std::uint64_t client_to_backend_bytes() const { return request_.moved; }
  [[nodiscard]] std::uint64_t backend_to_client_bytes() const { return response_.moved; }
  /// broken is true when a side's RST ended the session; then no limit has passed.
  [[nodiscard]] bool broken() const { return request_.reset || response_.reset; }

 private:
  /// Bytes after which one direction of a session lets the thread's other sessions have a turn.
  static constexpr std::uint64_t kTurnBytes = 1U << 20;

  /// Half is one direction.
  struct Half {
    Socket& from;
    Socket& to;
    inspect::Direction direction;
    std::uint64_t moved = 0;
    std::uint64_t turn_ends = kTurnBytes;
    WireBuffer kept{};  // received, and not taken by `to` yet; null: nothing
    std::size_t kept_sent = 0;
    bool reset = false;    // RST came from the sender
    bool watched = false;  // for an RST, while nobody reads
  };
  struct Watch {
    PassthroughRelay* relay;
  };

  Half& opposite(const Half& half) { return &half == &request_ ? response_ : request_; }
  [[nodiscard]] bool over(const Half& half);
  Task<bool> pass_opening(Opening& opening);
  Task<void> pass(Half& half);
  Task<void> pass_request(Opening& opening);
  void send(Half& half, inspect::Bytes bytes);
  Task<bool> send_kept(Half& half);
  Task<bool> readable(Half& half);
  void end(Half& half, WireEnd how);
  void lost(Half& half);
  void watch(Half& half);
  Task<void> pass_reset_on(Half& half);

  PassthroughTap& tap_;
  Deadline& deadline_;
  Half request_;
  Half response_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace visavis::proxy

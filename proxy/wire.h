#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "inspect/transcript/transcript_builder.h"
#include "proxy/session_clock.h"
#include "proxy/task.h"
#include "proxy/wire_buffers.h"

namespace visavis::proxy {

/// WireEnd is how the peer's direction of a TCP connection ended.
enum class WireEnd { open, fin, rst };

/// Wire is one TCP connection of a leg, non-blocking, with the tap: every byte that passes is shown
/// to the leg's transcript once, in order, when it is received or sent.
///
/// Reading goes through a read-ahead buffer that all wires of a thread share (64 KiB): who reads
/// next makes its holder put aside what it has not taken yet. Writing collects what is appended
/// until `flush`, so that several records leave in one send. Idle, a wire holds no buffer.
class Wire {
 public:
  /// `incoming` is the direction in which the peer sends; `peer` is who it is.
  Wire(Socket socket, inspect::TranscriptBuilder& transcript, const SessionClock& clock,
       inspect::Direction incoming);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] WireEnd end() const { return end_; }

  /// read takes bytes that have arrived, at most `into.size()`; 0 when there are none now, or no
  /// more will come (`end`).
  std::size_t read(std::span<std::uint8_t> into);
  /// receive takes what one receive call brings, past the shared buffer: for the hello, whose
  /// segment sizes matter. 0 as for read.
  std::size_t receive(std::span<std::uint8_t> into);
  /// unread puts bytes back in front: they are read again, but not shown to the transcript again.
  void unread(inspect::Bytes bytes);
  /// readable waits until read may bring something, which is at once while bytes that were received
  /// are held here: they wake nobody. False when the wait was cancelled (time-out).
  Task<bool> readable();
  /// holds_bytes is true while bytes that were received wait to be read.
  [[nodiscard]] bool holds_bytes() const;
  /// receives counts the receive calls that brought something to the read-ahead buffer.
  [[nodiscard]] std::uint32_t receives() const { return receives_; }
  /// watch_peer calls `on_leaving` once if the peer closes or resets while nobody reads from it;
  /// the end is noted. Until stop_watching.
  void watch_peer(std::function<void()> on_leaving);
  void stop_watching();

  /// append queues bytes to be sent.
  void append(inspect::Bytes bytes);
  [[nodiscard]] std::size_t queued() const { return output_ ? output_->size() - sent_ : 0; }
  /// queued_bytes are those bytes, until the next call that appends or sends.
  [[nodiscard]] inspect::Bytes queued_bytes() const {
    return output_ ? inspect::Bytes(*output_).subspan(sent_) : inspect::Bytes();
  }
  /// choked is true when more is queued than relaying ever queues: the peer makes our library
  /// answer (key updates, renegotiations refused) and takes no answer. Nothing is read from it
  /// meanwhile.
  [[nodiscard]] bool choked() const { return queued() >= kChokedBytes; }
  /// try_flush sends what can be sent now; true when nothing is left (or the connection is broken).
  bool try_flush();
  /// flush sends all that is queued, waiting where needed. False: broken or cancelled.
  Task<bool> flush();
  /// flush_first sends the first `count` queued bytes only: what follows leaves in a later send.
  Task<bool> flush_first(std::size_t count);
  [[nodiscard]] bool broken() const { return broken_; }

  /// shutdown_send sends FIN; reset closes with RST; close gives the socket up. Each is noted.
  void shutdown_send();
  void reset();
  void close();
  /// cancel ends every wait with false: what a time-out does.
  void cancel();

 private:
  struct ReadAhead;
  struct Watch {
    Wire* wire;
    std::function<void()> on_leaving;
  };
  static ReadAhead& read_ahead();
  /// Well above what the relay queues before it waits (64 KiB and one record).
  static constexpr std::size_t kChokedBytes = 128U * 1024;

  bool send_some(std::size_t limit);
  std::size_t take(std::span<std::uint8_t> into, inspect::Bytes from);
  void put_aside();
  std::size_t receive_into(std::span<std::uint8_t> into, const inspect::ByteOwner& owner);
  void note_end(WireEnd end);
  void release_output();
  void wait_for_leaving(const std::shared_ptr<Watch>& watch, Socket::wait_type what);
  void look_for_leaving(const std::shared_ptr<Watch>& watch, Socket::wait_type what);

  Socket socket_;
  inspect::TranscriptBuilder& transcript_;
  const SessionClock& clock_;
  inspect::Direction incoming_;
  inspect::Direction outgoing_;
  WireEnd end_ = WireEnd::open;
  bool broken_ = false;
  bool fin_sent_ = false;
  bool cancelled_ = false;
  std::uint32_t receives_ = 0;
  std::vector<std::uint8_t> aside_;  // bytes received and not taken, while another wire reads
  std::size_t aside_taken_ = 0;
  WireBuffer output_;     // null: nothing is queued
  std::size_t sent_ = 0;  // of output_
  std::uint64_t sent_total_ = 0;
  std::shared_ptr<Watch> watch_;
};

}  // namespace visavis::proxy

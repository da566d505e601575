#include "proxy/relay.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <array>

namespace visavis::proxy {
namespace {

/// Queued output above which the other side is not read further. Protects against a peer that sends
/// and does not read; large enough for the four full records of one receive call.
constexpr std::size_t kMaxQueuedBytes = 64U * 1024;

/// Bytes after which one direction of a session lets the thread's other sessions have a turn.
constexpr std::uint64_t kTurnBytes = 1U << 20;

/// How long two sides that have both said close_notify may take to close their TCP connections.
constexpr Milliseconds kDrainLimit{2000};

/// Bytes that are read and dropped after a close_notify, at most: who sends on for ever would keep
/// the thread. Then the direction ends without its FIN.
constexpr std::size_t kDrainBytes = 256U * 1024;

/// One record's plaintext between its read and its write: never held across a wait.
thread_local std::array<std::uint8_t, TlsStream::kMaxPlaintextBytes> buffer;

}  // namespace

Task<void> Relay::run(inspect::Bytes first) {
  using namespace asio::experimental::awaitable_operators;
  if (!first.empty()) {
    note(client_, first, client_to_backend_);
    const bool written = co_await write(backend_, first);
    if (!written) co_return break_off(backend_, client_);
  }
  co_await (pump(client_, backend_, client_to_backend_) &&
            pump(backend_, client_, backend_to_client_));
}

void Relay::note(const TlsStream& from, inspect::Bytes plaintext, std::uint64_t& moved) {
  moved += plaintext.size();
  deadline_.progress += plaintext.size();
  if (!http_.observing()) return;
  if (&from == &client_)
    http_.observe_request(plaintext, clock_.at_us());
  else
    http_.observe_response(plaintext, clock_.at_us());
}

/// One direction: read a record, write a record, send when nothing more has arrived.
Task<void> Relay::pump(TlsStream& from, TlsStream& to, std::uint64_t& moved) {
  std::uint64_t turn_ends = moved + kTurnBytes;
  for (;;) {
    std::size_t count = 0;
    const TlsRead read = from.read(buffer, count);
    if (read == TlsRead::data) {
      const auto plaintext = inspect::Bytes(buffer).first(count);
      note(from, plaintext, moved);
      if (to.write(plaintext) != TlsWrite::done) {
        // A renegotiation holds the record up: the only case in which it has to be kept.
        const std::vector<std::uint8_t> kept(plaintext.begin(), plaintext.end());
        const bool written = co_await write(to, kept);
        if (!written) co_return break_off(to, from);
      }
      if (to.wire().queued() < kMaxQueuedBytes) continue;
      if (!co_await to.wire().flush()) co_return break_off(to, from);
      if (moved < turn_ends) continue;
      turn_ends = moved + kTurnBytes;
      co_await asio::post(from.wire().socket().get_executor(), kUseTask);
      continue;
    }
    if (!co_await to.wire().flush()) co_return break_off(to, from);
    // Reading may have produced an answer of OpenSSL's own: key update, alert, renegotiation.
    if (from.wire().choked()) {
      if (!co_await from.wire().flush()) co_return break_off(from, to);
      co_await asio::post(from.wire().socket().get_executor(), kUseTask);
    } else if (from.wire().queued() > 0) {
      (void)from.wire().try_flush();
    }
    if (read != TlsRead::want_read) co_return co_await end_direction(from, to, read);
    if (!co_await from.wire().readable()) co_return;
    turn_ends = moved + kTurnBytes;
  }
}

/// Writes though a renegotiation may hold it up; the plaintext is the caller's meanwhile.
Task<bool> Relay::write(TlsStream& to, inspect::Bytes plaintext) {
  TlsWrite written = to.write(plaintext);
  while (written == TlsWrite::want_read) {
    if (!co_await to.wire().flush()) co_return false;
    if (!co_await to.wire().readable()) co_return false;
    written = to.write(plaintext);
  }
  co_return written == TlsWrite::done;
}

/// Closes `to` as `from` closed: close_notify, then FIN when the FIN comes; FIN alone; or RST.
Task<void> Relay::end_direction(TlsStream& from, TlsStream& to, TlsRead how) {
  if (&from == &backend_) http_.response_ended();
  if (how == TlsRead::reset) co_return break_off(from, to);
  if (how == TlsRead::failed) {
    alert_not_mirrored_ = true;
    from.wire().shutdown_send();
    to.wire().shutdown_send();
    from.wire().cancel();
    to.wire().cancel();
    co_return;
  }
  if (how == TlsRead::closed) {
    if (++close_notifies_ == 2) deadline_.set(kDrainLimit);
    to.send_close_notify();
    (void)co_await to.wire().flush();
    std::array<std::uint8_t, 512> ignored;  // after close_notify nothing counts: RFC 8446 6.1
    std::size_t drained = 0;
    while (from.wire().end() == WireEnd::open && drained < kDrainBytes) {
      const std::size_t count = from.wire().read(ignored);
      drained += count;
      if (count > 0) continue;
      if (from.wire().end() != WireEnd::open) break;
      if (!co_await from.wire().readable()) co_return;
    }
  }
  if (from.wire().end() == WireEnd::rst) co_return break_off(from, to);
  to.wire().shutdown_send();
}

/// One side is gone: the other is told in the same way, and both pumps end.
void Relay::break_off(TlsStream& broken, TlsStream& other) {
  if (broken.wire().end() == WireEnd::rst) {
    // After both sides have said close_notify an RST only says that nobody reads any more.
    other.wire().reset();
  }
  broken.wire().cancel();
  other.wire().cancel();
}

}  // namespace visavis::proxy

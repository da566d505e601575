#include "proxy/relay.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>

namespace visavis::proxy {
namespace {

/// Queued output above which the other side is not read further. Protects against a peer that sends
/// and does not read; large enough for the four full records of one receive call.
constexpr std::size_t kMaxQueuedBytes = 64U * 1024;

/// How long two sides that have both said close_notify may take to close their TCP connections.
constexpr Milliseconds kDrainLimit{2000};

/// One record's plaintext between its read and its write: never held across a wait.
thread_local std::array<std::uint8_t, TlsStream::kMaxPlaintextBytes> buffer;

}  // namespace

Task<void> Relay::run() {
  using namespace asio::experimental::awaitable_operators;
  co_await (pump(client_, backend_, client_to_backend_) &&
            pump(backend_, client_, backend_to_client_));
}

void Relay::observe(const TlsStream& from, inspect::Bytes plaintext) {
  if (!http_.observing()) return;
  if (&from == &client_)
    http_.observe_request(plaintext, clock_.at_us());
  else
    http_.observe_response(plaintext, clock_.at_us());
}

/// One direction: read a record, write a record, send when nothing more has arrived.
Task<void> Relay::pump(TlsStream& from, TlsStream& to, std::uint64_t& moved) {
  for (;;) {
    std::size_t count = 0;
    const TlsRead read = from.read(buffer, count);
    if (read == TlsRead::data) {
      const auto plaintext = inspect::Bytes(buffer).first(count);
      observe(from, plaintext);
      moved += count;
      deadline_.progress += count;
      if (to.write(plaintext) != TlsWrite::done) {
        // A renegotiation holds the record up: the only case in which it has to be kept.
        const std::vector<std::uint8_t> kept(plaintext.begin(), plaintext.end());
        if (!co_await write(to, kept)) co_return break_off(to, from);
      }
      if (to.wire().queued() < kMaxQueuedBytes) continue;
      if (!co_await to.wire().flush()) co_return break_off(to, from);
      continue;
    }
    if (!co_await to.wire().flush()) co_return break_off(to, from);
    // Reading may have produced an answer of OpenSSL's own: key update, alert, renegotiation.
    if (from.wire().queued() > 0) (void)from.wire().try_flush();
    if (read != TlsRead::want_read) co_return co_await end_direction(from, to, read);
    if (!co_await from.wire().readable()) co_return;
  }
}

Task<bool> Relay::write(TlsStream& to, inspect::Bytes plaintext) {
  for (;;) {
    switch (to.write(plaintext)) {
      case TlsWrite::done:
        co_return true;
      case TlsWrite::failed:
        co_return false;
      case TlsWrite::want_read:
        break;
    }
    if (!co_await to.wire().flush() || !co_await to.wire().readable()) co_return false;
  }
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
    while (from.wire().end() == WireEnd::open) {
      if (from.wire().read(ignored) > 0) continue;
      if (from.wire().end() == WireEnd::open && !co_await from.wire().readable()) co_return;
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

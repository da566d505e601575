#include "proxy/relay.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <array>

#include "inspect/record/record.h"

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

/// How long a record of one byte, or the segment that ends with it, waits for the rest of a split.
/// Clients that send the two halves apart do so within a millisecond; a keystroke that is a record
/// of its own is late by this much, and only under a policy that joins.
constexpr Milliseconds kPatience{200};

/// One record's plaintext between its read and its write: never held across a wait.
thread_local std::array<std::uint8_t, TlsStream::kMaxPlaintextBytes> buffer;

}  // namespace

/// No coroutine itself: one that could become either would hold the state of both while idle.
Task<void> Relay::run(inspect::Bytes first) { return cuts() ? run_cut(first) : run_kept(first); }

Task<void> Relay::run_cut(inspect::Bytes first) {
  using namespace asio::experimental::awaitable_operators;
  RecordSplitter splitter(split_, segments_);
  if (!first.empty()) {
    note(client_, first, client_to_backend_);
    splitter.add(first, client_.arrival());
    const bool written = co_await write_due(splitter);
    if (!written) co_return break_off(backend_, client_);
  }
  co_await (pump_cut(splitter) && pump(backend_, client_, backend_to_client_));
}

Task<void> Relay::run_kept(inspect::Bytes first) {
  using namespace asio::experimental::awaitable_operators;
  if (!first.empty()) {
    const bool written = co_await write_first(first);
    if (!written) co_return break_off(backend_, client_);
  }
  co_await (pump(client_, backend_, client_to_backend_) &&
            pump(backend_, client_, backend_to_client_));
}

Task<bool> Relay::write_first(inspect::Bytes first) {
  note(client_, first, client_to_backend_);
  bool written = co_await write(backend_, first);
  if (written) written = co_await keep_apart(client_, backend_, 0, first.size());
  co_return written;
}

/// Decided once: records that stay as they came take the short way.
bool Relay::cuts() const {
  return split_.kind != SplitPolicy::Kind::keep || segments_ != SplitSegments::keep;
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
      const std::size_t queued = to.wire().queued();
      if (to.write(plaintext) != TlsWrite::done) {
        // A renegotiation holds the record up: the only case in which it has to be kept.
        const std::vector<std::uint8_t> kept(plaintext.begin(), plaintext.end());
        const bool written = co_await write(to, kept);
        if (!written) co_return break_off(to, from);
      }
      if (count <= 1 || from.arrival().after_empty) {
        const bool kept = co_await keep_apart(from, to, queued, count);
        if (!kept) co_return break_off(to, from);
      }
      if (to.wire().queued() < kMaxQueuedBytes) continue;
      if (!co_await to.wire().flush()) co_return break_off(to, from);
      if (moved < turn_ends) continue;
      turn_ends = moved + kTurnBytes;
      co_await asio::post(from.wire().socket().get_executor(), kUseTask);
      continue;
    }
    if (!co_await to.wire().flush()) co_return break_off(to, from);
    if (from.wire().queued() > 0) {
      const bool sent = co_await send_answer(from);
      if (!sent) co_return break_off(from, to);
    }
    if (read != TlsRead::want_read) co_return co_await end_direction(from, to, read);
    if (!co_await from.wire().readable()) co_return;
    turn_ends = moved + kTurnBytes;
  }
}

/// Reading may have produced an answer of OpenSSL's own: key update, alert, renegotiation.
Task<bool> Relay::send_answer(TlsStream& from) {
  if (!from.wire().choked()) {
    (void)from.wire().try_flush();
    co_return true;
  }
  const bool sent = co_await from.wire().flush();
  if (sent) co_await asio::post(from.wire().socket().get_executor(), kUseTask);
  co_return sent;
}

/// The halves of a split that came in two receive calls leave in two sends. `count` bytes of
/// plaintext were written last, behind `queued_before` bytes of output.
Task<bool> Relay::keep_apart(TlsStream& from, TlsStream& to, std::size_t queued_before,
                             std::size_t count) {
  const RecordArrival arrival = from.arrival();
  if (arrival.after_empty && arrival.apart) {
    const bool cut = co_await cut_behind_empty(to, queued_before);
    if (!cut) co_return false;
  }
  if (count > 1 || from.wire().holds_bytes()) co_return true;
  co_return co_await to.wire().flush();
}

/// OpenSSL writes both records of 0/n at once: the first of what it has added leaves by itself.
Task<bool> Relay::cut_behind_empty(TlsStream& to, std::size_t queued_before) {
  const inspect::Bytes queued = to.wire().queued_bytes();
  const std::size_t header_ends = queued_before + inspect::kRecordHeaderBytes;
  if (queued.size() < header_ends) co_return true;
  const std::size_t first_ends =
      header_ends + (std::size_t{queued[header_ends - 2]} << 8U) + queued[header_ends - 1];
  if (queued.size() <= first_ends) co_return true;  // there is no second one
  co_return co_await to.wire().flush_first(first_ends);
}

/// The client's direction under a policy: as `pump`, but what came is cut anew, and a record of one
/// byte may wait.
Task<void> Relay::pump_cut(RecordSplitter& splitter) {
  std::uint64_t turn_ends = client_to_backend_ + kTurnBytes;
  auto patience_ends = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    std::size_t count = 0;
    const TlsRead read = client_.read(buffer, count);
    if (read == TlsRead::data) {
      const auto plaintext = inspect::Bytes(buffer).first(count);
      note(client_, plaintext, client_to_backend_);
      splitter.add(plaintext, client_.arrival());
      if (splitter.waits()) patience_ends = std::chrono::steady_clock::now() + kPatience;
      if (!co_await write_due(splitter)) co_return break_off(backend_, client_);
      if (backend_.wire().queued() < kMaxQueuedBytes) continue;
      if (!co_await backend_.wire().flush()) co_return break_off(backend_, client_);
      if (client_to_backend_ < turn_ends) continue;
      turn_ends = client_to_backend_ + kTurnBytes;
      co_await asio::post(client_.wire().socket().get_executor(), kUseTask);
      continue;
    }
    Wait wait = Wait::nothing;
    if (read == TlsRead::want_read && splitter.waits())
      wait = co_await wait_for_more(patience_ends);
    if (wait == Wait::cancelled) co_return;
    if (wait == Wait::something) continue;
    splitter.settle();
    if (!co_await write_due(splitter)) co_return break_off(backend_, client_);
    if (!co_await backend_.wire().flush()) co_return break_off(backend_, client_);
    if (client_.wire().queued() > 0) {
      const bool sent = co_await send_answer(client_);
      if (!sent) co_return break_off(client_, backend_);
    }
    if (read != TlsRead::want_read) co_return co_await end_direction(client_, backend_, read);
    if (!co_await client_.wire().readable()) co_return;
    turn_ends = client_to_backend_ + kTurnBytes;
  }
}

Task<bool> Relay::write_due(RecordSplitter& splitter) {
  while (const auto record = splitter.next()) {
    if (record->starts_segment) {
      const bool sent = co_await backend_.wire().flush();
      if (!sent) co_return false;
    }
    const std::size_t queued = backend_.wire().queued();
    bool written = co_await write(backend_, record->plaintext);
    if (written && record->cut_behind_empty) written = co_await cut_behind_empty(backend_, queued);
    if (written && record->ends_segment) written = co_await backend_.wire().flush();
    if (!written) co_return false;
    // Short pieces (max:1) of what came at once must not pile up.
    if (backend_.wire().queued() < kMaxQueuedBytes) continue;
    written = co_await backend_.wire().flush();
    if (!written) co_return false;
  }
  co_return true;
}

Task<Relay::Wait> Relay::wait_for_more(std::chrono::steady_clock::time_point until) {
  using namespace asio::experimental::awaitable_operators;
  if (std::chrono::steady_clock::now() >= until) co_return Wait::nothing;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      patience(client_.wire().socket().get_executor(), until);
  const auto which = co_await (client_.wire().readable() || patience.async_wait(kUseTask));
  const bool* readable = std::get_if<0>(&which);
  if (readable == nullptr) co_return Wait::nothing;
  co_return *readable ? Wait::something : Wait::cancelled;
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

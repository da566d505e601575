#include "proxy/passthrough_relay.h"

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "proxy/tcp_segments.h"

namespace visavis::proxy {
namespace {

using inspect::Bytes;
using inspect::CloseHow;
using inspect::Direction;

/// One receive call's bytes until they are sent: never held across a wait.
thread_local std::array<std::uint8_t, PassthroughRelay::kBufferBytes> buffer;
thread_local WireBuffers kept_buffers;  // of what was not taken

void cancel(Socket& socket) {
  error_code ignored;
  socket.cancel(ignored);
}

}  // namespace

PassthroughRelay::PassthroughRelay(Socket& client, Socket& backend, PassthroughTap& tap,
                                   Deadline& deadline)
    : tap_(tap),
      deadline_(deadline),
      request_{.from = client, .to = backend, .direction = Direction::c2s},
      response_{.from = backend, .to = client, .direction = Direction::s2c},
      watch_(std::make_shared<Watch>(Watch{this})) {}

PassthroughRelay::~PassthroughRelay() { watch_->relay = nullptr; }

Task<void> PassthroughRelay::run(Opening& opening) {
  using namespace asio::experimental::awaitable_operators;
  co_await (pass_request(opening) && pass(response_));
  co_await pass_reset_on(request_);
  co_await pass_reset_on(response_);
}

Task<void> PassthroughRelay::pass_request(Opening& opening) {
  const bool going = co_await pass_opening(opening);
  if (going) co_await pass(request_);
}

Task<bool> PassthroughRelay::pass_opening(Opening& opening) {
  for (const Opening::Piece& piece : opening.pieces()) {
    opening.show(piece, tap_);
    send(request_, opening.bytes(piece));
    const bool taken = co_await send_kept(request_);
    if (!taken) co_return false;
  }
  opening.release();
  if (opening.end() != WireEnd::open) end(request_, opening.end());
  co_return opening.end() == WireEnd::open;
}

/// One direction: receive, send, wait where either would.
Task<void> PassthroughRelay::pass(Half& half) {
  while (!over(half)) {
    const Received received = receive_now(half.from, buffer);
    if (received.end != WireEnd::open) co_return end(half, received.end);
    if (received.count > 0) {
      const auto bytes = Bytes(buffer).first(received.count);
      std::optional<std::uint32_t> segments;
      if (half.direction == Direction::c2s && tap_.asks_for_segments())
        segments = received_data_segments(half.from.native_handle());
      const std::int64_t at = tap_.at_us();
      send(half, bytes);  // first: the other side has work to do while we look
      tap_.show(at, half.direction, bytes, segments);
    }
    const bool taken = co_await send_kept(half);
    if (!taken) co_return;
    if (half.moved >= half.turn_ends) {
      half.turn_ends = half.moved + kTurnBytes;
      co_await asio::post(half.from.get_executor(), kUseTask);
    }
    // A receive call that did not fill the buffer took all that there was.
    if (received.count == kBufferBytes) continue;
    if (half.reset) {  // nothing wakes us any more: what is left is read to its end
      if (received.count == 0) co_return;
      continue;
    }
    const bool more = co_await readable(half);
    if (!more) co_return;
  }
}

/// True when the direction has nobody to send to any more, or no time.
bool PassthroughRelay::over(const Half& half) { return deadline_.expired || opposite(half).reset; }

void PassthroughRelay::send(Half& half, Bytes bytes) {
  const auto sent = send_now(half.to, bytes);
  if (!sent) return lost(opposite(half));
  half.moved += *sent;
  deadline_.progress += *sent;
  if (*sent == bytes.size()) return;
  if (!half.kept) {
    half.kept = kept_buffers.take();
    half.kept->clear();
  }
  half.kept->insert(half.kept->end(), bytes.begin() + static_cast<std::ptrdiff_t>(*sent),
                    bytes.end());
}

/// Sends what was not taken at first. False: the direction is over.
Task<bool> PassthroughRelay::send_kept(Half& half) {
  while (half.kept && half.kept_sent < half.kept->size()) {
    watch(half);
    if (over(half)) co_return false;
    (void)co_await half.to.async_wait(Socket::wait_write, kUseTask);
    if (over(half)) co_return false;
    const auto sent = send_now(half.to, Bytes(*half.kept).subspan(half.kept_sent));
    if (!sent) lost(opposite(half));
    if (over(half)) co_return false;
    half.kept_sent += *sent;
    half.moved += *sent;
    deadline_.progress += *sent;
  }
  if (half.kept) kept_buffers.give_back(std::exchange(half.kept, nullptr));
  half.kept_sent = 0;
  co_return !over(half);
}

/// Waits for the next bytes. False: the direction is over.
Task<bool> PassthroughRelay::readable(Half& half) {
  if (over(half)) co_return false;  // while it let others have a turn: nobody cancels this wait
  const auto [error] = co_await half.from.async_wait(Socket::wait_read, kUseTask);
  half.turn_ends = half.moved + kTurnBytes;
  const bool failed = error && error != asio::error::operation_aborted;
  co_return !failed && !over(half);
}

void PassthroughRelay::end(Half& half, WireEnd how) {
  if (how == WireEnd::rst) return lost(half);
  if (half.reset) return;  // what is read as FIN after an RST was reported is none
  tap_.ended(half.direction, CloseHow::fin);
  send_fin(half.to);
  watch(half);
}

/// The sender's RST: its own receiving is over, and what it has sent before is passed on still.
void PassthroughRelay::lost(Half& half) {
  if (half.reset) return;
  half.reset = true;
  tap_.ended(half.direction, CloseHow::rst);
  deadline_.set(kResetGrace);
  cancel(half.from);
  cancel(half.to);
}

/// Notices an RST while nobody reads from the sender: after its FIN, or while the other side takes
/// nothing. It would be seen at the next send only, which may be never.
void PassthroughRelay::watch(Half& half) {
  if (half.watched) return;
  half.watched = true;
  half.from.async_wait(Socket::wait_error, [watch = watch_, &half](error_code error) {
    if (error || watch->relay == nullptr) return;
    // Urgent data wakes as an error does: nobody looks any more, and the next send will tell.
    if (was_reset(half.from)) watch->relay->lost(half);
  });
}

/// The RST follows when what came before it has arrived: it would discard what has not.
Task<void> PassthroughRelay::pass_reset_on(Half& half) {
  if (!half.reset) co_return;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      pause(half.to.get_executor());
  Milliseconds next{1};
  while (!deadline_.expired && undelivered_bytes(half.to) > 0) {
    pause.expires_after(next);
    (void)co_await pause.async_wait(kUseTask);
    next = std::min(2 * next, Milliseconds(50));
  }
  send_rst(half.to);
}

}  // namespace visavis::proxy

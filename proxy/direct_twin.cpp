#include "proxy/direct_twin.h"

#include <algorithm>
#include <array>

#include "inspect/bytes/limits.h"
#include "inspect/record/record_reader.h"
#include "proxy/backend_dial.h"
#include "proxy/passthrough_socket.h"
#include "proxy/session_facts.h"
#include "proxy/tcp_segments.h"

namespace visavis::proxy {
namespace {

using inspect::Bytes;
using inspect::CloseHow;
using inspect::Direction;
using inspect::Party;

/// How long the backend may take to close when we have: closing with its bytes unread would send
/// RST instead of FIN.
constexpr Milliseconds kDrainLimit{1000};
constexpr std::uint8_t kFatalLevel = 2;
/// A backend's kernel has a segment before the backend has read it. It is given so long, that the
/// next one is read apart as it was here, for the first few; a trickled hello has hundreds.
constexpr Milliseconds kSegmentPause{20};
constexpr std::uint32_t kPausedSegments = 8;

/// One receive call's bytes until they are shown: never held across a wait.
thread_local std::array<std::uint8_t, 16384> chunk;

/// HelloEnd finds the record that ends the first handshake message.
struct HelloEnd {
  static constexpr std::size_t kMessageHeader = 4;
  std::vector<std::uint8_t> header{};
  std::size_t message_bytes = 0;
  bool sslv2 = false;
  bool whole = false;

  void fragment(const inspect::RecordHeader& record, Bytes bytes) {
    sslv2 = record.sslv2;
    for (std::size_t i = 0; i < bytes.size() && header.size() < kMessageHeader; ++i)
      header.push_back(bytes[i]);
    message_bytes += bytes.size();
  }
  void record(const inspect::RecordHeader&) {
    if (sslv2) {
      whole = true;
    } else if (header.size() == kMessageHeader) {
      const std::size_t length =
          std::size_t{header[1]} << 16 | std::size_t{header[2]} << 8 | header[3];
      whole = message_bytes >= kMessageHeader + length;
    }
  }
};

}  // namespace

std::size_t hello_wire_bytes(Bytes wire) {
  inspect::RecordReader reader;
  HelloEnd end;
  for (std::size_t i = 0; i < wire.size() && !end.whole && !reader.error(); ++i)
    reader.feed(wire.subspan(i, 1), end);
  return end.whole ? static_cast<std::size_t>(reader.offset()) : 0;
}

DirectTwin::DirectTwin(ThreadServices& services, const SessionClock& clock)
    : services_(services), tap_(clock), ticket_(services.watchdog.watch(deadline_)) {}

DirectTwin::~DirectTwin() { services_.watchdog.forget(ticket_); }

Task<void> DirectTwin::run(const HostPort& backend, const TwinHello& hello, Milliseconds limit,
                           bool beside, Executor executor) {
  timer_.emplace(executor);
  deadline_.set(services_.shared.options.dial_timeout);
  const bool connected = co_await dial(backend, beside, executor);
  if (!connected) co_return;
  deadline_.set(limit);
  deadline_.on_expiry = [this] {
    error_code ignored;
    socket_->cancel(ignored);
    timer_->cancel();
  };
  co_await send(hello);
  co_await receive();
  co_await close();
}

Task<bool> DirectTwin::dial(const HostPort& backend, bool beside, Executor executor) {
  auto& builder = tap_.builder();
  const std::int64_t began = tap_.at_us();
  Dialled dialled = co_await dial_backend(executor, backend, deadline_);
  if (dialled.error) {
    builder.observe_endpoints("", dialled.address);
    builder.observe_failure(dialled.what);
    builder.observe_tcp(tap_.at_us(), dialled.blamed, dialled.note);
    co_return false;
  }
  builder.observe_endpoints(address_text(dialled.socket, Side::own), dialled.address);
  builder.observe_connected(tap_.at_us(), Party::proxy, tap_.at_us() - began);
  if (beside) builder.observe_tcp(tap_.at_us(), Party::proxy, inspect::tcp_note::kBesideSession);
  socket_.emplace(std::move(dialled.socket));
  co_return true;
}

/// A backend that answers before it has all is not sent the rest.
Task<void> DirectTwin::send(const TwinHello& hello) {
  const Bytes all(hello.bytes);
  std::size_t sent = 0;
  for (std::size_t i = 0; sent < all.size(); ++i) {
    const bool last = i + 1 >= hello.segments.size();
    const std::size_t left = all.size() - sent;
    const std::size_t size =
        last ? left : std::min<std::size_t>(left, std::max(1U, hello.segments[i]));
    const bool going =
        co_await send_piece(all.subspan(sent, size), static_cast<std::uint32_t>(i + 1));
    if (!going) co_return;
    sent += size;
    if (!last && i < kPausedSegments) co_await pause(kSegmentPause);
    take_in();
    if (over()) co_return;
  }
}

Task<bool> DirectTwin::send_piece(Bytes piece, std::uint32_t number) {
  Bytes left = piece;
  while (!left.empty() && !over()) {
    const auto count = send_now(*socket_, left);
    if (!count) break;  // reset: what came before is read, and the end
    left = left.subspan(*count);
    if (left.empty()) break;
    (void)co_await socket_->async_wait(Socket::wait_write, kUseTask);
  }
  if (!left.empty()) co_return false;
  const std::int64_t at = tap_.at_us();
  const bool taken = co_await delivered();
  const auto segments = sent_data_segments(socket_->native_handle());
  tap_.show(at, Direction::c2s, piece, segments == number ? segments : std::nullopt);
  co_return taken && !over();
}

/// Waits until the backend's kernel has the segment, so that the next one is another.
Task<bool> DirectTwin::delivered() {
  Milliseconds next{1};
  while (undelivered_bytes(*socket_) > 0) {
    if (over() || was_reset(*socket_)) co_return false;
    co_await pause(next);
    next = std::min(2 * next, Milliseconds(20));
  }
  co_return true;
}

Task<void> DirectTwin::pause(Milliseconds duration) {
  timer_->expires_after(duration);
  (void)co_await timer_->async_wait(kUseTask);
}

Task<void> DirectTwin::receive() {
  take_in();
  while (!over()) {
    (void)co_await socket_->async_wait(Socket::wait_read, kUseTask);
    take_in();
  }
}

/// Takes what has arrived.
void DirectTwin::take_in() {
  while (!ended_) {
    const Received received = receive_now(*socket_, chunk);
    if (received.end != WireEnd::open) {
      tap_.ended(Direction::s2c, received.end == WireEnd::fin ? CloseHow::fin : CloseHow::rst);
      ended_ = true;
      return;
    }
    if (received.count == 0) return;
    received_bytes_ += received.count;
    tap_.show(tap_.at_us(), Direction::s2c, Bytes(chunk).first(received.count));
    if (received_bytes_ > inspect::limits::kMaxTwinAnswerBytes)
      tap_.builder().observe_failure("the backend's answer does not end");
    ended_ = answered() || tap_.transcript().failure.has_value();
  }
}

/// True when the backend has said all that it says before the client's next message.
bool DirectTwin::answered() const {
  const inspect::Transcript& seen = tap_.transcript();
  if (seen.not_tls || !seen.malformed.empty() || seen.sslv2_server_hello) return true;
  for (const inspect::AlertSeen& alert : seen.alerts)
    if (alert.level == kFatalLevel) return true;
  if (!seen.server_hello) return false;
  if (seen.server_hello->hello_retry || seen.server_hello->version() >= inspect::kTls13)
    return true;
  // A resumed session has no ServerHelloDone: RFC 5246 7.3.
  return std::any_of(seen.events.begin(), seen.events.end(), [](const inspect::Event& event) {
    return event.kind == inspect::EventKind::message && event.sender == Party::backend &&
           ((event.note.empty() && event.code == inspect::kServerHelloDone.value) ||
            event.note == "ChangeCipherSpec");
  });
}

Task<void> DirectTwin::close() {
  auto& builder = tap_.builder();
  const bool closed = tap_.transcript().close.has_value();
  if (deadline_.stopped) builder.observe_failure("the proxy was stopped");
  if (!closed)
    builder.observe_close(
        tap_.at_us(), Party::proxy,
        deadline_.expired && !deadline_.stopped ? CloseHow::timeout : CloseHow::fin);
  send_fin(*socket_);
  deadline_.set(kDrainLimit);
  std::size_t drained = 0;
  while (!closed && !deadline_.expired && drained < inspect::limits::kMaxTwinAnswerBytes) {
    const Received received = receive_now(*socket_, chunk);
    drained += received.count;
    if (received.end != WireEnd::open) break;
    if (received.count == 0) (void)co_await socket_->async_wait(Socket::wait_read, kUseTask);
  }
  error_code ignored;
  socket_->close(ignored);
}

}  // namespace visavis::proxy

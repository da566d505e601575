#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "inspect/compare/twin_outcome.h"
#include "proxy/direct_twin.h"
#include "proxy/passthrough_session.h"
#include "proxy/session.h"

// What a session does beside ending the client's TLS: its direct twin, and passing the client
// through instead.
namespace visavis::proxy {
namespace {

/// A twin waits so long for the session's end: a backend that takes one connection at a time, or
/// counts them, is then not asked twice at once, and its refusal is no doubt meant for the hello.
constexpr Milliseconds kTwinPatience{1000};
/// A backend that took its time in the session's own handshake has so much more for the twin, up to
/// the handshake's own limit.
constexpr int kSlowBackendFactor = 4;

/// A report for a session whose twin was not sent though it was to be: it says why.
inspect::TwinReport not_sent(std::string_view why) {
  inspect::TwinReport report;
  report.result = "unknown";
  report.why = "The client's own hello was not tried: ";
  report.why += why;
  return report;
}

}  // namespace

/// What our library can't do with this client's hello, in words; empty: nothing.
std::string Session::own_limit() {
  const std::optional<HelloShape> shape = hello_shape(*client_leg_.transcript().client_hello);
  if (!shape) return "our TLS library (OpenSSL 3.0) has none of the offered versions";
  if (!services_.contexts.backend_ssl(shape, "", {}))
    return "our TLS library (OpenSSL 3.0) has none of the offered suites";
  return {};
}

/// Nobody has been dialled yet: the backend sees one connection, the client's own bytes in their
/// segments.
Task<void> Session::pass_through(std::string reason) {
  handed_over_ = true;
  deadline_.set(Milliseconds(0));
  deadline_.on_expiry = nullptr;
  const inspect::Transcript& seen = client_leg_.transcript();
  PassthroughSession session(services_, {.socket = std::move(client_wire_.socket()),
                                         .client_address = client_address_,
                                         .listener_address = listener_address_,
                                         .tunnel = std::move(tunnel_),
                                         .clock = clock_,
                                         .capture = std::move(capture_),
                                         .bytes = std::move(peeked_),
                                         .segments = seen.hello_segments,
                                         .segments_exact = seen.segments_exact,
                                         .reason = std::move(reason)});
  co_await session.run();
}

/// Without a hello there is nothing to send, and a backend that was not reached is not dialled
/// again.
bool Session::may_send_twin() const {
  return options_.twin != TwinPolicy::never && client_leg_.transcript().client_hello &&
         backend_wire_ && !services_.watchdog.stopped();
}

/// Asks once; afterwards there is a permit, an earlier twin's report, or why there is neither.
void Session::ask_for_twin(TwinCache::Wanted wanted) {
  twin_asked_ = true;
  const inspect::Transcript& client = client_leg_.transcript();
  const std::string backend = to_string(*backend_);
  twin_key_ = twin_key(*client.client_hello, client.hello_segments, backend);
  if (options_.twin == TwinPolicy::always) wanted = TwinCache::Wanted::always;
  TwinCache::Answer answer =
      services_.shared.twins.ask(twin_key_, backend, wanted, std::chrono::steady_clock::now());
  if (answer.permit) twin_permit_.emplace(std::move(*answer.permit));
  twin_report_ = std::move(answer.earlier);
  if (!answer.refused.empty()) twin_report_ = not_sent(answer.refused);
}

/// Runs the relay, and beside it the twin where it lasts. No coroutine itself: most sessions have
/// no twin, and would hold its state while idle.
Task<void> Session::beside_twin(Task<void> relay) {
  if (may_send_twin()) ask_for_twin(TwinCache::Wanted::new_shape);
  return twin_permit_ ? with_twin(std::move(relay)) : std::move(relay);
}

Task<void> Session::with_twin(Task<void> relay) {
  using namespace asio::experimental::awaitable_operators;
  Timer patience(executor_, kTwinPatience);
  co_await (relay_then_close(std::move(relay), patience) && twin_after(patience));
}

Task<void> Session::relay_then_close(Task<void> relay, Timer& patience) {
  co_await std::move(relay);
  note_end_of_relay();
  patience.cancel();
  client_wire_.close();  // a twin that still runs must not keep the peers waiting
  backend_wire_->close();
  end_capture_of_legs();
}

Task<void> Session::twin_after(Timer& patience) {
  const auto [over] = co_await patience.async_wait(kUseTask);
  if (over) co_return;  // the session has ended: now there is no hurry
  co_await run_twin(true);
}

/// The client has been answered, and all is closed.
Task<void> Session::twin_at_the_end() {
  if (!may_send_twin() || deadline_.stopped) co_return;
  deadline_.set(Milliseconds(0));
  client_wire_.close();
  backend_wire_->close();
  end_capture_of_legs();
  if (!twin_asked_) ask_for_twin(TwinCache::Wanted::failure);
  if (twin_permit_) co_await run_twin(false);
}

void Session::end_capture_of_legs() {
  if (!capture_) return;
  capture_->unwatch(client_leg_);
  capture_->unwatch(backend_leg_);
}

/// As long as the session's own leg was given, but no longer than an answer takes.
Milliseconds Session::twin_limit() const {
  const auto& took = backend_leg_.transcript().handshake_us;
  const Milliseconds slow{kSlowBackendFactor * took.value_or(0) / 1000};
  const Milliseconds limit = std::max(DirectTwin::kAnswerLimit, slow);
  const Milliseconds handshake = options_.handshake_timeout;
  return handshake.count() > 0 ? std::min(limit, handshake) : limit;
}

/// What fails here breaks no session.
Task<void> Session::run_twin(bool beside) {
  const TwinCache::Permit permit = std::move(*twin_permit_);
  twin_permit_.reset();
  try {
    co_await send_twin(beside);
  } catch (const std::exception& error) {
    spdlog::error("a direct twin was given up: {}", error.what());
    twin_report_ = not_sent("the proxy gave up");
  }
}

Task<void> Session::send_twin(bool beside) {
  const inspect::Transcript& client = client_leg_.transcript();
  const inspect::Bytes wire(client.raw.c2s);
  const std::size_t size = hello_wire_bytes(wire);
  if (size == 0) co_return;
  const inspect::Bytes hello_bytes = wire.first(size);
  const TwinHello hello{{hello_bytes.begin(), hello_bytes.end()}, client.hello_segments};
  DirectTwin twin(services_, clock_);
  const CaptureWatch watch(capture_.get(), twin.builder());
  co_await twin.run(*backend_, hello, twin_limit(), beside, executor_);
  inspect::TwinOutcome outcome = inspect::judge_twin(twin.transcript());
  if (outcome.holds_for_others)
    services_.shared.twins.store(twin_key_, outcome.report, std::chrono::steady_clock::now());
  twin_report_ = std::move(outcome.report);
  twin_leg_ = std::make_unique<inspect::Transcript>(std::move(twin.transcript()));
}

}  // namespace visavis::proxy

#include "proxy/passthrough_session.h"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "inspect/bytes/limits.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::Direction;
using inspect::Party;

/// How long a client that is turned away may still send before the connection is closed for good,
/// and how much: closing with unread input would send RST instead of FIN.
constexpr Milliseconds kRefusalDrain{1000};
constexpr std::size_t kRefusalDrainBytes = 256U * 1024;

}  // namespace

PassthroughSession::PassthroughSession(ThreadServices& services, Socket client,
                                       std::unique_ptr<const ConnectTunnel> tunnel)
    : services_(services),
      options_(services.shared.options),
      capture_(services.begin_capture(clock_)),
      client_address_(address_text(client, Side::peer)),
      listener_address_(address_text(client, Side::own)),
      tunnel_(std::move(tunnel)),
      client_(std::move(client)),
      backend_socket_(client_.get_executor()) {
  services_.shared.sessions_begun.fetch_add(1, std::memory_order_relaxed);
  begin();
}

PassthroughSession::PassthroughSession(ThreadServices& services, Handover handover)
    : services_(services),
      options_(services.shared.options),
      clock_(handover.clock),
      capture_(std::move(handover.capture)),
      client_address_(std::move(handover.client_address)),
      listener_address_(std::move(handover.listener_address)),
      tunnel_(std::move(handover.tunnel)),
      client_(std::move(handover.socket)),
      backend_socket_(client_.get_executor()),
      reason_(std::move(handover.reason)) {
  begin();
  std::size_t shown = 0;
  for (std::size_t i = 0; i < handover.segments.size(); ++i) {
    const bool last = i + 1 == handover.segments.size();
    const std::size_t left = handover.bytes.size() - shown;
    const std::size_t size = last ? left : std::min<std::size_t>(left, handover.segments[i]);
    opening_.add(inspect::Bytes(handover.bytes).subspan(shown, size));
    shown += size;
  }
  for (const Opening::Piece& piece : opening_.pieces()) opening_.show(piece, tap_);
  tap_.builder().transcript().segments_exact = handover.segments_exact;
}

void PassthroughSession::begin() {
  ticket_ = services_.watchdog.watch(deadline_);
  if (capture_) capture_->watch(tap_.builder()).fall_back_to(listener_address_);
  tap_.builder().observe_endpoints(client_address_, "");
  tap_.builder().observe_tcp(0, Party::client, inspect::tcp_note::kConnected);
}

PassthroughSession::~PassthroughSession() { services_.watchdog.forget(ticket_); }

Task<void> PassthroughSession::run() {
  std::string own_failure;
  try {
    co_await run_phases();
  } catch (const std::exception& error) {
    own_failure = error.what();
  }
  if (!own_failure.empty()) {
    spdlog::error("a session was given up: {}", own_failure);
    tap_.builder().observe_failure("the proxy gave up: " + own_failure);
  }
  hand_over_report();
}

Task<void> PassthroughSession::run_phases() {
  bool going = co_await choose();
  if (going) going = co_await dial();
  if (going) co_await relay();
}

/// Each phase has its limit; when it passes, every wait of the session ends.
void PassthroughSession::begin_phase(Milliseconds limit) {
  deadline_.set(limit);
  deadline_.on_expiry = [this] { cancel_waits(); };
  if (deadline_.expired) cancel_waits();
}

void PassthroughSession::cancel_waits() {
  opening_.stop();  // which cancels the client's waits
  error_code ignored;
  backend_socket_.cancel(ignored);
}

void PassthroughSession::note_timeout(const std::string& what) {
  tap_.builder().observe_failure(deadline_.stopped ? "the proxy was stopped" : what);
  tap_.builder().observe_close(clock_.at_us(), Party::proxy,
                               deadline_.stopped ? CloseHow::fin : CloseHow::timeout);
}

/// Without routes there is nothing to wait for: the backend may be the one that speaks first.
Task<bool> PassthroughSession::choose() {
  const HostPort* fixed = options_.backend ? &*options_.backend : nullptr;
  backend_ = tunnel_ ? &tunnel_->backend : fixed;
  if (tunnel_) co_return true;
  if (options_.routes.empty()) co_return fixed != nullptr;
  co_await read_hello();
  if (deadline_.expired) {
    note_timeout("no complete ClientHello within the hello time-out");
    co_return false;
  }
  const auto& hello = tap_.transcript().client_hello;
  std::string name;
  if (hello) name = hello->sni.value_or("");
  if (hello) backend_ = choose_backend(options_.routes, fixed, name);
  if (opening_.end() == WireEnd::rst) backend_ = nullptr;  // nobody is left to be connected
  if (backend_ != nullptr) co_return true;
  std::string reason = "no route: the client sent no ClientHello";
  if (hello) reason = "no route for the server name '" + name + "'";
  co_await refuse(reason);
  co_return false;
}

Task<void> PassthroughSession::read_hello() {
  begin_phase(options_.hello_timeout);
  while (!deadline_.expired && !hello_is_told()) {
    const bool more = co_await opening_.read();
    if (!more) co_return;
    opening_.show(opening_.pieces().back(), tap_);
  }
}

/// True when the hello is there, or it is certain that none comes.
bool PassthroughSession::hello_is_told() const {
  const inspect::Transcript& seen = tap_.transcript();
  if (seen.client_hello || seen.not_tls || !seen.malformed.empty()) return true;
  return !seen.records.empty() && seen.records.front().type != inspect::kHandshake;
}

/// The client gets FIN, and may send on for a while.
Task<void> PassthroughSession::refuse(const std::string& reason) {
  auto& builder = tap_.builder();
  if (opening_.end() == WireEnd::rst) co_return tap_.ended(Direction::c2s, CloseHow::rst);
  if (opening_.end() == WireEnd::fin) tap_.ended(Direction::c2s, CloseHow::fin);
  builder.observe_failure(reason);
  builder.observe_close(clock_.at_us(), Party::proxy, CloseHow::fin);
  send_fin(client_);
  begin_phase(kRefusalDrain);
  std::array<std::uint8_t, 4096> ignored;
  std::size_t drained = 0;
  while (!deadline_.expired && drained < kRefusalDrainBytes) {
    const Received received = receive_now(client_, ignored);
    if (received.end != WireEnd::open) co_return;
    drained += received.count;
    if (received.count > 0) continue;
    (void)co_await client_.async_wait(Socket::wait_read, kUseTask);
  }
}

Task<bool> PassthroughSession::dial() {
  const std::int64_t began = clock_.at_us();
  begin_phase(options_.dial_timeout);
  Dialled dialled = co_await dial_while_reading();
  backend_ip_ = dialled.address;
  tap_.builder().observe_endpoints(client_address_, dialled.address);
  if (!dialled.error) {
    tap_.builder().observe_connected(clock_.at_us(), Party::proxy, clock_.at_us() - began);
    backend_socket_ = std::move(dialled.socket);
    co_return true;
  }
  tap_.builder().observe_failure(dialled.what);
  tap_.builder().observe_tcp(clock_.at_us(), dialled.blamed, dialled.note);
  if (opening_.end() != WireEnd::open)
    tap_.ended(Direction::c2s, opening_.end() == WireEnd::fin ? CloseHow::fin : CloseHow::rst);
  if (deadline_.expired) {
    note_timeout(dialled.what);
    send_fin(client_);
  } else {
    send_rst(client_);
  }
  co_return false;
}

/// What the client says meanwhile is taken in as it comes: read later, its segments would be lost.
Task<Dialled> PassthroughSession::dial_while_reading() {
  using namespace asio::experimental::awaitable_operators;
  std::optional<Dialled> dialled;
  co_await (dial_then_stop_reading(dialled) && opening_.read_on());
  co_return std::move(*dialled);
}

Task<void> PassthroughSession::dial_then_stop_reading(std::optional<Dialled>& dialled) {
  dialled.emplace(co_await dial_backend(client_.get_executor(), *backend_, deadline_));
  opening_.stop();
}

Task<void> PassthroughSession::relay() {
  begin_phase({});
  deadline_.set_idle(options_.idle_timeout);
  PassthroughRelay relay(client_, backend_socket_, tap_, deadline_);
  co_await relay.run(opening_);
  client_to_backend_bytes_ = relay.client_to_backend_bytes();
  backend_to_client_bytes_ = relay.backend_to_client_bytes();
  if (!deadline_.expired || relay.broken()) co_return;
  note_timeout("nothing was sent within the idle time-out");
  send_fin(client_);
  send_fin(backend_socket_);
}

void PassthroughSession::hand_over_report() {
  error_code ignored;
  client_.close(ignored);
  backend_socket_.close(ignored);
  SessionFacts facts;
  if (capture_) {
    capture_->finish();
    facts.id = capture_->id();
    facts.capture = std::move(capture_);
  }
  inspect::Transcript& transcript = tap_.builder().transcript();
  const auto& hello = transcript.client_hello;
  if (backend_ != nullptr) {
    facts.backend = to_string(*backend_);
    facts.checked_host = tunnel_ ? tunnel_->asked.host : backend_->host;
    if (hello && hello->sni) facts.checked_host = *hello->sni;
  }
  if (tunnel_) facts.connect = to_string(tunnel_->asked);
  facts.passed_through_because = std::move(reason_);
  facts.direct_leg = std::move(transcript);
  facts.started = clock_.started();
  facts.duration_ms = static_cast<double>(clock_.at_us()) / 1e3;
  facts.client = client_address_;
  facts.listener = listener_address_;
  facts.backend_address = backend_ip_;
  facts.client_to_backend_bytes = client_to_backend_bytes_;
  facts.backend_to_client_bytes = backend_to_client_bytes_;
  services_.shared.reporter.take(std::move(facts));
}

}  // namespace visavis::proxy

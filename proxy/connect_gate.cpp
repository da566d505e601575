#include "proxy/connect_gate.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "proxy/session_facts.h"
#include "proxy/tcp_segments.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::LegKind;
using inspect::Party;

/// How long a client that is turned away may still send before the connection is closed for good,
/// and how much: closing with unread input would send RST, and the answer would be lost.
constexpr Milliseconds kRefusalDrain{1000};
constexpr std::size_t kRefusalDrainBytes = 256U * 1024;

/// Larger than any request but those with long tickets in it, which take several turns.
constexpr std::size_t kChunkBytes = 4096;

inspect::Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

ConnectGate::ConnectGate(ThreadServices& services, Socket& client)
    : services_(services),
      options_(services.shared.options),
      client_(client),
      client_address_(address_text(client, Side::peer)),
      listener_address_(address_text(client, Side::own)) {
  ticket_ = services_.watchdog.watch(deadline_);
}

ConnectGate::~ConnectGate() { services_.watchdog.forget(ticket_); }

Task<std::unique_ptr<const ConnectTunnel>> ConnectGate::open() {
  co_await read_request();
  const auto& result = reader_.result();
  const auto* asked = result ? std::get_if<HostPort>(&*result) : nullptr;
  if (asked == nullptr) {
    const ConnectRefusal refusal = why_none();
    co_await refuse(refusal);
    co_return nullptr;
  }
  ConnectTunnel tunnel = connect_tunnel(*asked, options_.routes, options_.backend);
  tunnel.segments_before = segments_so_far();
  // A new connection takes these few bytes at once.
  if (send_now(client_, as_bytes(kTunnelOpen)) != kTunnelOpen.size()) {
    end_ = WireEnd::rst;
    hand_over_report("the client left while its HTTP CONNECT was answered");
    co_return nullptr;
  }
  co_return std::make_unique<const ConnectTunnel>(std::move(tunnel));
}

void ConnectGate::begin_phase(Milliseconds limit) {
  deadline_.set(limit);
  deadline_.on_expiry = [this] {
    error_code ignored;
    client_.cancel(ignored);
  };
}

Task<void> ConnectGate::read_request() {
  begin_phase(options_.hello_timeout);
  while (!deadline_.expired) {
    const Step step = take_bytes();
    if (step == Step::done || step == Step::ended) co_return;
    if (step == Step::wait) (void)co_await client_.async_wait(Socket::wait_read, kUseTask);
  }
}

/// Bytes are looked at before they are taken: those behind the request stay in the kernel, where
/// the session finds them as if it had been the first to read.
ConnectGate::Step ConnectGate::take_bytes() {
  std::array<std::uint8_t, kChunkBytes> chunk;
  const ssize_t seen = ::recv(client_.native_handle(), chunk.data(), chunk.size(), MSG_PEEK);
  if (seen > 0) {
    const auto count = static_cast<std::size_t>(seen);
    const std::size_t taken = reader_.read(inspect::Bytes(chunk).first(count));
    (void)receive_now(client_, std::span(chunk).first(taken));
    return reader_.result() ? Step::done : Step::read;
  }
  if (seen < 0 && errno == EINTR) return Step::read;
  if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait;
  end_ = seen == 0 ? WireEnd::fin : WireEnd::rst;
  return Step::ended;
}

/// Nothing when bytes of the tunnel may have come already: then nobody can tell in how many
/// segments.
std::optional<std::uint32_t> ConnectGate::segments_so_far() {
  const auto count = received_data_segments(client_.native_handle());
  int waiting = 0;
  if (::ioctl(client_.native_handle(), FIONREAD, &waiting) != 0 || waiting > 0) return std::nullopt;
  return count;
}

ConnectRefusal ConnectGate::why_none() const {
  const auto& result = reader_.result();
  if (result) return std::get<ConnectRefusal>(*result);
  const std::string what = reader_.begun() ? "a whole HTTP CONNECT" : "an HTTP CONNECT";
  if (deadline_.stopped) return {408, "the proxy was stopped"};
  if (deadline_.expired) return {408, "the client did not send " + what + " within the time-out"};
  return {400, "the client closed before it had sent " + what};
}

Task<void> ConnectGate::refuse(const ConnectRefusal& refusal) {
  if (end_ != WireEnd::rst) {
    (void)send_now(client_, as_bytes(refusal_response(refusal)));
    send_fin(client_);
  }
  if (end_ == WireEnd::open && !deadline_.stopped) co_await drain();
  hand_over_report(refusal.reason);
  error_code ignored;
  client_.close(ignored);
}

Task<void> ConnectGate::drain() {
  deadline_.expired = false;  // the limit may have been what ended the phase before
  begin_phase(kRefusalDrain);
  std::array<std::uint8_t, kChunkBytes> ignored;
  std::size_t drained = 0;
  while (!deadline_.expired && drained < kRefusalDrainBytes) {
    const Received received = receive_now(client_, ignored);
    if (received.end != WireEnd::open) co_return;
    drained += received.count;
    if (received.count > 0) continue;
    (void)co_await client_.async_wait(Socket::wait_read, kUseTask);
  }
}

/// A session that ended before its first byte: one leg, with nothing but TCP and the reason.
void ConnectGate::hand_over_report(const std::string& failure) {
  services_.shared.sessions_begun.fetch_add(1, std::memory_order_relaxed);
  const bool passthrough = options_.mode == Mode::passthrough;
  SessionFacts facts;
  facts.client = client_address_;
  facts.listener = listener_address_;
  inspect::TranscriptBuilder leg(passthrough ? LegKind::direct_leg : LegKind::client_leg);
  leg.observe_endpoints(facts.client, passthrough ? std::string() : facts.listener);
  leg.observe_connected(0, Party::client, std::nullopt);
  leg.observe_failure(failure);
  const bool by_client = end_ != WireEnd::open;
  leg.observe_close(clock_.at_us(), by_client ? Party::client : Party::proxy,
                    end_ == WireEnd::rst ? CloseHow::rst : CloseHow::fin);
  if (passthrough)
    facts.direct_leg = std::move(leg.transcript());
  else
    facts.client_leg = std::move(leg.transcript());
  facts.started = clock_.started();
  facts.duration_ms = static_cast<double>(clock_.at_us()) / 1e3;
  services_.shared.reporter.take(std::move(facts));
}

}  // namespace visavis::proxy

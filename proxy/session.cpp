#include "proxy/session.h"

#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "inspect/compare/hello_difference.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::Direction;
using inspect::LegKind;
using inspect::Party;

/// How long a client that was refused may still send before the connection is closed for good:
/// closing with unread input would send RST, and the client would never see the alert.
constexpr Milliseconds kRefusalDrain{1000};
/// Bytes drained from a refused client, at most.
constexpr std::size_t kRefusalDrainBytes = 256U * 1024;

}  // namespace

Session::Session(ThreadServices& services, Socket client,
                 std::unique_ptr<const ConnectTunnel> tunnel)
    : services_(services),
      options_(services.shared.options),
      executor_(client.get_executor()),
      capture_(services.begin_capture(clock_)),
      client_address_(address_text(client, Side::peer)),
      listener_address_(address_text(client, Side::own)),
      tunnel_(std::move(tunnel)),
      client_wire_(std::move(client), client_leg_, clock_, Direction::c2s),
      http_(options_.log_queries) {
  services_.shared.sessions_begun.fetch_add(1, std::memory_order_relaxed);
  ticket_ = services_.watchdog.watch(deadline_);
  // With --mode auto it may become another leg's.
  if (capture_ && options_.mode != Mode::automatic) capture_->watch(client_leg_);
  client_leg_.observe_endpoints(client_address_, listener_address_);
  client_leg_.observe_connected(0, Party::client, std::nullopt);
}

Session::~Session() { services_.watchdog.forget(ticket_); }

Task<void> Session::run() {
  std::string own_failure;
  try {
    co_await run_phases();
  } catch (const std::exception& error) {
    own_failure = error.what();
  }
  if (handed_over_) co_return;
  if (!own_failure.empty()) co_await give_up(own_failure);
  ended_at_us_ = clock_.at_us();  // what follows nobody waits for
  co_await twin_at_the_end();
  hand_over_report();
}

Task<void> Session::run_phases() {
  bool going = co_await read_hello();
  if (going && options_.mode == Mode::automatic) {
    std::string reason = own_limit();
    if (!reason.empty()) co_return co_await pass_through(std::move(reason));
  }
  if (capture_ && options_.mode == Mode::automatic) capture_->watch_late(client_leg_);
  if (going) going = co_await reach_backend();
  if (going) going = co_await shake_hands_with_backend();
  if (going && may_be_refused_late()) going = !co_await late_refusal();
  if (going) going = co_await shake_hands_with_client();
  if (going) co_await relay();
}

/// Our own libraries failed: nobody's fault but ours, and the report says so.
Task<void> Session::give_up(const std::string& reason) {
  spdlog::error("a session was given up: {}", reason);
  client_leg_.observe_failure("the proxy gave up: " + reason);
  if (backend_wire_) backend_wire_->shutdown_send();
  if (!client_tls_) co_await answer_with_alert(SSL_AD_INTERNAL_ERROR, kAlertRecordVersion);
}

/// Each phase has its limit; when it passes, every wait of the session ends.
void Session::begin_phase(Milliseconds limit) {
  deadline_.set(limit);
  deadline_.on_expiry = [this] { cancel_waits(); };
  if (deadline_.expired) cancel_waits();  // a stop came before the first phase
}

void Session::cancel_waits() {
  client_wire_.cancel();
  if (backend_wire_) backend_wire_->cancel();
}

void Session::note_timeout(inspect::TranscriptBuilder& leg, const std::string& what) {
  leg.observe_failure(deadline_.stopped ? "the proxy was stopped" : what);
  leg.observe_close(clock_.at_us(), Party::proxy,
                    deadline_.stopped ? CloseHow::fin : CloseHow::timeout);
}

Task<bool> Session::read_hello() {
  begin_phase(options_.hello_timeout);
  auto result = co_await peek_hello(client_wire_, segments_before(tunnel_.get()));
  if (const auto* failure = std::get_if<PeekFailure>(&result)) {
    co_await refuse_hello(*failure);
    co_return false;
  }
  auto& peeked = std::get<PeekedHello>(result);
  peeked_ = std::move(peeked.bytes);
  client_leg_.observe_client_hello(clock_.at_us(), std::move(peeked.hello),
                                   std::move(peeked.segments), peeked.segments_exact);
  co_return true;
}

Task<void> Session::refuse_hello(const PeekFailure& failure) {
  if (failure.end == PeekEnd::malformed) {
    client_leg_.observe_malformed(clock_.at_us(), Direction::c2s, inspect::kClientHello,
                                  failure.error);
    co_await answer_with_alert(inspect::kDecodeError.value, kAlertRecordVersion);
    co_return;
  }
  if (failure.end == PeekEnd::cancelled)
    note_timeout(client_leg_, "no complete ClientHello within the hello time-out");
  if (failure.end == PeekEnd::not_tls && !client_leg_.transcript().not_tls)
    client_leg_.observe_not_tls(clock_.at_us(), Direction::c2s, failure.protocol);
  client_wire_.shutdown_send();
  co_await drain_client();
}

Task<void> Session::answer_with_alert(std::uint8_t description, std::uint16_t record_version) {
  const std::uint8_t record[] = {SSL3_RT_ALERT,
                                 static_cast<std::uint8_t>(record_version >> 8),
                                 static_cast<std::uint8_t>(record_version & 0xff),
                                 0,
                                 2,
                                 SSL3_AL_FATAL,
                                 description};
  client_wire_.append(record);
  begin_phase(kRefusalDrain);
  (void)co_await client_wire_.flush();
  client_wire_.shutdown_send();
  co_await drain_client();
}

Task<void> Session::drain_client() {
  if (deadline_.expired) co_return;
  begin_phase(kRefusalDrain);
  std::array<std::uint8_t, 4096> ignored;
  std::size_t drained = 0;
  while (client_wire_.end() == WireEnd::open && drained < kRefusalDrainBytes) {
    const std::size_t count = client_wire_.receive(ignored);
    drained += count;
    if (count > 0 || client_wire_.end() != WireEnd::open) continue;
    if (!co_await client_wire_.readable()) co_return;
  }
}

Task<void> Session::relay() {
  std::vector<std::uint8_t> first;
  bool going = true;
  const bool keep = options_.split.kind == SplitPolicy::Kind::keep;
  if (keep && may_be_split()) going = co_await repeat_empty_records(first);
  if (!going) co_return;
  if (options_.split.kind == SplitPolicy::Kind::zero_n && !backend_takes_empty_records())
    unmirrored(
        LegKind::backend_leg, std::string(inspect::kRecordSplitFeature),
        "our TLS library (OpenSSL) puts empty records only before those of a CBC suite under "
        "TLS 1.0: the records are not split");
  deadline_.set_idle(options_.idle_timeout);
  deadline_.on_expiry = [this] { cancel_waits(); };
  http_.expect_alpn(backend_leg_.transcript().alpn.value_or(""));
  Relay relay(*client_tls_, *backend_tls_, http_, clock_, deadline_, options_.split,
              options_.split_segments);
  relay_ = &relay;
  co_await beside_twin(relay.run(first));
  note_end_of_relay();
  http_.response_ended();  // whoever ended it
  client_to_backend_bytes_ = relay.client_to_backend_bytes();
  backend_to_client_bytes_ = relay.backend_to_client_bytes();
  if (relay.alert_not_mirrored())
    unmirrored(LegKind::backend_leg, "alert-after-handshake",
               "a fatal alert after the handshake: OpenSSL can't send one of our choice");
  note_renegotiation();
}

/// Before the legs are closed, which a twin may outlive; once.
void Session::note_end_of_relay() {
  if (relay_ == nullptr) return;
  const bool ended_by_us = deadline_.expired && !relay_->draining();
  relay_ = nullptr;
  if (!ended_by_us) return;
  note_timeout(client_leg_, "nothing was sent within the idle time-out");
  note_timeout(backend_leg_, "nothing was sent within the idle time-out");
}

/// A backend that asks (IIS, for a client certificate) is answered by our library at once, as most
/// clients answer; a client that asks is refused, as most servers refuse. What the other side would
/// have said is not known.
void Session::note_renegotiation() {
  if (backend_tls_->renegotiation_asked())
    unmirrored(LegKind::backend_leg, std::string(inspect::kRenegotiationFeature),
               "the backend asked for it, and the proxy answered without asking the client");
  if (client_tls_->renegotiation_asked())
    unmirrored(LegKind::client_leg, std::string(inspect::kRenegotiationFeature),
               "the client asked for it, and the proxy refused without asking the backend");
}

void Session::unmirrored(LegKind leg, std::string feature, std::string reason) {
  unmirrored_.push_back({std::string(name(leg)), std::move(feature), std::move(reason)});
}

std::string Session::checked_host(const inspect::Transcript& client_leg) const {
  const auto& hello = client_leg.client_hello;
  if (hello && hello->sni) return *hello->sni;
  return tunnel_ ? tunnel_->asked.host : backend_->host;
}

void Session::hand_over_report() {
  client_wire_.close();
  if (backend_wire_) backend_wire_->close();
  SessionFacts facts;
  if (capture_) {
    capture_->finish();
    facts.id = capture_->id();
    facts.capture = std::move(capture_);
  }
  facts.client_leg = std::move(client_leg_.transcript());
  if (dialled_) {
    facts.checked_host = checked_host(*facts.client_leg);
    facts.backend_leg = std::move(backend_leg_.transcript());
  }
  if (twin_leg_) facts.direct_leg = std::move(*twin_leg_);
  facts.twin = std::move(twin_report_);
  facts.http = http_.exchanges();
  facts.http2_preface_only = http_.preface_only();
  facts.started = clock_.started();
  facts.duration_ms = static_cast<double>(ended_at_us_) / 1e3;
  facts.client = client_address_;
  facts.listener = listener_address_;
  if (backend_ != nullptr)
    facts.backend = to_string(*backend_);
  else if (options_.backend)  // the session ended before it came to choosing
    facts.backend = to_string(*options_.backend);
  if (tunnel_) facts.connect = to_string(tunnel_->asked);
  facts.backend_address = backend_ip_;
  facts.unmirrored = std::move(unmirrored_);
  facts.repeated_faults = std::move(repeated_faults_);
  facts.client_to_backend_bytes = client_to_backend_bytes_;
  facts.backend_to_client_bytes = backend_to_client_bytes_;
  services_.shared.reporter.take(std::move(facts));
}

}  // namespace visavis::proxy

#include "proxy/session.h"

#include <openssl/ssl.h>

#include "proxy/answer_shape.h"
#include "proxy/hello_shape.h"
#include "proxy/leaf_choice.h"
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

/// The record version of an alert that answers no negotiated version: what every stack accepts.
constexpr std::uint16_t kAlertRecordVersion = 0x0301;

}  // namespace

Session::Session(ThreadServices& services, Socket client)
    : services_(services),
      options_(services.shared.options),
      executor_(client.get_executor()),
      client_address_(address_text(client, Side::peer)),
      listener_address_(address_text(client, Side::own)),
      client_wire_(std::move(client), client_leg_, clock_, Direction::c2s),
      http_(options_.log_queries) {
  ticket_ = services_.watchdog.watch(deadline_);
  client_leg_.observe_endpoints(client_address_, listener_address_);
  client_leg_.observe_connected(0, Party::client, std::nullopt);
}

Session::~Session() { services_.watchdog.forget(ticket_); }

Task<void> Session::run() {
  bool going = co_await read_hello();
  if (going) going = co_await reach_backend();
  if (going) going = co_await shake_hands_with_backend();
  if (going) going = co_await shake_hands_with_client();
  if (going) co_await relay();
  hand_over_report();
}

/// Each phase has its limit; when it passes, every wait of the session ends.
void Session::begin_phase(Milliseconds limit) {
  deadline_.set(limit);
  deadline_.on_expiry = [this] {
    client_wire_.cancel();
    if (backend_wire_) backend_wire_->cancel();
  };
}

void Session::note_timeout(inspect::TranscriptBuilder& leg, const std::string& what) {
  leg.observe_failure(deadline_.stopped ? "the proxy was stopped" : what);
  leg.observe_close(clock_.at_us(), Party::proxy,
                    deadline_.stopped ? CloseHow::fin : CloseHow::timeout);
}

Task<bool> Session::read_hello() {
  begin_phase(options_.hello_timeout);
  auto result = co_await peek_hello(client_wire_);
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
  switch (failure.end) {
    case PeekEnd::closed:
      break;
    case PeekEnd::cancelled:
      note_timeout(client_leg_, "no complete ClientHello within the hello time-out");
      break;
    case PeekEnd::not_tls:
      if (!client_leg_.transcript().not_tls)
        client_leg_.observe_not_tls(clock_.at_us(), Direction::c2s, failure.protocol);
      break;
    case PeekEnd::malformed:
      client_leg_.observe_malformed(clock_.at_us(), Direction::c2s, inspect::kClientHello,
                                    failure.error);
      co_return co_await answer_with_alert(inspect::kDecodeError.value, kAlertRecordVersion);
  }
  client_wire_.shutdown_send();
  co_await drain_client();
}

Task<bool> Session::reach_backend() {
  const auto& hello = *client_leg_.transcript().client_hello;
  backend_ = choose_backend(options_.routes, options_.backend ? &*options_.backend : nullptr,
                            hello.sni.value_or(""));
  if (backend_ == nullptr) {
    client_leg_.observe_failure("no route for the server name '" + hello.sni.value_or("") + "'");
    co_await answer_with_alert(SSL_AD_UNRECOGNIZED_NAME, kAlertRecordVersion);
    co_return false;
  }
  dialled_ = true;
  const std::int64_t began = clock_.at_us();
  begin_phase(options_.dial_timeout);
  Dialled dialled = co_await dial_backend(executor_, *backend_, deadline_);
  backend_ip_ = dialled.address;
  if (dialled.error) {
    backend_leg_.observe_endpoints("", dialled.address);
    backend_leg_.observe_failure(dialled.what);
    if (dialled.error == asio::error::timed_out) {
      note_timeout(backend_leg_, dialled.what);
      client_wire_.shutdown_send();
    } else {
      backend_leg_.observe_tcp(clock_.at_us(), Party::backend, "connection failed");
      client_wire_.reset();
    }
    co_return false;
  }
  backend_leg_.observe_endpoints(address_text(dialled.socket, Side::own), dialled.address);
  backend_leg_.observe_connected(clock_.at_us(), Party::proxy, clock_.at_us() - began);
  backend_wire_.emplace(std::move(dialled.socket), backend_leg_, clock_, Direction::s2c);
  co_return true;
}

Task<bool> Session::shake_hands_with_backend() {
  const auto& hello = *client_leg_.transcript().client_hello;
  std::optional<HelloShape> shape;
  std::string name = hello.sni.value_or("");
  if (options_.hello == HelloPolicy::mirror) {
    shape = hello_shape(hello);
  } else if (name.empty() && !is_address(backend_->host)) {
    name = backend_->host;
  }
  SslPtr ssl;
  if (shape || options_.hello != HelloPolicy::mirror)
    ssl = services_.contexts.backend_ssl(shape, name,
                                         hello.alpn.value_or(std::vector<std::string>{}));
  if (!ssl) {
    const std::string limit = shape ? "none of the offered suites" : "none of the offered versions";
    client_leg_.observe_failure("our TLS library has " + limit);
    unmirrored(LegKind::backend_leg, "ClientHello", "our TLS library (OpenSSL 3.0) has " + limit);
    backend_wire_->close();
    co_await answer_with_alert(SSL_AD_HANDSHAKE_FAILURE, kAlertRecordVersion);
    co_return false;
  }
  begin_phase(options_.handshake_timeout);
  backend_tls_.emplace(*backend_wire_, backend_leg_, clock_, std::move(ssl), TlsRole::client,
                       false);
  if (co_await backend_tls_->handshake()) co_return true;
  if (deadline_.expired)
    note_timeout(backend_leg_, "the backend did not finish its handshake within the time-out");
  co_await mirror_backend_failure();
  co_return false;
}

/// The client gets what the backend sent: the same alert, FIN, RST, or silence until it ends.
Task<void> Session::mirror_backend_failure() {
  const inspect::Transcript& backend = backend_leg_.transcript();
  for (const inspect::AlertSeen& alert : backend.alerts) {
    if (alert.sent_by != Party::backend || alert.level != SSL3_AL_FATAL) continue;
    std::uint16_t version = kAlertRecordVersion;
    for (const inspect::LedgerRecord& record : backend.records)
      if (record.direction == Direction::s2c && record.type == inspect::kAlert)
        version = record.version;
    backend_wire_->shutdown_send();
    co_return co_await answer_with_alert(alert.description.value, version);
  }
  if (backend_wire_->end() == WireEnd::rst) co_return client_wire_.reset();
  backend_wire_->shutdown_send();
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

std::vector<std::shared_ptr<const certs::Leaf>> Session::leaves() {
  const inspect::Transcript& client = client_leg_.transcript();
  const inspect::Transcript& backend = backend_leg_.transcript();
  certs::LeafRequest request;
  if (!backend.certificates.empty()) request.backend_certificate_der = backend.certificates.front();
  request.server_name = client.client_hello->sni.value_or("");
  if (request.server_name.empty()) request.address = host_of(listener_address_);
  std::vector<std::shared_ptr<const certs::Leaf>> leaves;
  for (const certs::LeafKey key :
       choose_leaf_keys(*client.client_hello, backend, options_.answer)) {
    request.key = key;
    leaves.push_back(services_.shared.leaves.leaf_for(request));
  }
  return leaves;
}

Task<bool> Session::shake_hands_with_client() {
  const inspect::Transcript& backend = backend_leg_.transcript();
  const AnswerShape answer =
      options_.answer == AnswerPolicy::mirror ? answer_shape(backend) : AnswerShape{};
  SslPtr ssl = services_.contexts.client_ssl(answer, leaves(), backend.alpn);
  client_wire_.unread(peeked_);
  peeked_ = {};
  begin_phase(options_.handshake_timeout);
  client_tls_.emplace(client_wire_, client_leg_, clock_, std::move(ssl), TlsRole::server, true);
  if (co_await client_tls_->handshake()) co_return true;
  if (deadline_.expired)
    note_timeout(client_leg_, "the client did not finish its handshake within the time-out");
  mirror_client_failure();
  co_return false;
}

/// The backend's handshake is over: an alert of our choice can't be sent to it any more.
void Session::mirror_client_failure() {
  for (const inspect::AlertSeen& alert : client_leg_.transcript().alerts)
    if (alert.sent_by == Party::client)
      unmirrored(
          LegKind::backend_leg, "alert-after-handshake",
          "the client's alert came when the backend leg was established: OpenSSL can't repeat it");
  if (client_wire_.end() == WireEnd::rst)
    backend_wire_->reset();
  else
    backend_wire_->shutdown_send();
  client_wire_.shutdown_send();
}

Task<void> Session::relay() {
  deadline_.set_idle(options_.idle_timeout);
  Relay relay(*client_tls_, *backend_tls_, http_, clock_, deadline_);
  co_await relay.run();
  client_to_backend_bytes_ = relay.client_to_backend_bytes();
  backend_to_client_bytes_ = relay.backend_to_client_bytes();
  if (relay.alert_not_mirrored())
    unmirrored(LegKind::backend_leg, "alert-after-handshake",
               "a fatal alert after the handshake: OpenSSL can't send one of our choice");
  if (!deadline_.expired || relay.draining()) co_return;
  note_timeout(client_leg_, "nothing was sent within the idle time-out");
  note_timeout(backend_leg_, "nothing was sent within the idle time-out");
}

void Session::unmirrored(LegKind leg, std::string feature, std::string reason) {
  unmirrored_.push_back({std::string(name(leg)), std::move(feature), std::move(reason)});
}

std::string Session::checked_host() const {
  const auto& hello = client_leg_.transcript().client_hello;
  return hello && hello->sni ? *hello->sni : backend_->host;
}

void Session::hand_over_report() {
  client_wire_.close();
  if (backend_wire_) backend_wire_->close();
  SessionFacts facts{client_leg_.transcript(), dialled_ ? &backend_leg_.transcript() : nullptr,
                     clock_, http_.exchanges()};
  facts.client = client_address_;
  facts.listener = listener_address_;
  if (backend_ != nullptr) facts.backend = to_string(*backend_);
  facts.backend_address = backend_ip_;
  if (dialled_) facts.checked_host = checked_host();
  facts.unmirrored = std::move(unmirrored_);
  facts.client_to_backend_bytes = client_to_backend_bytes_;
  facts.backend_to_client_bytes = backend_to_client_bytes_;
  services_.shared.sink(make_report(facts, services_.shared));
}

}  // namespace visavis::proxy

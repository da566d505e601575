#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "certs/verify_code.h"
#include "inspect/transcript/unseen_events.h"
#include "proxy/chain_judge.h"
#include "proxy/hello_shape.h"
#include "proxy/session.h"

// The backend's side of a session: dialling, its handshake, and what the client gets when that
// fails.
namespace visavis::proxy {
namespace {

using inspect::Direction;
using inspect::LegKind;
using inspect::Party;

/// DESIGN, life of a session, step 9.
constexpr Milliseconds kLateRefusalWait{200};

/// Only TLS 1.0 with a CBC suite is split against BEAST.
bool agreed_on_beast(const inspect::Transcript& leg) {
  const auto& hello = leg.server_hello;
  return hello && hello->version() <= inspect::kTls10 &&
         known_name(hello->cipher).find("_CBC_") != std::string_view::npos;
}

}  // namespace

Task<bool> Session::reach_backend() {
  const auto& hello = *client_leg_.transcript().client_hello;
  backend_ = choose_backend(options_.routes, options_.backend ? &*options_.backend : nullptr,
                            hello.sni.value_or(""));
  if (tunnel_) backend_ = &tunnel_->backend;
  if (backend_ == nullptr) {
    client_leg_.observe_failure("no route for the server name '" + hello.sni.value_or("") + "'");
    co_await answer_with_alert(SSL_AD_UNRECOGNIZED_NAME, kAlertRecordVersion);
    co_return false;
  }
  dialled_ = true;
  if (co_await dial()) co_return true;
  if (deadline_.expired)
    client_wire_.shutdown_send();
  else
    client_wire_.reset();
  co_return false;
}

Task<bool> Session::dial() {
  const std::int64_t began = clock_.at_us();
  if (capture_) capture_->watch(backend_leg_);
  begin_phase(options_.dial_timeout);
  Dialled dialled = co_await dial_backend(executor_, *backend_, deadline_);
  backend_ip_ = dialled.address;
  if (dialled.error) {
    backend_leg_.observe_endpoints("", dialled.address);
    backend_leg_.observe_failure(dialled.what);
    backend_leg_.observe_tcp(clock_.at_us(), dialled.blamed, dialled.note);
    if (deadline_.expired) note_timeout(backend_leg_, dialled.what);
    co_return false;
  }
  backend_leg_.observe_endpoints(address_text(dialled.socket, Side::own), dialled.address);
  backend_leg_.observe_connected(clock_.at_us(), Party::proxy, clock_.at_us() - began);
  backend_wire_.emplace(std::move(dialled.socket), backend_leg_, clock_, Direction::s2c);
  co_return true;
}

/// A session is good for the same backend, name and offer: OpenSSL would refuse another's.
std::string Session::resumption_key(const std::optional<HelloShape>& shape,
                                    const std::string& name) const {
  const auto& alpn = client_leg_.transcript().client_hello->alpn;
  std::string key = to_string(*backend_) + '\n' + name + '\n';
  for (const std::string& protocol : alpn.value_or(std::vector<std::string>{}))
    key += protocol + ',';
  if (!shape) return key + "\ndefault";
  HelloShape same = *shape;
  same.middlebox_compat = false;  // a ticket of TLS 1.2 comes with a session id, as that does
  return key + '\n' + shape_key(same);
}

/// Null when our library can't make the hello.
SslPtr Session::backend_ssl(std::optional<HelloShape> shape) {
  const auto& hello = *client_leg_.transcript().client_hello;
  std::string name = hello.sni.value_or("");
  if (options_.hello != HelloPolicy::mirror && name.empty() && !is_address(backend_->host))
    name = backend_->host;
  SslPtr ssl =
      services_.contexts.backend_ssl(shape, name, hello.alpn.value_or(std::vector<std::string>{}));
  // OpenSSL reads it at key setup.
  if (ssl && (redialled_ || options_.split.kind == SplitPolicy::Kind::zero_n))
    SSL_clear_options(ssl.get(), SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  if (ssl && options_.resume)
    services_.contexts.mirror_resumption(ssl.get(), resumption_key(shape, name),
                                         services_.shared.resumption.carries_our_ticket(hello.raw));
  if (ssl && capture_) TlsContexts::log_keys(ssl.get(), *capture_->leg(backend_leg_));
  if (ssl && options_.verify == VerifyPolicy::enforce)
    judge_chain_by(ssl.get(), [this] { return judge_backend_chain(); });
  return ssl;
}

std::shared_ptr<const certs::ChainVerdict> Session::backend_chain_verdict() {
  const auto now = std::chrono::system_clock::to_time_t(clock_.started());
  return services_.shared.chain_check.check(backend_leg_.transcript().certificates,
                                            checked_host(client_leg_.transcript()), now);
}

/// --verify enforce: the chain must please our main store, which costs 40 to 400 us for a new one.
int Session::judge_backend_chain() {
  const auto verdict = backend_chain_verdict();
  if (verdict->trusted) return X509_V_OK;
  const std::string code =
      verdict->problems.empty() ? "X509_V_ERR_UNSPECIFIED" : verdict->problems.front().code;
  chain_refused_ = true;
  backend_leg_.observe_failure("refused by --verify enforce: " + code);
  return certs::verify_code_number(code);
}

/// A TLS 1.3 server judges its client's certificate after our Finished.
bool Session::may_be_refused_late() const {
  const inspect::Transcript& backend = backend_leg_.transcript();
  return backend.certificate_request && backend.server_hello &&
         backend.server_hello->version() >= inspect::kTls13;
}

/// Holds the client's handshake until the backend's first record after our Finished, for
/// kLateRefusalWait at most, so that a refusal can still be passed on. True: it came.
Task<bool> Session::late_refusal() {
  using namespace asio::experimental::awaitable_operators;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      patience(executor_, kLateRefusalWait);
  const std::uint64_t before = backend_leg_.records_begun(Direction::s2c);
  begin_phase(options_.handshake_timeout);
  TlsRead read = backend_tls_->peek();
  while (read == TlsRead::want_read && backend_leg_.records_begun(Direction::s2c) == before) {
    const auto which = co_await (backend_wire_->readable() || patience.async_wait(kUseTask));
    const bool* readable = std::get_if<0>(&which);
    if (readable == nullptr || !*readable) break;
    read = backend_tls_->peek();
  }
  if (read == TlsRead::want_read || read == TlsRead::data) co_return false;
  (void)backend_wire_->try_flush();
  co_await mirror_backend_failure();
  co_return true;
}

Task<bool> Session::shake_hands_with_backend() {
  const bool mirror = options_.hello == HelloPolicy::mirror;
  std::optional<HelloShape> shape;
  if (mirror) shape = hello_shape(*client_leg_.transcript().client_hello);
  SslPtr ssl = shape || !mirror ? backend_ssl(shape) : nullptr;
  if (!ssl) {
    const std::string limit = shape ? "none of the offered suites" : "none of the offered versions";
    client_leg_.observe_failure("our TLS library has " + limit);
    unmirrored(LegKind::backend_leg, "ClientHello", "our TLS library (OpenSSL 3.0) has " + limit);
    backend_wire_->close();
    co_await answer_with_alert(SSL_AD_HANDSHAKE_FAILURE, kAlertRecordVersion);
    co_return false;
  }
  // Told to leave one out, OpenSSL would offer none above it.
  if (shape && !shape->left_out_versions.empty())
    unmirrored(LegKind::backend_leg, "supported_versions",
               "our TLS library offers all versions from the lowest to the highest");
  begin_phase(options_.handshake_timeout);
  backend_tls_.emplace(*backend_wire_, backend_leg_, clock_, std::move(ssl), TlsRole::client,
                       false);
  // A client that leaves meanwhile leaves directly too: the backend is told, and is not blamed.
  client_wire_.watch_peer([this] { backend_wire_->cancel(); });
  const bool established = co_await backend_tls_->handshake();
  client_wire_.stop_watching();
  if (established) co_return true;
  if (client_wire_.end() != WireEnd::open) {
    co_await mirror_client_failure();
    co_return false;
  }
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
  if (chain_refused_)
    co_return co_await answer_with_alert(SSL_AD_HANDSHAKE_FAILURE, kAlertRecordVersion);
  if (backend_chose_unoffered_version()) {
    // Our library, bound by the client's list, refused the version before the client could: the
    // client gets the backend's own bytes and refuses them itself, as it does directly.
    unmirrored(
        LegKind::client_leg, "handshake",
        "the backend chose a version that was not offered: its first flight is passed on as it is");
    client_wire_.append(backend.raw.s2c);
    begin_phase(options_.handshake_timeout);
    (void)co_await client_wire_.flush();
    co_await drain_client();
    client_wire_.shutdown_send();
    co_return;
  }
  client_wire_.shutdown_send();
  co_await drain_client();
}

bool Session::backend_chose_unoffered_version() const {
  const auto& answer = backend_leg_.transcript().server_hello;
  const auto& offered = client_leg_.transcript().client_hello->supported_versions;
  return answer && offered && !answer->hello_retry && !backend_leg_.transcript().raw_cut &&
         std::find(offered->begin(), offered->end(), answer->version()) == offered->end();
}

/// Only a mirrored hello is to be repeated.
bool Session::may_be_split() const {
  return options_.hello == HelloPolicy::mirror && agreed_on_beast(client_leg_.transcript());
}

bool Session::backend_takes_empty_records() const {
  return agreed_on_beast(backend_leg_.transcript());
}

/// True when the client's records end with an empty one and then one with data: 0/n.
bool Session::client_sent_empty_record() const {
  const auto& lengths = client_leg_.transcript().plaintext_lengths.c2s;
  return lengths.size() >= 2 && lengths.back() > 0 && lengths[lengths.size() - 2] == 0;
}

/// Waits for either side; true when it is the client.
Task<bool> Session::client_readable_first() {
  using namespace asio::experimental::awaitable_operators;
  const auto which = co_await (client_wire_.readable() || backend_wire_->readable());
  const bool* readable = std::get_if<0>(&which);
  co_return readable != nullptr&&* readable;
}

/// OpenSSL fixes at key setup whether it puts an empty record before each write, before the
/// client's habit can be seen. When the client's first record turns out to be one, and the backend
/// has been sent nothing yet, the backend is dialled once more. `first` is what the client has sent
/// until then.
Task<bool> Session::repeat_empty_records(std::vector<std::uint8_t>& first) {
  begin_phase(options_.idle_timeout);
  first.resize(TlsStream::kMaxPlaintextBytes);
  std::size_t count = 0;
  TlsRead read = client_tls_->read(first, count);
  while (read == TlsRead::want_read) {
    const bool client_speaks = co_await client_readable_first();
    if (!client_speaks) break;
    read = client_tls_->read(first, count);
  }
  first.resize(count);
  first.shrink_to_fit();
  if (count == 0 || !client_sent_empty_record()) co_return true;
  if (co_await redial_with_empty_records()) co_return true;
  client_wire_.shutdown_send();
  co_return false;
}

Task<bool> Session::redial_with_empty_records() {
  backend_tls_->send_close_notify();
  (void)backend_wire_->try_flush();
  backend_tls_.reset();
  backend_wire_->close();
  backend_wire_.reset();
  if (capture_) capture_->unwatch(backend_leg_);
  backend_leg_ = inspect::TranscriptBuilder(LegKind::backend_leg);
  backend_leg_.observe_tcp(clock_.at_us(), Party::proxy, inspect::tcp_note::kDialledAgain);
  if (!co_await dial()) co_return false;
  redialled_ = true;
  begin_phase(options_.handshake_timeout);
  backend_tls_.emplace(*backend_wire_, backend_leg_, clock_,
                       backend_ssl(hello_shape(*client_leg_.transcript().client_hello)),
                       TlsRole::client, false);
  const bool established = co_await backend_tls_->handshake();
  if (!established && deadline_.expired)
    note_timeout(backend_leg_, "the backend did not finish its handshake within the time-out");
  co_return established;
}

}  // namespace visavis::proxy

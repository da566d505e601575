#include "proxy/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "certs/openssl_error.h"
#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/content_type.h"
#include "proxy/wire_bio.h"

namespace visavis::proxy {
namespace {

using inspect::Direction;

/// Alerts received are errors of the queue too, as SSL_AD_REASON_OFFSET plus the alert: the
/// transcript has them already.
bool is_received_alert(unsigned long code) { return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET; }

}  // namespace

void SslFree::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }
void SslFree::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

TlsStream::TlsStream(Wire& wire, inspect::TranscriptBuilder& transcript, const SessionClock& clock,
                     SslPtr ssl, TlsRole role, bool first_hello_known)
    : wire_(wire),
      transcript_(transcript),
      clock_(clock),
      ssl_(std::move(ssl)),
      role_(role),
      skip_hello_(first_hello_known) {
  BIO* bio = make_wire_bio(wire);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_msg_callback(ssl_.get(), &TlsStream::on_message);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  if (role == TlsRole::client)
    SSL_set_connect_state(ssl_.get());
  else
    SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

void TlsStream::on_message(int write, int /*version*/, int type, const void* bytes,
                           std::size_t length, ssl_st*, void* self) {
  static_cast<TlsStream*>(self)->observe(write != 0, type,
                                         {static_cast<const std::uint8_t*>(bytes), length});
}

void TlsStream::observe(bool outgoing, int type, inspect::Bytes bytes) {
  const bool client_sends = outgoing == (role_ == TlsRole::client);
  const Direction direction = client_sends ? Direction::c2s : Direction::s2c;
  switch (type) {
    case SSL3_RT_HEADER:
      transcript_.expect_record(direction);
      if (!outgoing) note_arrival(bytes.empty() ? 0 : bytes[0]);
      // OpenSSL tells of those that it sends only.
      if (!outgoing && !bytes.empty() && bytes[0] == SSL3_RT_CHANGE_CIPHER_SPEC)
        transcript_.observe_change_cipher_spec(clock_.at_us(), direction);
      // Type alert, two bytes: in clear. The transcript reads such a one off the wire by itself.
      clear_alert_ = bytes.size() == SSL3_RT_HEADER_LENGTH && bytes[0] == SSL3_RT_ALERT &&
                     bytes[3] == 0 && bytes[4] == 2;
      // Until a read or write says more, an application data record counts as empty.
      // In TLS 1.3 every encrypted record has that type: there, the inner type tells.
      if (SSL_version(ssl_.get()) != TLS1_3_VERSION && !bytes.empty() &&
          bytes[0] == SSL3_RT_APPLICATION_DATA)
        transcript_.observe_plaintext(direction, 0);
      return;
    case SSL3_RT_INNER_CONTENT_TYPE:
      transcript_.record_opened(direction);
      if (!bytes.empty() && bytes[0] == SSL3_RT_APPLICATION_DATA)
        transcript_.observe_plaintext(direction, 0);
      return;
    case SSL3_RT_HANDSHAKE:
      if (skip_hello_ && !outgoing && !bytes.empty() && bytes[0] == SSL3_MT_CLIENT_HELLO) {
        skip_hello_ = false;
        return;
      }
      if (!outgoing && transcript_.transcript().established) note_renegotiation(bytes);
      transcript_.observe_message(clock_.at_us(), direction, bytes);
      return;
    case SSL3_RT_CHANGE_CIPHER_SPEC:
      transcript_.observe_change_cipher_spec(clock_.at_us(), direction);
      return;
    case SSL3_RT_ALERT:
      if (!clear_alert_) observe_alert(direction, bytes);
      return;
    default:
      return;
  }
}

/// Two headers of application data without a read between them: the first record was empty. In TLS
/// 1.3 handshake messages have that type, too, and nobody splits.
void TlsStream::note_arrival(int header_type) {
  const bool data =
      header_type == SSL3_RT_APPLICATION_DATA && SSL_version(ssl_.get()) != TLS1_3_VERSION;
  arrival_ = {data && data_begun_, wire_.receives() != receives_};
  data_begun_ = data;
  receives_ = wire_.receives();
}

void TlsStream::note_renegotiation(inspect::Bytes message) {
  if (message.empty()) return;
  const int asks = role_ == TlsRole::client ? SSL3_MT_HELLO_REQUEST : SSL3_MT_CLIENT_HELLO;
  renegotiation_asked_ = renegotiation_asked_ || message[0] == asks;
}

void TlsStream::observe_alert(Direction direction, inspect::Bytes bytes) {
  if (bytes.size() != 2) return;
  transcript_.observe_alert(clock_.at_us(), direction, bytes[0], bytes[1]);
  if (bytes[1] == inspect::kCloseNotify.value)
    transcript_.observe_close(clock_.at_us(), sender(transcript_.transcript().leg, direction),
                              inspect::CloseHow::close_notify);
}

/// Our own library's reason is kept when neither an alert of the peer nor the end of its bytes
/// explains the failure. The number decides, the words are for the reader.
void TlsStream::observe_failure() {
  const inspect::Transcript& transcript = transcript_.transcript();
  for (const inspect::AlertSeen& alert : transcript.alerts)
    if (alert.sent_by != inspect::Party::proxy && alert.level == SSL3_AL_FATAL)
      return ERR_clear_error();
  for (const certs::OpensslError& error : certs::drain_openssl_errors()) {
    if (is_received_alert(error.code)) continue;
    if (ERR_GET_LIB(error.code) == ERR_LIB_SSL &&
        ERR_GET_REASON(error.code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
      continue;
    transcript_.observe_failure("refused by our TLS library: " + error.reason + " (" +
                                inspect::hex_name(static_cast<std::uint32_t>(error.code), 4) + ")");
    return;
  }
}

Task<bool> TlsStream::handshake() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) observe_failure();
    const bool sent = co_await wire_.flush();
    if (error == SSL_ERROR_NONE) {
      transcript_.observe_established(clock_.at_us(), SSL_session_reused(ssl_.get()) == 1);
      co_return sent;
    }
    if (error != SSL_ERROR_WANT_READ || !sent) co_return false;
    if (!co_await wire_.readable()) co_return false;
  }
}

TlsRead TlsStream::read(std::span<std::uint8_t> into, std::size_t& count) {
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
  if (result == 1) {
    data_begun_ = false;
    transcript_.observe_plaintext(role_ == TlsRole::client ? Direction::s2c : Direction::c2s,
                                  count);
    return TlsRead::data;
  }
  count = 0;
  return read_failure(result);
}

TlsRead TlsStream::peek() {
  ERR_clear_error();
  std::uint8_t byte = 0;
  std::size_t count = 0;
  const int result = SSL_peek_ex(ssl_.get(), &byte, 1, &count);
  return result == 1 ? TlsRead::data : read_failure(result);
}

TlsRead TlsStream::read_failure(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return TlsRead::want_read;
    case SSL_ERROR_ZERO_RETURN:
      return TlsRead::closed;
    default:
      break;
  }
  if (wire_.end() == WireEnd::rst) return ERR_clear_error(), TlsRead::reset;
  const bool alert_or_refusal = ERR_peek_error() != 0 && ERR_GET_REASON(ERR_peek_error()) !=
                                                             SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (wire_.end() == WireEnd::fin && !alert_or_refusal)
    return ERR_clear_error(), TlsRead::truncated;
  observe_failure();
  return TlsRead::failed;
}

TlsWrite TlsStream::write(inspect::Bytes plaintext) {
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
  if (result == 1) {
    transcript_.observe_plaintext(role_ == TlsRole::client ? Direction::c2s : Direction::s2c,
                                  written);
    return TlsWrite::done;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return TlsWrite::want_read;
  observe_failure();
  return TlsWrite::failed;
}

void TlsStream::send_close_notify() {
  if (close_notify_sent_) return;
  close_notify_sent_ = true;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());  // queues the alert; its answer, if any, is read by the relay
  ERR_clear_error();
}

}  // namespace visavis::proxy

#pragma once
#include <span>
#include <string>

#include "proxy/record_splitter.h"
#include "proxy/ssl_handles.h"
#include "proxy/wire.h"

namespace visavis::proxy {

enum class TlsRole { client, server };

/// TlsRead is what one read of a TlsStream brought.
enum class TlsRead {
  data,       ///< the plaintext of exactly one record
  want_read,  ///< nothing now: wait until the wire is readable
  closed,     ///< close_notify
  truncated,  ///< FIN without close_notify
  reset,      ///< RST
  failed,     ///< a fatal alert was received, or our library refused what came
};

enum class TlsWrite { done, want_read, failed };

/// TlsStream is one leg's TLS: OpenSSL over a Wire, through a BIO of ours. It does not wait for
/// data: `read` and `write` work on what is there, and whoever calls them waits on the wire.
///
/// OpenSSL's message callback shows handshake messages (those of TLS 1.3 decrypted), alerts and
/// record headers to the leg's transcript; the plaintext length of a record is what the read or
/// write that goes with its header returned.
class TlsStream {
 public:
  /// `first_hello_known`: the ClientHello that OpenSSL will read first is in the transcript
  /// already.
  TlsStream(Wire& wire, inspect::TranscriptBuilder& transcript, const SessionClock& clock,
            SslPtr ssl, TlsRole role, bool first_hello_known);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  /// handshake runs until both sides are finished. False: the transcript says why.
  Task<bool> handshake();

  /// read takes one record's plaintext; `into` holds kMaxPlaintextBytes. The count is in `count`.
  TlsRead read(std::span<std::uint8_t> into, std::size_t& count);
  /// arrival says how the record came that `read` has returned last.
  [[nodiscard]] RecordArrival arrival() const { return arrival_; }
  /// peek lets OpenSSL take in what has arrived and leaves the plaintext, if any, for `read`.
  /// `data`: there is some.
  TlsRead peek();
  /// write makes one record of `plaintext` (at most kMaxPlaintextBytes) and queues it on the wire.
  /// want_read: a renegotiation is under way; call again with the same bytes when it has moved on.
  TlsWrite write(inspect::Bytes plaintext);
  /// send_close_notify queues our close_notify; reading goes on (half-close).
  void send_close_notify();

  /// renegotiation_asked is true once the peer has asked for another handshake on this connection:
  /// by HelloRequest, or by a ClientHello of its own. Up to TLS 1.2.
  [[nodiscard]] bool renegotiation_asked() const { return renegotiation_asked_; }

  [[nodiscard]] Wire& wire() { return wire_; }
  [[nodiscard]] ssl_st* ssl() { return ssl_.get(); }

  /// A record holds at most 2^14 bytes of plaintext. RFC 8446 5.1.
  static constexpr std::size_t kMaxPlaintextBytes = 16384;

 private:
  static void on_message(int write, int version, int type, const void* bytes, std::size_t length,
                         ssl_st* ssl, void* self);
  void observe(bool outgoing, int type, inspect::Bytes bytes);
  void note_arrival(int header_type);
  void note_renegotiation(inspect::Bytes message);
  void observe_alert(inspect::Direction direction, inspect::Bytes bytes);
  void observe_failure();
  TlsRead read_failure(int result);

  Wire& wire_;
  inspect::TranscriptBuilder& transcript_;
  const SessionClock& clock_;
  SslPtr ssl_;
  TlsRole role_;
  bool skip_hello_;
  bool clear_alert_ = false;  // the record begun last is an alert in clear
  bool close_notify_sent_ = false;
  bool renegotiation_asked_ = false;
  RecordArrival arrival_;
  bool data_begun_ = false;     // a record with application data, since the last read
  std::uint32_t receives_ = 0;  // of the wire, when the last record's header had been read
};

}  // namespace visavis::proxy

#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inspect/handshake/certificate_request.h"
#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/server_hello.h"
#include "inspect/handshake/sslv2_server.h"
#include "inspect/record/first_bytes.h"
#include "inspect/transcript/capture_view.h"
#include "inspect/transcript/event.h"

namespace visavis::inspect {

/// AlertSeen is an alert with the number of its event.
struct AlertSeen {
  std::uint32_t event = 0;
  Party sent_by = Party::client;
  std::uint8_t level = 0;
  AlertDescription description;
};

struct CloseSeen {
  Party by = Party::client;
  CloseHow how = CloseHow::fin;
};

/// MalformedMessage is a handshake message that could not be parsed.
struct MalformedMessage {
  std::uint32_t event = 0;
  Party sender = Party::client;
  HandshakeType type;
  ParseError error;
};

/// KeyExchangeSignature is what a server signed up to TLS 1.2 behind both randoms, and its
/// signature: RFC 5246 7.4.3.
struct KeyExchangeSignature {
  std::vector<std::uint8_t> parameters;
  std::vector<std::uint8_t> signature;
};

/// Reached is how far a leg came.
enum class Reached : std::uint8_t { none, tcp, client_hello, server_hello, certificate, finished };

/// PerDirection holds one value for c2s and one for s2c.
template <class T>
struct PerDirection {
  T c2s{};
  T s2c{};

  T& operator[](Direction direction) { return direction == Direction::c2s ? c2s : s2c; }
  const T& operator[](Direction direction) const { return direction == Direction::c2s ? c2s : s2c; }
};

/// Transcript is what happened on one leg, live or from a capture: plain facts, no judgement.
struct Transcript {
  LegKind leg = LegKind::client_leg;
  std::string from;  ///< ip:port of the leg's TLS client
  std::string to;    ///< ip:port of its TLS server
  Reached reached = Reached::none;
  bool established = false;

  std::vector<Event> events;
  std::uint32_t event_count = 0;  ///< all that happened; `events` holds the listed ones
  std::vector<LedgerRecord> records;
  std::uint64_t records_total = 0;
  /// Plaintext length of the n-th record of a direction; kUnknownLength where it is not known.
  PerDirection<std::vector<std::int32_t>> plaintext_lengths;
  static constexpr std::int32_t kUnknownLength = -1;
  PerDirection<std::vector<std::uint8_t>> raw;  ///< wire bytes up to the end of the handshake
  bool raw_cut = false;
  std::string history;  ///< one letter a message, see history.h

  std::optional<ClientHello> client_hello;  ///< the first one
  std::vector<std::uint32_t> hello_segments;
  bool segments_exact = false;
  bool hello_retry = false;
  std::optional<ServerHello>
      server_hello;  ///< the last one: after a HelloRetryRequest, the real one
  std::optional<Sslv2ServerHello> sslv2_server_hello;  ///< instead of it in an SSL 2.0 session
  std::optional<Sslv2Cipher> sslv2_cipher;             ///< chosen by the client, in its key message
  std::vector<std::vector<std::uint8_t>> certificates;  ///< DER, as the leg's server sent them
  std::optional<NamedGroup> group;
  std::optional<std::uint32_t> dh_bits;      ///< size of the prime of a DHE key exchange
  std::optional<SignatureScheme> signature;  ///< the server's
  std::optional<std::string> alpn;
  bool resumed = false;
  std::optional<CertificateRequest> certificate_request;  ///< the first one
  /// DER, as the leg's client sent them; absent: it sent no Certificate message, in clear or to us.
  std::optional<std::vector<std::vector<std::uint8_t>>> client_certificates;
  std::optional<SignatureScheme> client_signature;  ///< of its CertificateVerify
  std::vector<Extension> encrypted_extensions;      ///< TLS 1.3, types only: offsets are unset
  /// Until the handshake is over; absent where it is larger than what is kept (limits.h).
  std::optional<KeyExchangeSignature> key_exchange_signature;
  std::optional<std::uint32_t> stapled_ocsp_bytes;  ///< size of the OCSP response sent along
  std::vector<std::uint8_t> stapled_ocsp;  ///< the response; empty: none, or too large to keep
  std::uint32_t session_tickets = 0;       ///< NewSessionTicket messages
  std::uint32_t key_updates = 0;           ///< KeyUpdate messages, both directions

  std::vector<AlertSeen> alerts;
  std::optional<CloseSeen> close;   ///< the first one
  std::optional<Protocol> not_tls;  ///< what a side sent instead of TLS
  Party not_tls_sender = Party::client;
  std::vector<MalformedMessage> malformed;
  bool sealed = false;  ///< a capture's: something is encrypted, and could not be decrypted
  std::optional<std::string> failure;  ///< our own library's reason, or which timeout
  std::optional<std::int64_t> connect_us;
  std::optional<std::int64_t> handshake_us;
  std::optional<CaptureView> capture;  ///< of a leg out of a capture
};

}  // namespace visavis::inspect

#include "inspect/transcript/wire_decoder.h"

#include "inspect/transcript/message_note.h"
#include "inspect/transcript/tls13_lengths.h"

namespace visavis::inspect {

WireDecoder::WireDecoder(TranscriptBuilder& transcript) : transcript_(transcript) {
  transcript_.set_tap(this);
}

WireDecoder::~WireDecoder() { transcript_.set_tap(nullptr); }

void WireDecoder::observe(std::int64_t at, Direction direction, Bytes bytes) {
  if (bytes.empty()) return;
  if (direction == Direction::c2s && !transcript_.transcript().client_hello &&
      hello_segments_.size() < limits::kMaxHelloSegments)
    hello_segments_.push_back(static_cast<std::uint32_t>(bytes.size()));
  transcript_.observe_wire(at, direction, bytes);
}

void WireDecoder::set_segments_exact(bool exact) {
  segments_exact_ = exact;
  if (transcript_.transcript().client_hello) transcript_.transcript().segments_exact = exact;
}

/// A HelloRetryRequest counts: only TLS 1.3 has it.
bool WireDecoder::version_known() const {
  return transcript_.transcript().server_hello.has_value();
}

bool WireDecoder::tls13() const {
  const auto& hello = transcript_.transcript().server_hello;
  return hello && (hello->hello_retry || hello->version() >= kTls13);
}

void WireDecoder::fragment(std::int64_t, Direction direction, const RecordHeader& header,
                           Bytes bytes) {
  Side& side = sides_[direction];
  if (header.sslv2) {
    if (sslv2_in_clear(direction, header))
      side.sslv2_body.insert(side.sslv2_body.end(), bytes.begin(), bytes.end());
    return;
  }
  if (decryptor_) decryptor_->fragment(direction, header, bytes);
  if (header.type != kHandshake || side.encrypted || side.unreadable) return;
  if (side.assembler.pending_bytes() == 0) side.message_version = header.version;
  side.assembler.add(bytes);
}

void WireDecoder::record(std::int64_t at, Direction direction, const RecordHeader& header) {
  if (header.sslv2) return sslv2_record(at, direction, header);
  transcript_.expect_record(direction);
  const auto opened = decryptor_ ? decryptor_->record(direction, header) : std::nullopt;
  if (opened) return decrypted(at, direction, header, *opened);
  sealed_ = sealed_ || header.type == kApplicationData ||
            (header.type == kHandshake && sides_[direction].encrypted) ||
            (header.type == kAlert && header.length > 2);
  if (header.type == kHandshake) return handshake_record(at, direction, header);
  if (header.type == kChangeCipherSpec) return change_cipher_spec(at, direction);
  if (header.type == kApplicationData) return application_data(at, direction, header.length);
  if (header.type == kAlert && direction == Direction::c2s) certificate_cut_off(at);
  // An alert in clear has two bytes, and the builder reads it. In TLS 1.3 one that is encrypted
  // does not show its type.
  if (header.type == kAlert && header.length > 2 && !tls13())
    transcript_.observe_encrypted_alert(at, direction, header.length);
}

/// A client that breaks off at the header of a Certificate message, for its size, does not let the
/// rest of it come.
void WireDecoder::certificate_cut_off(std::int64_t at) {
  const MessageAssembler& assembler = sides_.s2c.assembler;
  if (!assembler.unfinished() || assembler.begun_type() != kCertificate) return;
  transcript_.observe_cut_off(at, Direction::s2c, message_note::kCertificateCutOff,
                              assembler.begun_bytes());
}

void WireDecoder::change_cipher_spec(std::int64_t at, Direction direction) {
  transcript_.observe_change_cipher_spec(at, direction);
  Side& side = sides_[direction];
  side.change_cipher_spec = true;
  if (tls13()) return;  // it is there for middleboxes only: RFC 8446 D.4
  if (decryptor_) decryptor_->change_cipher_spec(direction);
  // A client that has sent nothing but its hello, and to which no server was seen to answer, may as
  // well have begun TLS 1.3 with early data. What comes next tells.
  const bool open = direction == Direction::c2s && !version_known() && !side.beyond_hello;
  if (!open) stop_reading(direction);
}

void WireDecoder::handshake_record(std::int64_t at, Direction direction,
                                   const RecordHeader& header) {
  Side& side = sides_[direction];
  if (side.encrypted) {
    // With the right secrets, which the other direction proves, a record that can't be decrypted is
    // none that its receiver took.
    const Direction other = direction == Direction::c2s ? Direction::s2c : Direction::c2s;
    const bool broken = decryptor_ && sides_[other].decrypted;
    if (side.change_cipher_spec && !tls13() && !broken) finished(at, direction);
    return;
  }
  if (side.unreadable) return;
  if (side.change_cipher_spec && !version_known()) {
    const auto next = side.assembler.next();
    if (next.ok() && next->type == kClientHello) return message(at, direction, *next);
    stop_reading(direction);
    return finished(at, direction);
  }
  read_messages(at, direction, header);
}

void WireDecoder::read_messages(std::int64_t at, Direction direction, const RecordHeader& header) {
  Side& side = sides_[direction];
  auto next = side.assembler.next();
  for (; next.ok(); next = side.assembler.next()) {
    message(at, direction, *next);
    side.message_version = header.version;  // what follows it began in this record
  }
  if (!next.failed()) return;
  side.unreadable = true;
  side.full = true;
  transcript_.observe_malformed(at, direction, side.assembler.begun_type(), next.error());
}

void WireDecoder::message(std::int64_t at, Direction direction, const HandshakeMessage& message) {
  Side& side = sides_[direction];
  if (tap_ != nullptr) tap_->message(at, direction, side.message_version, message.raw);
  if (direction == Direction::c2s && message.type == kClientHello)
    return client_hello(at, parse_client_hello(message.raw), side.message_version);
  if (decryptor_) decryptor_->message(direction, message);
  transcript_.observe_message(at, direction, message.raw);
  if (message.type == kFinished && side.decrypted) return finished(at, direction);
  if (direction == Direction::c2s) {
    side.beyond_hello = true;
    return;
  }
  // A resumed handshake up to TLS 1.2 has a ServerHello and perhaps a ticket: RFC 5077 3.3.
  side.full = side.full || (message.type != kServerHello && message.type != kNewSessionTicket &&
                            message.type != kHelloRequest);
  const bool early_change = sides_.c2s.change_cipher_spec && !sides_.c2s.encrypted;
  if (early_change && version_known() && !tls13()) stop_reading(Direction::c2s);
}

void WireDecoder::client_hello(std::int64_t at, Result<ClientHello> hello,
                               ProtocolVersion record_version) {
  if (!hello.ok())
    return transcript_.observe_malformed(at, Direction::c2s, kClientHello, hello.error());
  hello->record_version = record_version;
  if (decryptor_) decryptor_->client_hello(*hello);
  transcript_.observe_client_hello(at, std::move(hello).value(), std::move(hello_segments_),
                                   segments_exact_);
  hello_segments_ = {};
}

void WireDecoder::application_data(std::int64_t at, Direction direction, std::size_t length) {
  if (tls13()) return tls13_data(at, direction, length);
  const Side& side = sides_[direction];
  if (side.encrypted && side.change_cipher_spec) transcript_.observe_application_data(direction);
}

void WireDecoder::tls13_data(std::int64_t at, Direction direction, std::size_t length) {
  const Transcript& seen = transcript_.transcript();
  if (seen.server_hello->hello_retry) return;  // encrypted before there are keys
  const Tls13Lengths lengths(seen.server_hello->cipher);
  if (seen.established) {
    // Only of a client whose Finished was told for certain; a server may send tickets at any time.
    const bool data = length != lengths.alert() && length != lengths.key_update();
    if (direction == Direction::c2s && certain_finished_ && data)
      transcript_.observe_application_data(direction);
    // Behind a certificate's record: this is Finished, or data already.
    if (direction == Direction::c2s && length == lengths.finished()) certain_finished_ = true;
    return;
  }
  if (direction == Direction::s2c) {
    if (length > lengths.alert()) finished(at, direction);
    return;
  }
  Side& side = sides_.c2s;
  const bool early_data =
      !seen.hello_retry && seen.client_hello && seen.client_hello->has(kEarlyData);
  const bool exact = length == lengths.finished();
  // Early data of any length may still be on its way.
  if (exact || (length > lengths.finished() && (!early_data || side.end_of_early_data))) {
    certain_finished_ = exact;
    finished(at, direction);
  } else if (length == lengths.end_of_early_data()) {
    side.end_of_early_data = true;
  }
}

void WireDecoder::finished(std::int64_t at, Direction direction) {
  sides_[direction].finished = true;
  const Transcript& seen = transcript_.transcript();
  if (!sides_.c2s.finished || !sides_.s2c.finished || seen.established) return;
  const bool resumed =
      tls13() ? seen.server_hello->pre_shared_key : version_known() && !sides_.s2c.full;
  transcript_.observe_established(at, resumed);
  stop_reading(Direction::c2s);
  stop_reading(Direction::s2c);
}

void WireDecoder::stop_reading(Direction direction) {
  Side& side = sides_[direction];
  side.encrypted = true;
  if (side.decrypted) return;  // its messages don't come from here
  side.full = side.full || side.assembler.pending_bytes() > 0;
  side.assembler = MessageAssembler(limits::kMaxHandshakeMessageBytes);
}

}  // namespace visavis::inspect

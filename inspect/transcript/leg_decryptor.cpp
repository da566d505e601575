#include "inspect/transcript/leg_decryptor.h"

#include <algorithm>
#include <utility>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/encrypted_extensions.h"

namespace visavis::inspect {
namespace {

bool is_client(Direction direction) { return direction == Direction::c2s; }

}  // namespace

void LegDecryptor::client_hello(const ClientHello& hello) {
  session_.client_hello({hello.random, hello.ciphers, hello.has(kEarlyData)});
}

void LegDecryptor::message(Direction direction, const HandshakeMessage& message) {
  const bool client = is_client(direction);
  if (!client && message.type == kServerHello) server_hello(message);
  if (!client && message.type == kEncryptedExtensions) {
    const auto parsed = parse_encrypted_extensions(message.raw);
    decide_early_data(parsed.ok() &&
                      std::any_of(parsed->extensions.begin(), parsed->extensions.end(),
                                  [](const auto& one) { return one.type == kEarlyData; }));
  }
  if (message.type == kFinished) session_.finished(client);
  if (message.type == kKeyUpdate) session_.key_update(client);
  if (client && message.type == kEndOfEarlyData) {
    decide_early_data(true);
    session_.end_of_early_data();
  }
}

void LegDecryptor::server_hello(const HandshakeMessage& message) {
  const auto hello = parse_server_hello(message.raw);
  if (!hello.ok()) return;
  if (hello->hello_retry) return decide_early_data(false);
  const bool before_tls13 = hello->version() < kTls13;
  session_.server_hello({hello->version(), hello->cipher, hello->random,
                         before_tls13 && hello->has(kEncryptThenMac),
                         before_tls13 && hello->compression != 0});
}

void LegDecryptor::change_cipher_spec(Direction direction) {
  session_.change_cipher_spec(is_client(direction));
}

/// What is done with a record is decided at its first byte: what the other direction brings before
/// its last one must not change it.
void LegDecryptor::begin(Direction direction, const RecordHeader& header) {
  Partial& partial = partial_[direction];
  if (partial.begun) return;
  partial.begun = true;
  // An alert of two bytes is in clear, whatever was agreed.
  const bool clear_alert = header.type == kAlert && header.length == 2;
  partial.wanted = !clear_alert && header.length <= limits::kMaxRecordLength &&
                   session_.wants(is_client(direction), header.type);
  if (partial.wanted) partial.bytes.reserve(header.length);
}

void LegDecryptor::fragment(Direction direction, const RecordHeader& header, Bytes bytes) {
  begin(direction, header);
  Partial& partial = partial_[direction];
  if (partial.wanted) partial.bytes.insert(partial.bytes.end(), bytes.begin(), bytes.end());
}

std::optional<DecryptedRecord> LegDecryptor::record(Direction direction,
                                                    const RecordHeader& header) {
  begin(direction, header);
  // Its memory goes with it: of a thousand open connections most are silent.
  const Partial partial = std::exchange(partial_[direction], {});
  if (!partial.wanted) return std::nullopt;
  return session_.decrypt(is_client(direction), header.type, header.version, partial.bytes);
}

void LegDecryptor::show(std::int64_t at, Direction direction, const DecryptedRecord& record,
                        const std::optional<std::string>& alpn) {
  if (tap_ == nullptr || (is_client(direction) && early_lost_)) return;
  if (alpn && !std::exchange(alpn_told_, true)) tap_->agreed_alpn(*alpn);
  if (!record.early || early_accepted_ == true)
    return tap_->plaintext(at, direction, record.plaintext);
  if (early_accepted_ == false) return;
  early_bytes_ += record.plaintext.size() + sizeof(EarlyPiece);
  early_lost_ = early_bytes_ > limits::kMaxHeldEarlyData;
  if (early_lost_)
    early_ = {};
  else
    early_.push_back({at, {record.plaintext.begin(), record.plaintext.end()}});
}

void LegDecryptor::decide_early_data(bool accepted) {
  if (early_accepted_) return;
  early_accepted_ = accepted;
  // What was thrown away by the server, it did not read: nothing is lost.
  if (!accepted) early_lost_ = false;
  for (const EarlyPiece& piece : std::exchange(early_, {}))
    if (accepted && tap_ != nullptr) tap_->plaintext(piece.at, Direction::c2s, piece.bytes);
}

}  // namespace visavis::inspect

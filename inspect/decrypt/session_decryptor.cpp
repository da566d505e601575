#include "inspect/decrypt/session_decryptor.h"

namespace visavis::inspect {
namespace {

bool is_tls13_suite(CipherSuite suite) { return suite.value >> 8 == 0x13; }

/// TLS 1.3 drafts are 0x7f00 plus their number; from 25 on their records are those of the RFC.
ProtocolVersion final_version(ProtocolVersion version) {
  return version.value >= 0x7f19 && version.value <= 0x7f1c ? kTls13 : version;
}

}  // namespace

/// TLS 1.3 has no second handshake: what looks like one is not of this session.
void SessionDecryptor::client_hello(OfferedProtection offered) {
  if (tls13()) return;
  offered_ = std::move(offered);
  early_open_ = offered_.early_data && !client_.is_protected;
  early_failed_ = false;
  early_.reset();
}

void SessionDecryptor::server_hello(const AgreedProtection& agreed) {
  if (tls13()) return;
  const ProtocolVersion version = final_version(agreed.version);
  const auto cipher = cipher_parameters(agreed.suite);
  agreed_.reset();
  const bool right_suite = is_tls13_suite(agreed.suite) == (version >= kTls13);
  if (!cipher || !right_suite || agreed.compressed || version < kTls10 || version > kTls13) {
    early_open_ = false;
    return;
  }
  agreed_ = agreed;
  agreed_->version = version;
  cipher_ = *cipher;
  if (!tls13()) {
    early_open_ = false;
    return;
  }
  client_ = {};
  server_ = {};
  client_.is_protected = server_.is_protected = true;
  client_.may_pass_over = early_open_;
}

void SessionDecryptor::change_cipher_spec(bool client) {
  if (tls13()) return;
  side(client) = {};
  side(client).is_protected = agreed_.has_value();
}

/// A Finished after that of the handshake answers a late request for a certificate, and changes no
/// keys: RFC 8446 4.6.2.
void SessionDecryptor::finished(bool client) {
  Side& changed = side(client);
  if (!tls13() || changed.application) return;
  changed = {};
  changed.is_protected = changed.application = true;
}

void SessionDecryptor::key_update(bool client) {
  Side& changed = side(client);
  if (!tls13() || !changed.application || !changed.decryptor) return;
  changed.broken = !take_traffic_keys(changed, next_traffic_secret(changed.secret, cipher_));
}

bool SessionDecryptor::wants(bool client, ContentType type) const {
  if (client && early_open_ && !early_failed_ && type == kApplicationData) return true;
  const Side& from = side(client);
  if (!from.is_protected || from.broken) return false;
  return tls13() ? type == kApplicationData : type != kChangeCipherSpec;
}

bool SessionDecryptor::take_traffic_keys(Side& side, const Secret& secret) {
  side.secret = secret;
  side.decryptor.reset();
  const auto keys = derive_traffic_keys(secret, cipher_);
  if (keys) side.decryptor = RecordDecryptor::make(kTls13, cipher_, *keys, false);
  return side.decryptor != nullptr;
}

bool SessionDecryptor::take_keys(bool client) {
  Side& from = side(client);
  const SessionSecrets* secrets = key_log_.find(offered_.client_random);
  if (secrets == nullptr || !agreed_) return false;
  if (!tls13()) {
    if (secrets->master_secret.empty()) return false;
    const auto keys = derive_key_block(secrets->master_secret, offered_.client_random,
                                       agreed_->server_random, agreed_->version, cipher_);
    if (keys)
      from.decryptor =
          RecordDecryptor::make(agreed_->version, cipher_, client ? keys->client : keys->server,
                                agreed_->encrypt_then_mac);
    return from.decryptor != nullptr;
  }
  const Secret& handshake =
      client ? secrets->client_handshake_traffic : secrets->server_handshake_traffic;
  const Secret& traffic = client ? secrets->client_traffic : secrets->server_traffic;
  if (!from.application && handshake.empty()) from.application = from.may_pass_over = true;
  const Secret& secret = from.application ? traffic : handshake;
  return !secret.empty() && take_traffic_keys(from, secret);
}

std::optional<DecryptedRecord> SessionDecryptor::decrypt(bool client, ContentType type,
                                                         ProtocolVersion wire_version,
                                                         Bytes fragment) {
  if (client && early_open_ && !early_failed_) {
    auto record = decrypt_early(type, wire_version, fragment);
    if (record) return record;
  }
  Side& from = side(client);
  if (!from.is_protected || from.broken) return std::nullopt;
  if (!from.decryptor && !take_keys(client)) {
    from.broken = true;
    return std::nullopt;
  }
  auto record = from.decryptor->decrypt(type, wire_version, fragment);
  if (record) {
    from.opened = true;
    if (client) early_open_ = false;
    return record;
  }
  if (from.opened || !from.may_pass_over || ++from.passed_over > kMaxPassedOver)
    from.broken = true;
  else
    from.decryptor->restart();
  return std::nullopt;
}

/// Early data comes before the ServerHello, with the cipher of the session that is resumed, which
/// is one of those offered: that whose first record opens (RFC 8446 4.2.10).
std::optional<DecryptedRecord> SessionDecryptor::decrypt_early(ContentType type,
                                                               ProtocolVersion wire_version,
                                                               Bytes fragment) {
  std::optional<DecryptedRecord> record;
  if (early_) {
    record = early_->decrypt(type, wire_version, fragment);
  } else if (const SessionSecrets* secrets = key_log_.find(offered_.client_random)) {
    std::size_t tried = 0;
    for (const CipherSuite suite : offered_.suites) {
      if (!is_tls13_suite(suite) || secrets->client_early_traffic.empty() || ++tried > 8) continue;
      const auto cipher = cipher_parameters(suite);
      const auto keys =
          cipher ? derive_traffic_keys(secrets->client_early_traffic, *cipher) : std::nullopt;
      early_ = keys ? RecordDecryptor::make(kTls13, *cipher, *keys, false) : nullptr;
      if (early_) record = early_->decrypt(type, wire_version, fragment);
      if (record) break;
    }
  }
  if (record)
    record->early = true;
  else
    early_failed_ = true;
  return record;
}

}  // namespace visavis::inspect

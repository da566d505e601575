#pragma once
#include <vector>

#include "inspect/decrypt/record_decryptor.h"

namespace visavis::inspect {

/// OfferedProtection is what a ClientHello says of how records will be protected.
struct OfferedProtection {
  HelloRandom client_random{};
  std::vector<CipherSuite> suites;
  bool early_data = false;
};

/// AgreedProtection is what a ServerHello says of it (a HelloRetryRequest says nothing).
struct AgreedProtection {
  ProtocolVersion version;
  CipherSuite suite;
  HelloRandom server_random{};
  bool encrypt_then_mac = false;
  bool compressed = false;  ///< up to TLS 1.2: the plaintext is compressed, which nobody reads here
};

/// SessionDecryptor decrypts both directions of one TLS session, changing keys as the handshake
/// does, renegotiations included. It is told what hellos and messages say, and looks up a secret
/// when the first record comes that needs it: a key log may grow meanwhile.
///
/// It never guesses: what it returns was authenticated. A side whose record does not open is not
/// decrypted any more, but for records that may be early data which nobody can read or took
/// (RFC 8446 4.2.10), and for a handshake whose secrets alone are missing.
class SessionDecryptor {
 public:
  /// The key log must outlive the decryptor.
  explicit SessionDecryptor(const KeyLog& key_log) : key_log_(key_log) {}

  void client_hello(OfferedProtection offered);
  void server_hello(const AgreedProtection& agreed);
  /// change_cipher_spec says that a side's records are protected with the agreed keys from now on.
  /// Of no meaning in TLS 1.3.
  void change_cipher_spec(bool client);
  /// finished, key_update and end_of_early_data are told of a side's messages in TLS 1.3, behind
  /// each of which it uses other keys.
  void finished(bool client);
  void key_update(bool client);
  void end_of_early_data() { early_open_ = false; }

  /// wants says whether a side's next record is to be given to `decrypt`.
  [[nodiscard]] bool wants(bool client, ContentType type) const;
  /// decrypt opens a side's next record.
  std::optional<DecryptedRecord> decrypt(bool client, ContentType type,
                                         ProtocolVersion wire_version, Bytes fragment);

 private:
  /// Records that are passed over while it is not known where a side's readable ones begin: 64 MiB
  /// of early data, where servers allow 16 KiB.
  static constexpr std::uint32_t kMaxPassedOver = 4096;

  struct Side {
    bool is_protected = false;
    bool broken = false;
    bool application = false;  // TLS 1.3: behind its Finished
    Secret secret;             // TLS 1.3: of the keys in use
    std::unique_ptr<RecordDecryptor> decryptor;
    bool opened = false;         // a record under these keys was
    bool may_pass_over = false;  // records before the first that opens
    std::uint32_t passed_over = 0;
  };

  [[nodiscard]] bool tls13() const { return agreed_ && agreed_->version >= kTls13; }
  [[nodiscard]] const Side& side(bool client) const { return client ? client_ : server_; }
  Side& side(bool client) { return client ? client_ : server_; }
  bool take_keys(bool client);
  bool take_traffic_keys(Side& side, const Secret& secret);
  std::optional<DecryptedRecord> decrypt_early(ContentType type, ProtocolVersion wire_version,
                                               Bytes fragment);

  const KeyLog& key_log_;
  OfferedProtection offered_;
  std::optional<AgreedProtection> agreed_;  // what can be decrypted
  CipherParameters cipher_;
  Side client_;
  Side server_;
  bool early_open_ = false;    // the client's next record may be early data
  bool early_failed_ = false;  // of which nothing can be read
  std::unique_ptr<RecordDecryptor> early_;
};

}  // namespace visavis::inspect

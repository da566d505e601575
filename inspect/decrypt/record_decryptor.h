#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/decrypt/key_schedule.h"

namespace visavis::inspect {

/// DecryptedRecord is a record's plaintext.
struct DecryptedRecord {
  ContentType type;                  ///< the inner one in TLS 1.3
  std::vector<std::uint8_t> buffer;  ///< holds the plaintext and what was around it
  Bytes plaintext;                   ///< in the buffer
  bool early = false;                ///< early data: RFC 8446 4.2.10

  DecryptedRecord() = default;
  DecryptedRecord(DecryptedRecord&&) = default;
  DecryptedRecord& operator=(DecryptedRecord&&) = default;
};

/// RecordDecryptor decrypts the records of one direction, in order, from the first that is
/// protected with its keys: TLS 1.0 to 1.3. Nothing here throws but for want of memory, and
/// OpenSSL's error queue is left as it was.
class RecordDecryptor {
 public:
  /// make returns null where this OpenSSL does not have the cipher: RC4, SEED and IDEA need its
  /// legacy provider.
  static std::unique_ptr<RecordDecryptor> make(ProtocolVersion version,
                                               const CipherParameters& cipher,
                                               const DirectionKeys& keys, bool encrypt_then_mac);
  ~RecordDecryptor();
  RecordDecryptor(const RecordDecryptor&) = delete;
  RecordDecryptor& operator=(const RecordDecryptor&) = delete;

  /// decrypt opens the next record. Nothing: its authentication code is wrong, or it is malformed;
  /// the records behind it may be right still.
  std::optional<DecryptedRecord> decrypt(ContentType type, ProtocolVersion wire_version,
                                         Bytes fragment);
  /// restart expects the first record again: what `decrypt` has seen was not protected with these
  /// keys. Only for authenticated encryption, where no record depends on another.
  void restart() { sequence_ = 0; }

 private:
  struct Openssl;

  RecordDecryptor(ProtocolVersion version, const CipherParameters& cipher,
                  const DirectionKeys& keys, bool encrypt_then_mac);
  bool prepare_cipher(const Secret& key);
  bool prepare_mac(const Secret& key);
  std::optional<Bytes> open_aead(ContentType type, ProtocolVersion wire_version, Bytes fragment,
                                 std::vector<std::uint8_t>& into);
  std::optional<Bytes> open_cbc(ContentType type, ProtocolVersion wire_version, Bytes fragment,
                                std::vector<std::uint8_t>& into);
  std::optional<Bytes> open_stream(ContentType type, ProtocolVersion wire_version, Bytes fragment,
                                   std::vector<std::uint8_t>& into);
  bool mac_is(ContentType type, ProtocolVersion wire_version, Bytes content, Bytes expected);

  ProtocolVersion version_;
  CipherParameters cipher_;
  Secret iv_;
  bool encrypt_then_mac_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<Openssl> openssl_;
};

}  // namespace visavis::inspect

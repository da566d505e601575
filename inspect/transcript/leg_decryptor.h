#pragma once
#include "inspect/decrypt/session_decryptor.h"
#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/record/record.h"
#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

/// PlaintextTap is shown the application data that a WireDecoder decrypts, a record at a time, in
/// order. Early data comes once it is known that the server took it, and not at all otherwise.
class PlaintextTap {
 public:
  virtual ~PlaintextTap() = default;
  /// agreed_alpn tells what the connection agreed on, where it did, before a server's first bytes.
  virtual void agreed_alpn(std::string_view /*protocol*/) {}
  virtual void plaintext(std::int64_t at, Direction direction, Bytes bytes) = 0;
};

/// LegDecryptor decrypts a leg's records as they come in pieces, and follows the handshake. It
/// holds a record a direction, and early data whose fate is open.
class LegDecryptor {
 public:
  /// The key log must outlive the decryptor.
  explicit LegDecryptor(const KeyLog& key_log) : session_(key_log) {}

  void set_tap(PlaintextTap* tap) { tap_ = tap; }
  /// client_hello and message are told of all messages, in clear and decrypted ones.
  void client_hello(const ClientHello& hello);
  void message(Direction direction, const HandshakeMessage& message);
  void change_cipher_spec(Direction direction);
  /// fragment takes the next bytes of the record that is being read.
  void fragment(Direction direction, const RecordHeader& header, Bytes bytes);
  /// record decrypts the record, which is complete. Nothing: it can't be, or it is in clear.
  std::optional<DecryptedRecord> record(Direction direction, const RecordHeader& header);
  /// show gives application data to the tap; `alpn`: what was agreed, as far as that is known.
  void show(std::int64_t at, Direction direction, const DecryptedRecord& record,
            const std::optional<std::string>& alpn);

 private:
  /// Partial is the record of a direction that is being read.
  struct Partial {
    bool begun = false;
    bool wanted = false;
    std::vector<std::uint8_t> bytes;
  };
  struct EarlyPiece {
    std::int64_t at = 0;
    std::vector<std::uint8_t> bytes;
  };

  void begin(Direction direction, const RecordHeader& header);
  void server_hello(const HandshakeMessage& message);
  void decide_early_data(bool accepted);

  SessionDecryptor session_;
  PerDirection<Partial> partial_;
  PlaintextTap* tap_ = nullptr;
  bool alpn_told_ = false;
  std::vector<EarlyPiece> early_;
  std::size_t early_bytes_ = 0;
  std::optional<bool> early_accepted_;
  bool early_lost_ = false;  // more of it than is held: nothing behind it makes sense
};

}  // namespace visavis::inspect

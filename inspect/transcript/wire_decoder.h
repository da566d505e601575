#pragma once
#include <memory>
#include <vector>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/transcript/leg_decryptor.h"
#include "inspect/transcript/transcript_builder.h"

namespace visavis::inspect {

/// MessageTap is shown the handshake messages that a WireDecoder reads, in clear or decrypted, with
/// their 4 bytes of header, whether they can be parsed or not, and the version of the record in
/// which they began.
class MessageTap {
 public:
  virtual ~MessageTap() = default;
  virtual void message(std::int64_t at, Direction direction, ProtocolVersion record_version,
                       Bytes message) = 0;
};

/// WireDecoder reads the messages that are in clear out of both directions of a connection whose
/// TLS nobody here ends: the direct leg, live in passthrough or from a capture. All that it finds
/// goes into the transcript; what is encrypted stays a record of the ledger.
///
/// In clear are: SSL 2.0 handshakes up to their keys; everything up to ChangeCipherSpec in SSL 3.0
/// to TLS 1.2; the hellos in TLS 1.3. The leg counts as established when both sides have sent what
/// can only be their Finished. Up to TLS 1.2 the order of the records proves it; in TLS 1.3 the
/// client's Finished is told by its length (a longer record of its flight, as with a client
/// certificate, counts too; one as short as an alert does not).
///
/// With a key log that has the session's secrets, what is encrypted is read as well: the remaining
/// messages of the handshake, those behind it, alerts, and the plaintext lengths of application
/// data, as on a leg that is ended here. Where a record does not open, and behind it, the leg is
/// read as one without secrets.
///
/// A message is observed when the record that ends it is complete, so that any chunking of the
/// streams gives the same transcript. Holds at most one handshake message a direction, and nothing
/// after the handshake; a record of application data costs no allocation unless it is decrypted.
class WireDecoder : private RecordTap {
 public:
  /// The builder must outlive the decoder.
  explicit WireDecoder(TranscriptBuilder& transcript);
  ~WireDecoder() override;
  WireDecoder(const WireDecoder&) = delete;
  WireDecoder& operator=(const WireDecoder&) = delete;

  /// set_message_tap shows the messages to `tap` too, which must live as long as bytes are
  /// observed.
  void set_message_tap(MessageTap* tap) { tap_ = tap; }
  /// use_key_log decrypts with the secrets in `key_log`, which must outlive the decoder and may
  /// grow meanwhile. To be called before the first bytes; application data goes to `tap` (null:
  /// nowhere), which must live as long as bytes are observed.
  void use_key_log(const KeyLog& key_log, PlaintextTap* tap = nullptr);
  /// observe takes the next bytes of a direction, in order; one call for each TCP segment as far as
  /// that is known. It feeds the ledger too (TranscriptBuilder::observe_wire).
  void observe(std::int64_t at, Direction direction, Bytes bytes);
  /// set_segments_exact says whether the calls of `observe` up to the end of the ClientHello were
  /// one for each TCP segment (Transcript::segments_exact; until told: no). It may be called before
  /// the hello is complete or after.
  void set_segments_exact(bool exact);
  /// sealed is true once there was a record, encrypted for us, that could not be decrypted.
  [[nodiscard]] bool sealed() const { return sealed_; }

 private:
  /// Side is what one direction has shown so far.
  struct Side {
    MessageAssembler assembler{limits::kMaxHandshakeMessageBytes};
    ProtocolVersion message_version;       // of the record in which the pending message began
    bool unreadable = false;               // the assembler gave up: what follows is not parsed
    bool change_cipher_spec = false;       // sent one
    bool encrypted = false;                // its handshake records can't be read any more
    bool beyond_hello = false;             // sent a message other than ClientHello
    bool full = false;                     // sent what a resumed handshake has not
    bool finished = false;                 // sent what can only be its Finished
    bool end_of_early_data = false;        // sent what can be EndOfEarlyData
    bool decrypted = false;                // its messages are read out of decrypted records
    std::uint32_t sslv2_records = 0;       // in SSL 2.0, records after those in clear
    std::vector<std::uint8_t> sslv2_body;  // of the record that is being read, while in clear
  };

  void fragment(std::int64_t at, Direction direction, const RecordHeader& header,
                Bytes bytes) override;
  void record(std::int64_t at, Direction direction, const RecordHeader& header) override;

  [[nodiscard]] bool tls13() const;
  [[nodiscard]] bool version_known() const;
  void certificate_cut_off(std::int64_t at);
  void change_cipher_spec(std::int64_t at, Direction direction);
  void handshake_record(std::int64_t at, Direction direction, const RecordHeader& header);
  void read_messages(std::int64_t at, Direction direction, const RecordHeader& header);
  void message(std::int64_t at, Direction direction, const HandshakeMessage& message);
  void client_hello(std::int64_t at, Result<ClientHello> hello, ProtocolVersion record_version);
  void application_data(std::int64_t at, Direction direction, std::size_t length);
  void tls13_data(std::int64_t at, Direction direction, std::size_t length);
  void finished(std::int64_t at, Direction direction);
  void stop_reading(Direction direction);

  void decrypted(std::int64_t at, Direction direction, const RecordHeader& header,
                 const DecryptedRecord& record);
  void decrypted_alert(std::int64_t at, Direction direction, Bytes plaintext);

  void sslv2_record(std::int64_t at, Direction direction, const RecordHeader& header);
  bool sslv2_clear_message(std::int64_t at, Direction direction, Bytes body);
  [[nodiscard]] bool sslv2_in_clear(Direction direction, const RecordHeader& header) const;

  TranscriptBuilder& transcript_;
  MessageTap* tap_ = nullptr;
  std::unique_ptr<LegDecryptor> decryptor_;
  PerDirection<Side> sides_;
  std::vector<std::uint32_t> hello_segments_;
  bool segments_exact_ = false;
  bool sealed_ = false;
  bool certain_finished_ = false;  // TLS 1.3: the client's Finished was a record of its own
};

}  // namespace visavis::inspect

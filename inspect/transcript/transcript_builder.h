#pragma once
#include <string_view>

#include "inspect/record/record_reader.h"
#include "inspect/transcript/transcript.h"
#include "inspect/transcript/wire_tap.h"

namespace visavis::inspect {

/// RecordTap is shown the records of a leg beside its ledger: for whoever reads messages out of
/// them.
class RecordTap {
 public:
  virtual ~RecordTap() = default;
  /// fragment brings the next bytes of the record that is being read.
  virtual void fragment(std::int64_t at, Direction direction, const RecordHeader& header,
                        Bytes bytes) = 0;
  /// record says that the record is complete.
  virtual void record(std::int64_t at, Direction direction, const RecordHeader& header) = 0;
};

/// TranscriptBuilder turns what is seen on one leg into its Transcript. It asks no clock: every
/// call brings the time in microseconds since the session began (`at`).
///
/// Wire bytes come in order through `observe_wire`, which keeps the ledger; handshake messages,
/// alerts and plaintext lengths come from whoever can see inside the records. Nothing here
/// allocates for a record once limits::kMaxListedRecords and kMaxListedEvents are passed.
class TranscriptBuilder {
 public:
  explicit TranscriptBuilder(LegKind leg);

  void observe_endpoints(std::string from, std::string to);
  /// set_tap shows the records to `tap` too, which must live as long as wire bytes are observed.
  void set_tap(RecordTap* tap) { tap_ = tap; }
  /// set_wire_tap shows the connection and its bytes to `tap` too; null: to nobody any more.
  void set_wire_tap(WireTap* tap) { wire_tap_ = tap; }
  /// observe_tcp notes a TCP event; `note` is a string literal ("connected", "refused" ...).
  void observe_tcp(std::int64_t at, Party by, std::string_view note);
  /// observe_connected notes that TCP stands, and how long dialling took where we dialled.
  void observe_connected(std::int64_t at, Party by, std::optional<std::int64_t> connect_us);
  /// observe_wire takes the next bytes of a direction as they were on the wire.
  void observe_wire(std::int64_t at, Direction direction, Bytes bytes, const ByteOwner& owner = {});
  /// observe_message takes a complete handshake message with its header.
  void observe_message(std::int64_t at, Direction direction, Bytes message);
  /// observe_client_hello takes a hello that was parsed already (the peeked one, or an SSL 2.0
  /// form).
  void observe_client_hello(std::int64_t at, ClientHello hello, std::vector<std::uint32_t> segments,
                            bool segments_exact);
  void observe_change_cipher_spec(std::int64_t at, Direction direction);
  /// observe_alert takes an alert that was encrypted on the wire; one in clear is read off the
  /// wire.
  void observe_alert(std::int64_t at, Direction direction, std::uint8_t level,
                     std::uint8_t description);
  /// observe_encrypted_alert notes an alert record that can't be read: it is an event, but not in
  /// the list of alerts.
  void observe_encrypted_alert(std::int64_t at, Direction direction, std::uint32_t length);
  /// observe_application_data notes that a direction carries application data; only the first time
  /// counts.
  void observe_application_data(Direction direction);
  /// observe_sslv2_hello takes a server's SSL 2.0 hello, of `length` bytes.
  void observe_sslv2_hello(std::int64_t at, Sslv2ServerHello hello, std::uint32_t length);
  /// observe_sslv2_message notes another message of SSL 2.0 in clear: `note` is a string literal,
  /// `letter` its letter in the history.
  void observe_sslv2_message(std::int64_t at, Direction direction, std::string_view note,
                             char letter, std::uint32_t length);
  /// observe_malformed notes a message that its parser refused.
  void observe_malformed(std::int64_t at, Direction direction, HandshakeType type,
                         ParseError error);
  /// observe_cut_off notes a message of `bytes` by its header that its receiver did not let come
  /// whole; `note` is a string literal.
  void observe_cut_off(std::int64_t at, Direction direction, std::string_view note,
                       std::size_t bytes);
  /// observe_not_tls notes what a side sent instead of TLS.
  void observe_not_tls(std::int64_t at, Direction direction, Protocol protocol);
  void observe_established(std::int64_t at, bool resumed);
  void observe_failure(std::string reason);
  void observe_close(std::int64_t at, Party by, CloseHow how);
  /// observe_gap notes that a capture lacks the next `bytes` bytes of a direction; no more of it
  /// may be observed then.
  void observe_gap(std::int64_t at, Direction direction, std::uint64_t bytes);

  /// expect_record says that the library below has begun the next record of a direction; with
  /// `observe_plaintext` it pairs plaintext lengths with the ledger's records, in order.
  void expect_record(Direction direction) { ++begun_[direction]; }
  /// record_opened says that the record begun last in this direction was decrypted (TLS 1.3).
  void record_opened(Direction direction) {
    if (!first_opened_[direction]) first_opened_[direction] = begun_[direction] - 1;
  }
  /// observe_plaintext gives the plaintext length of the record begun last in this direction.
  void observe_plaintext(Direction direction, std::size_t length);
  /// records_begun counts the records that the library has begun in a direction.
  [[nodiscard]] std::uint64_t records_begun(Direction direction) const { return begun_[direction]; }

  [[nodiscard]] const Transcript& transcript() const { return transcript_; }
  [[nodiscard]] Transcript& transcript() { return transcript_; }

 private:
  struct LedgerSink;

  std::uint32_t add_event(Event event);
  void add_letter(Direction direction, char letter);
  void keep_server_hello(ServerHello hello);
  void keep_malformed(MalformedMessage message);
  void keep_raw(Direction direction, Bytes bytes);
  void note_unfinished_record(std::int64_t at, Direction direction, Party closer, CloseHow how);
  void check_first_bytes(std::int64_t at, Direction direction, bool ended);

  Transcript transcript_;
  PerDirection<RecordReader> readers_;
  PerDirection<std::uint64_t> begun_;
  PerDirection<std::optional<std::uint64_t>> first_opened_;
  PerDirection<bool> data_seen_;
  PerDirection<bool> gap_;            // bytes are missing, and nothing follows
  PerDirection<bool> records_ended_;  // what came was no record any more, and that was noted
  PerDirection<std::vector<std::uint8_t>>
      clear_alert_;  // body of the alert record that is being read
  RecordTap* tap_ = nullptr;
  WireTap* wire_tap_ = nullptr;
  std::size_t late_events_ = 0;
  std::int64_t first_wire_us_ = -1;
};

}  // namespace visavis::inspect

#include "inspect/transcript/transcript_builder.h"

#include <algorithm>
#include <utility>

#include "inspect/bytes/limits.h"
#include "inspect/record/record_span.h"
#include "inspect/transcript/history.h"
#include "inspect/transcript/message_facts.h"

namespace visavis::inspect {

/// LedgerSink lists what the record reader finds.
struct TranscriptBuilder::LedgerSink {
  TranscriptBuilder& builder;
  std::int64_t at;
  Direction direction;

  /// An alert of two bytes is in clear: encrypted ones are longer (TLS 1.2) or of another type
  /// (TLS 1.3). Read here, it is known even when a TLS library refuses the record that holds it.
  void fragment(const RecordHeader& header, Bytes bytes) const {
    if (builder.tap_ != nullptr) builder.tap_->fragment(at, direction, header, bytes);
    if (header.type != kAlert || header.length != 2) return;
    auto& body = builder.clear_alert_[direction];
    for (const std::uint8_t byte : bytes) body.push_back(byte);
  }
  void record(const RecordHeader& header) const {
    Transcript& transcript = builder.transcript_;
    ++transcript.records_total;
    if (transcript.records.size() < limits::kMaxListedRecords)
      transcript.records.push_back(
          {at, header.version.value, header.length, header.type, direction});
    builder.add_event({.t_us = at,
                       .length = header.length,
                       .note = header.type == kNoContentType && header.sslv2
                                   ? std::string_view("SSL 2.0 record")
                                   : std::string_view{},
                       .sender = sender(transcript.leg, direction),
                       .kind = EventKind::record,
                       .code = header.type.value});
    // A TLS library does not announce a record of the SSL 2.0 form: pairing counts it here.
    if (header.sslv2) builder.expect_record(direction);
    auto& body = builder.clear_alert_[direction];
    if (body.size() == 2) builder.observe_alert(at, direction, body[0], body[1]);
    body.clear();
    if (builder.tap_ != nullptr) builder.tap_->record(at, direction, header);
  }
};

namespace {

constexpr std::uint8_t kWarningLevel = 1;

/// Warnings without end must not crowd out the fatal alert and the close behind them.
std::size_t late_limit(bool warning) {
  return warning ? limits::kMaxLateEvents : 2 * limits::kMaxLateEvents;
}

}  // namespace

TranscriptBuilder::TranscriptBuilder(LegKind leg) {
  transcript_.leg = leg;
  transcript_.events.reserve(32);  // a handshake, a request and a close
  transcript_.records.reserve(16);
}

std::uint32_t TranscriptBuilder::add_event(Event event) {
  event.i = transcript_.event_count++;
  const bool alert = event.kind == EventKind::alert;
  const bool always = alert || event.kind == EventKind::close;
  // An encrypted alert may be a warning.
  const bool may_come_without_end = alert && (event.level == kWarningLevel || !event.note.empty());
  if (transcript_.events.size() < limits::kMaxListedEvents) {
    transcript_.events.push_back(event);
  } else if (always && late_events_ < late_limit(may_come_without_end)) {
    ++late_events_;
    transcript_.events.push_back(event);
  }
  return event.i;
}

void TranscriptBuilder::add_letter(Direction direction, char letter) {
  if (transcript_.history.size() >= 100) return;  // a peer may send messages without end
  transcript_.history +=
      direction == Direction::c2s ? letter : static_cast<char>(letter - 'A' + 'a');
}

void TranscriptBuilder::observe_endpoints(std::string from, std::string to) {
  transcript_.from = std::move(from);
  transcript_.to = std::move(to);
  if (wire_tap_ != nullptr) wire_tap_->endpoints(transcript_.from, transcript_.to);
}

void TranscriptBuilder::observe_tcp(std::int64_t at, Party by, std::string_view note) {
  add_event({.t_us = at, .note = note, .sender = by, .kind = EventKind::tcp});
}

void TranscriptBuilder::observe_connected(std::int64_t at, Party by,
                                          std::optional<std::int64_t> connect_us) {
  transcript_.reached = std::max(transcript_.reached, Reached::tcp);
  transcript_.connect_us = connect_us;
  observe_tcp(at, by, "connected");
  if (wire_tap_ != nullptr) wire_tap_->connected(at);
}

void TranscriptBuilder::keep_raw(Direction direction, Bytes bytes) {
  if (transcript_.established) return;
  auto& raw = transcript_.raw[direction];
  const std::size_t limit = transcript_.not_tls ? limits::kMaxRawPlainBytes : limits::kMaxRawBytes;
  const std::size_t room = limit - std::min(limit, raw.size());
  if (bytes.size() > room) transcript_.raw_cut = true;
  const Bytes kept = bytes.first(std::min(room, bytes.size()));
  raw.insert(raw.end(), kept.begin(), kept.end());
}

void TranscriptBuilder::observe_wire(std::int64_t at, Direction direction, Bytes bytes,
                                     const ByteOwner& owner) {
  if (first_wire_us_ < 0) first_wire_us_ = at;
  keep_raw(direction, bytes);
  RecordReader& reader = readers_[direction];
  reader.feed(bytes, LedgerSink{*this, at, direction});
  check_first_bytes(at, direction, false);
  if (wire_tap_ != nullptr) wire_tap_->wire(at, direction, bytes, owner);
}

/// A stream that stops being TLS at its very first record never was TLS. What it is may take more
/// bytes to tell, unless it `ended`.
void TranscriptBuilder::check_first_bytes(std::int64_t at, Direction direction, bool ended) {
  const RecordReader& reader = readers_[direction];
  if (!reader.error()) return;
  if (reader.offset() > kRecordHeaderBytes) {
    if (!std::exchange(records_ended_[direction], true))
      observe_tcp(at, sender(transcript_.leg, direction), "bytes that are no TLS record");
    return;
  }
  if (transcript_.established || transcript_.not_tls) return;
  const auto found = detect_first_bytes(transcript_.raw[direction]);
  if (found.needs_more() && !ended) return;
  const bool tls_like = found.ok() && (*found == Protocol::tls || *found == Protocol::sslv2_hello);
  observe_not_tls(at, direction, found.ok() && !tls_like ? *found : Protocol::unknown);
}

namespace {

/// parse_answer parses a server's hello in all its forms; nothing when the message is none.
std::optional<Result<ServerHello>> parse_answer(HandshakeType type, Bytes message) {
  if (type == kServerHello) return parse_server_hello(message);
  if (type == kDraftHelloRetryRequest) return parse_draft_hello_retry_request(message);
  return std::nullopt;
}

}  // namespace

void TranscriptBuilder::observe_message(std::int64_t at, Direction direction, Bytes message) {
  if (message.size() < 4) return;
  const HandshakeType type{message[0]};
  if (type == kClientHello && direction == Direction::c2s) {
    auto hello = parse_client_hello(message);
    if (!hello.ok()) return observe_malformed(at, direction, type, hello.error());
    return observe_client_hello(at, std::move(hello).value(), {}, false);
  }
  std::optional<Result<ServerHello>> hello;
  if (direction == Direction::s2c) hello = parse_answer(type, message);
  const bool retry = hello && hello->ok() && (*hello)->hello_retry;
  const std::uint32_t event =
      add_event({.t_us = at,
                 .length = static_cast<std::uint32_t>(message.size()),
                 .note = retry ? std::string_view("HelloRetryRequest") : std::string_view{},
                 .sender = sender(transcript_.leg, direction),
                 .kind = EventKind::message,
                 .code = type.value});
  add_letter(direction, retry ? kHelloRetryLetter : history_letter(type));
  if (hello && transcript_.established) return;  // a renegotiation
  if (hello && hello->ok()) return keep_server_hello(std::move(**hello));
  if (const auto problem = hello ? std::optional(hello->error())
                                 : keep_message_facts(direction, type, message, transcript_))
    keep_malformed({event, sender(transcript_.leg, direction), type, *problem});
}

void TranscriptBuilder::keep_malformed(MalformedMessage message) {
  if (transcript_.malformed.size() < limits::kMaxLateEvents)
    transcript_.malformed.push_back(message);
}

void TranscriptBuilder::keep_server_hello(ServerHello hello) {
  if (hello.hello_retry) transcript_.hello_retry = true;
  if (hello.key_share_group) transcript_.group = hello.key_share_group;
  if (hello.alpn) transcript_.alpn = hello.alpn;
  transcript_.server_hello = std::move(hello);
  transcript_.reached = std::max(transcript_.reached, Reached::server_hello);
}

void TranscriptBuilder::observe_client_hello(std::int64_t at, ClientHello hello,
                                             std::vector<std::uint32_t> segments,
                                             bool segments_exact) {
  add_event({.t_us = at,
             .length = static_cast<std::uint32_t>(hello.raw.size()),
             .sender = sender(transcript_.leg, Direction::c2s),
             .kind = EventKind::message,
             .code = kClientHello.value});
  add_letter(Direction::c2s, history_letter(kClientHello));
  transcript_.reached = std::max(transcript_.reached, Reached::client_hello);
  if (transcript_.client_hello) return;  // the second one, after a HelloRetryRequest
  if (hello.record_version == ProtocolVersion{} && transcript_.raw.c2s.size() >= 3)
    hello.record_version.value =
        static_cast<std::uint16_t>(transcript_.raw.c2s[1] << 8 | transcript_.raw.c2s[2]);
  transcript_.client_hello = std::move(hello);
  transcript_.hello_segments = std::move(segments);
  transcript_.segments_exact = segments_exact;
}

void TranscriptBuilder::observe_change_cipher_spec(std::int64_t at, Direction direction) {
  add_event({.t_us = at,
             .length = 1,
             .note = "ChangeCipherSpec",
             .sender = sender(transcript_.leg, direction),
             .kind = EventKind::message});
  add_letter(direction, kChangeCipherSpecLetter);
}

void TranscriptBuilder::observe_alert(std::int64_t at, Direction direction, std::uint8_t level,
                                      std::uint8_t description) {
  const Party by = sender(transcript_.leg, direction);
  const std::uint32_t event = add_event({.t_us = at,
                                         .length = 2,
                                         .sender = by,
                                         .kind = EventKind::alert,
                                         .code = description,
                                         .level = level});
  add_letter(direction, kAlertLetter);
  // An alert without its event would be evidence that points at nothing.
  const bool listed = !transcript_.events.empty() && transcript_.events.back().i == event;
  if (listed && transcript_.alerts.size() < late_limit(level == kWarningLevel))
    transcript_.alerts.push_back({event, by, level, AlertDescription{description}});
}

void TranscriptBuilder::observe_malformed(std::int64_t at, Direction direction, HandshakeType type,
                                          ParseError error) {
  const Party by = sender(transcript_.leg, direction);
  const std::uint32_t event = add_event({.t_us = at,
                                         .note = "malformed message",
                                         .sender = by,
                                         .kind = EventKind::message,
                                         .code = type.value});
  keep_malformed({event, by, type, error});
}

void TranscriptBuilder::observe_established(std::int64_t at, bool resumed) {
  transcript_.established = true;
  transcript_.key_exchange_signature.reset();  // its client took it
  transcript_.reached = Reached::finished;
  transcript_.resumed = resumed;
  transcript_.handshake_us = at - std::max<std::int64_t>(first_wire_us_, 0);
  if (wire_tap_ != nullptr) {
    if (first_opened_.c2s) wire_tap_->early_data_refused(*first_opened_.c2s);
    wire_tap_->established(at, begun_.c2s, begun_.s2c);
  }
  for (const Direction direction : {Direction::c2s, Direction::s2c}) {
    // The call that brought the end of the handshake may have brought more.
    auto& raw = transcript_.raw[direction];
    if (begun_[direction] > 0) raw.resize(bytes_of_records(raw, begun_[direction]));
    raw.shrink_to_fit();
  }
}

void TranscriptBuilder::observe_failure(std::string reason) {
  if (!transcript_.failure) transcript_.failure = std::move(reason);
}

void TranscriptBuilder::observe_close(std::int64_t at, Party by, CloseHow how) {
  if (wire_tap_ != nullptr) wire_tap_->closed(at, by, how);
  check_first_bytes(at, Direction::c2s, true);
  check_first_bytes(at, Direction::s2c, true);
  for (const Direction direction : {Direction::c2s, Direction::s2c})
    if (!transcript_.close) note_unfinished_record(at, direction, by, how);
  add_event(
      {.t_us = at, .sender = by, .kind = EventKind::close, .code = static_cast<std::uint8_t>(how)});
  if (!transcript_.close) transcript_.close = CloseSeen{by, how};
  constexpr std::string_view letters = ".|!~";
  if (transcript_.history.size() < 104)
    transcript_.history += letters[static_cast<std::size_t>(how)];
}

void TranscriptBuilder::observe_plaintext(Direction direction, std::size_t length) {
  observe_application_data(direction);
  const std::uint64_t index = begun_[direction] - 1;
  auto& lengths = transcript_.plaintext_lengths[direction];
  if (index >= limits::kMaxListedRecords) return;
  if (lengths.size() <= index) lengths.resize(index + 1, Transcript::kUnknownLength);
  lengths[index] = static_cast<std::int32_t>(length);
}

}  // namespace visavis::inspect

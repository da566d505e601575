#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/transcript/history.h"
#include "inspect/transcript/transcript_builder.h"

/// What only an observer of the wire notes: of a connection whose TLS nobody here ends.
namespace visavis::inspect {

void TranscriptBuilder::observe_encrypted_alert(std::int64_t at, Direction direction,
                                                std::uint32_t length) {
  add_event({.t_us = at,
             .length = length,
             .note = "alert (encrypted)",
             .sender = sender(transcript_.leg, direction),
             .kind = EventKind::alert});
  add_letter(direction, kAlertLetter);
}

void TranscriptBuilder::observe_cut_off(std::int64_t at, Direction direction, std::string_view note,
                                        std::size_t bytes) {
  add_event({.t_us = at,
             .length = static_cast<std::uint32_t>(bytes),
             .note = note,
             .sender = sender(transcript_.leg, direction),
             .kind = EventKind::message});
}

void TranscriptBuilder::observe_application_data(Direction direction) {
  if (data_seen_[direction]) return;
  data_seen_[direction] = true;
  add_letter(direction, kApplicationDataLetter);
}

void TranscriptBuilder::observe_not_tls(std::int64_t at, Direction direction, Protocol protocol) {
  if (protocol == Protocol::tls || protocol == Protocol::sslv2_hello) return;
  transcript_.not_tls = protocol;
  transcript_.not_tls_sender = sender(transcript_.leg, direction);
  for (auto* raw : {&transcript_.raw.c2s, &transcript_.raw.s2c}) {
    if (raw->size() <= limits::kMaxRawPlainBytes) continue;
    raw->resize(limits::kMaxRawPlainBytes);
    raw->shrink_to_fit();
    transcript_.raw_cut = true;
  }
  observe_tcp(at, transcript_.not_tls_sender, name(protocol));
}

void TranscriptBuilder::observe_sslv2_hello(std::int64_t at, Sslv2ServerHello hello,
                                            std::uint32_t length) {
  add_event({.t_us = at,
             .length = length,
             .note = "SSL 2.0 ServerHello",
             .sender = sender(transcript_.leg, Direction::s2c),
             .kind = EventKind::message,
             .code = kServerHello.value});
  add_letter(Direction::s2c, history_letter(kServerHello));
  transcript_.reached = std::max(transcript_.reached, Reached::server_hello);
  if (!hello.certificate.empty()) {
    transcript_.certificates = {hello.certificate};
    transcript_.reached = std::max(transcript_.reached, Reached::certificate);
  }
  transcript_.sslv2_server_hello = std::move(hello);
}

void TranscriptBuilder::observe_sslv2_message(std::int64_t at, Direction direction,
                                              std::string_view note, char letter,
                                              std::uint32_t length) {
  add_event({.t_us = at,
             .length = length,
             .note = note,
             .sender = sender(transcript_.leg, direction),
             .kind = EventKind::message});
  add_letter(direction, letter);
}

void TranscriptBuilder::observe_gap(std::int64_t at, Direction direction, std::uint64_t bytes) {
  gap_[direction] = true;
  add_event({.t_us = at,
             .length = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, UINT32_MAX)),
             .note = tcp_note::kGap,
             .sender = sender(transcript_.leg, direction),
             .kind = EventKind::tcp});
}

/// Whose record has no end: the one's who closes, or, after a time-out, the one's who went silent.
void TranscriptBuilder::note_unfinished_record(std::int64_t at, Direction direction, Party closer,
                                               CloseHow how) {
  const RecordReader& reader = readers_[direction];
  if (gap_[direction]) return;  // the end may be in it
  if (!reader.incomplete() || reader.error() || how == CloseHow::close_notify) return;
  const Party by = sender(transcript_.leg, direction);
  if (by == closer || how == CloseHow::timeout) observe_tcp(at, by, tcp_note::kMidRecord);
}

}  // namespace visavis::inspect

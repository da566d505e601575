#include "inspect/compare/leg_summary.h"

#include <algorithm>

#include "certs/digest.h"
#include "inspect/compare/code_points.h"
#include "inspect/compare/hello_extensions.h"
#include "inspect/compare/hello_summary.h"
#include "inspect/compare/key_proof.h"
#include "inspect/compare/record_habits.h"
#include "inspect/compare/record_split.h"

namespace visavis::inspect {
namespace {

/// A warning does not end a handshake; close_notify does, though a warning. RFC 8446 6.
bool ends_handshake(const AlertSeen& alert) {
  return alert.level != 1 || alert.description == kCloseNotify;
}

std::string outcome_of(const Transcript& transcript) {
  if (transcript.established) return "established";
  if (transcript.not_tls) return "not-tls";
  const bool alerted =
      std::any_of(transcript.alerts.begin(), transcript.alerts.end(), ends_handshake);
  // What ended a handshake of which a part is not there to be seen, nobody knows.
  if (transcript.capture && transcript.capture->gap() && !alerted) return "incomplete";
  const bool ended =
      transcript.close || transcript.failure || alerted || !transcript.malformed.empty();
  return ended ? "failed" : "incomplete";
}

std::string_view reached_name(Reached reached) {
  switch (reached) {
    case Reached::none:
      return "none";
    case Reached::tcp:
      return "tcp";
    case Reached::client_hello:
      return "client_hello";
    case Reached::server_hello:
      return "server_hello";
    case Reached::certificate:
      return "certificate";
    case Reached::finished:
      return "finished";
  }
  return "none";
}

void add_events(const Transcript& transcript, LegReport& report) {
  report.events.reserve(transcript.events.size());
  for (const Event& event : transcript.events)
    report.events.push_back({event.i, event.t_us, std::string(name(event.sender)),
                             std::string(name(event.kind)), describe(event), event.length});
  for (const AlertSeen& alert : transcript.alerts)
    report.alerts.push_back({alert.event, std::string(name(alert.sent_by)),
                             alert_level_name(alert.level), code_point(alert.description)});
  if (transcript.close)
    report.close = CloseReport{std::string(name(transcript.close->by)),
                               std::string(name(transcript.close->how))};
}

void add_records(const Transcript& transcript, LegReport& report) {
  PerDirection<std::size_t> index;
  report.records.reserve(transcript.records.size());
  for (const LedgerRecord& record : transcript.records) {
    RecordRow row{record.t_us,       record.direction == Direction::c2s,
                  record.type.value, record.version,
                  record.length,     std::nullopt};
    const auto& lengths = transcript.plaintext_lengths[record.direction];
    const std::size_t i = index[record.direction]++;
    if (i < lengths.size() && lengths[i] != Transcript::kUnknownLength)
      row.plaintext_length = static_cast<std::uint32_t>(lengths[i]);
    report.records.push_back(row);
  }
  report.records_total = transcript.records_total;
}

std::string malformed_line(HandshakeType type, Party sender, const ParseError& error) {
  return name(type) + " sent by " + std::string(name(sender)) + ": " + describe(error);
}

/// Messages that could not be parsed, and hellos that could, but break a rule.
void add_malformed(const Transcript& transcript, const std::vector<ParseError>& hello_problems,
                   LegReport& report) {
  for (const ParseError& problem : hello_problems)
    report.malformed.push_back(
        malformed_line(kClientHello, sender(transcript.leg, Direction::c2s), problem));
  if (transcript.server_hello)
    for (const ParseError& problem : transcript.server_hello->extension_problems)
      report.malformed.push_back(
          malformed_line(kServerHello, sender(transcript.leg, Direction::s2c), problem));
  for (const MalformedMessage& message : transcript.malformed)
    report.malformed.push_back(malformed_line(message.type, message.sender, message.error));
}

/// The names of the issuers and the facts of the certificates are added by who can read DER.
void add_client_authentication(const Transcript& transcript, LegReport& report) {
  if (const auto& request = transcript.certificate_request)
    report.certificate_request = CertificateRequestReport{code_points(request->types),
                                                          code_points(request->sig_algs),
                                                          {},
                                                          request->authorities_total};
  if (transcript.client_certificates) report.client_certificates.emplace();
  if (transcript.client_signature)
    report.client_signature = code_point(*transcript.client_signature);
}

}  // namespace

LegReport summarize_leg(const Transcript& transcript) {
  LegReport report;
  report.from = transcript.from;
  report.to = transcript.to;
  report.outcome = outcome_of(transcript);
  report.reached = reached_name(transcript.reached);
  report.established = summarize_established(transcript);
  std::vector<ParseError> hello_problems;
  if (transcript.client_hello) {
    report.client_hello = summarize_hello(*transcript.client_hello, &hello_problems);
    report.client_hello->segments = transcript.hello_segments;
    report.client_hello->segments_exact = transcript.segments_exact;
    // Our own library says what it is about to send before the record is on the wire.
    const auto& raw = transcript.raw.c2s;
    const bool unknown = transcript.client_hello->record_version == ProtocolVersion{};
    if (unknown && raw.size() >= 3 && raw.front() == kHandshake.value)
      report.client_hello->record_version =
          code_point(ProtocolVersion{static_cast<std::uint16_t>(raw[1] << 8 | raw[2])});
  }
  report.hello_retry = transcript.hello_retry;
  report.server_hello = summarize_server_hello(transcript);
  add_client_authentication(transcript, report);
  report.encrypted_extensions = extension_types(transcript.encrypted_extensions);
  if (!transcript.established) {
    if (transcript.group) report.key_exchange_group = code_point(*transcript.group);
    report.dh_bits = transcript.dh_bits;
  }
  report.stapled_ocsp_bytes = transcript.stapled_ocsp_bytes;
  report.key_proof = key_proof(transcript);
  report.session_tickets = transcript.session_tickets;
  report.key_updates = transcript.key_updates;
  add_events(transcript, report);
  if (transcript.connect_us) report.connect_ms = static_cast<double>(*transcript.connect_us) / 1e3;
  if (transcript.handshake_us)
    report.handshake_ms = static_cast<double>(*transcript.handshake_us) / 1e3;
  report.history = transcript.history;
  add_records(transcript, report);
  report.split_c2s = split_kind(report, true);
  report.split_s2c = split_kind(report, false);
  report.record_habits = record_habits(report, transcript.raw.c2s, transcript.raw.s2c);
  report.raw_c2s = certs::hex(transcript.raw.c2s);
  report.raw_s2c = certs::hex(transcript.raw.s2c);
  report.raw_cut = transcript.raw_cut;
  if (transcript.not_tls) report.first_bytes = std::string(name(*transcript.not_tls));
  report.failure = transcript.failure;
  report.capture = transcript.capture;
  add_malformed(transcript, hello_problems, report);
  return report;
}

}  // namespace visavis::inspect

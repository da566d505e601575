#include "inspect/compare/leg_summary.h"

#include <algorithm>

#include "certs/digest.h"
#include "inspect/compare/record_split.h"
#include "inspect/handshake/fingerprint.h"

namespace visavis::inspect {
namespace {

template <class T>
std::vector<CodePoint> code_points(const std::vector<T>& values) {
  std::vector<CodePoint> points;
  points.reserve(values.size());
  for (const T value : values) points.push_back(code_point(value));
  return points;
}

template <class T>
std::optional<std::vector<CodePoint>> code_points(const std::optional<std::vector<T>>& values) {
  if (!values) return std::nullopt;
  return code_points(*values);
}

std::vector<CodePoint> extension_types(const std::vector<Extension>& extensions) {
  std::vector<CodePoint> points;
  points.reserve(extensions.size());
  for (const Extension& extension : extensions) points.push_back(code_point(extension.type));
  return points;
}

ServerHelloReport summarize_server_hello(const Transcript& transcript) {
  const ServerHello& hello = *transcript.server_hello;
  ServerHelloReport report;
  report.legacy_version = code_point(hello.legacy_version);
  report.version = code_point(hello.version());
  report.random = certs::hex(hello.random);
  report.session_id = certs::hex(hello.session_id);
  report.cipher = code_point(hello.cipher);
  report.compression = hello.compression;
  report.extensions = extension_types(hello.extensions);
  if (hello.key_share_group) report.key_share_group = code_point(*hello.key_share_group);
  report.alpn = transcript.alpn;
  report.ja3s = md5_hex(ja3s_text(hello));
  return report;
}

EstablishedReport summarize_established(const Transcript& transcript) {
  const ServerHello& hello = *transcript.server_hello;
  EstablishedReport report;
  report.version = code_point(hello.version());
  report.cipher = code_point(hello.cipher);
  if (transcript.group) report.group = code_point(*transcript.group);
  if (transcript.signature) report.signature = code_point(*transcript.signature);
  report.alpn = transcript.alpn;
  report.resumed = transcript.resumed;
  report.encrypt_then_mac = hello.has(kEncryptThenMac);
  report.extended_master_secret = hello.has(kExtendedMasterSecret);
  return report;
}

/// A warning does not end a handshake; close_notify does, though a warning. RFC 8446 6.
bool ends_handshake(const AlertSeen& alert) {
  return alert.level != 1 || alert.description == kCloseNotify;
}

std::string outcome_of(const Transcript& transcript) {
  if (transcript.established) return "established";
  if (transcript.not_tls) return "not-tls";
  const bool alerted =
      std::any_of(transcript.alerts.begin(), transcript.alerts.end(), ends_handshake);
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

std::string describe(const MalformedMessage& message) {
  return name(message.type) + " sent by " + std::string(name(message.sender)) + ": " +
         describe(message.error);
}

}  // namespace

ClientHelloReport summarize_hello(const ClientHello& hello) {
  ClientHelloReport report;
  report.record_version = code_point(hello.record_version);
  report.legacy_version = code_point(hello.legacy_version);
  report.random = certs::hex(hello.random);
  report.session_id = certs::hex(hello.session_id);
  report.ciphers = code_points(hello.ciphers);
  report.compression.assign(hello.compression.begin(), hello.compression.end());
  report.extensions = extension_types(hello.extensions);
  report.sni = hello.sni;
  report.supported_versions = code_points(hello.supported_versions);
  report.groups = code_points(hello.groups);
  report.sig_algs = code_points(hello.sig_algs);
  if (hello.ec_point_formats)
    report.ec_point_formats.emplace(hello.ec_point_formats->begin(), hello.ec_point_formats->end());
  report.alpn = hello.alpn;
  report.key_share_groups = code_points(hello.key_share_groups);
  if (hello.session_ticket_len) report.session_ticket_len = *hello.session_ticket_len;
  report.psk_identities = static_cast<int>(hello.psk_identities);
  report.length = hello.length;
  report.sslv2 = hello.sslv2;
  report.ja3_full = ja3_text(hello);
  report.ja3 = md5_hex(report.ja3_full);
  report.ja4 = ja4(hello);
  return report;
}

LegReport summarize_leg(const Transcript& transcript) {
  LegReport report;
  report.from = transcript.from;
  report.to = transcript.to;
  report.outcome = outcome_of(transcript);
  report.reached = reached_name(transcript.reached);
  if (transcript.established && transcript.server_hello)
    report.established = summarize_established(transcript);
  if (transcript.client_hello) {
    report.client_hello = summarize_hello(*transcript.client_hello);
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
  if (transcript.server_hello) report.server_hello = summarize_server_hello(transcript);
  add_events(transcript, report);
  if (transcript.connect_us) report.connect_ms = static_cast<double>(*transcript.connect_us) / 1e3;
  if (transcript.handshake_us)
    report.handshake_ms = static_cast<double>(*transcript.handshake_us) / 1e3;
  report.history = transcript.history;
  add_records(transcript, report);
  report.split_c2s = split_kind(report, true);
  report.split_s2c = split_kind(report, false);
  report.raw_c2s = certs::hex(transcript.raw.c2s);
  report.raw_s2c = certs::hex(transcript.raw.s2c);
  report.raw_cut = transcript.raw_cut;
  if (transcript.not_tls) report.first_bytes = std::string(name(*transcript.not_tls));
  report.failure = transcript.failure;
  for (const MalformedMessage& message : transcript.malformed)
    report.malformed.push_back(describe(message));
  return report;
}

}  // namespace visavis::inspect

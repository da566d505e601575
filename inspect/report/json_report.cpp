#include "inspect/report/json_report.h"

namespace visavis::inspect {

// The parts that only a session has; those above them in the document come first.
void write_json(JsonWriter& json, const TwinReport& twin);
void write_json(JsonWriter& json, const MirrorReport& mirror);
void write_json(JsonWriter& json, const UnmirroredFeature& feature);
void write_json(JsonWriter& json, const ComparisonRow& row);
void write_json(JsonWriter& json, const EvidenceReport& evidence);
void write_json(JsonWriter& json, const FindingCodes& codes);
void write_json(JsonWriter& json, const HttpExchange& exchange);

namespace {

constexpr int kSchema = 1;

/// estimate returns about how long the document gets, so that its string grows once.
std::size_t estimate(const std::optional<LegReport>& leg) {
  if (!leg) return 4;
  std::size_t bytes = 2048 + leg->raw_c2s.size() + leg->raw_s2c.size();
  bytes += leg->certificates.size() * 768 + leg->events.size() * 144 + leg->records.size() * 40;
  if (leg->client_hello)
    bytes += 4096 + leg->client_hello->ciphers.size() * 56 +
             leg->client_hello->extension_values.size() * 80;
  return bytes;
}

}  // namespace

std::string render_json(const SessionReport& session) {
  std::string out;
  out.reserve(2048 + session.findings.size() * 1536 + session.comparison.size() * 160 +
              session.http.size() * 192 + estimate(session.client_leg) +
              estimate(session.backend_leg) + estimate(session.direct_leg));
  JsonWriter json(out);
  write_json(json, session);
  return out;
}

void write_json(JsonWriter& json, const SessionReport& session) {
  json.object([&] {
    json.field("schema", kSchema);
    json.field("type", "session");
    json.field("id", session.id);
    json.field("started", session.started);
    json.field("duration_ms", session.duration_ms);
    json.field("source", session.source);
    json.field("mode", session.mode);
    json.field("client", session.client);
    json.field("listener", session.listener);
    json.field("backend", session.backend);
    json.field("backend_address", session.backend_address);
    json.field("sni", session.sni);
    json.field("verdict", session.verdict);
    json.field("client_leg", session.client_leg);
    json.field("backend_leg", session.backend_leg);
    json.field("direct_leg", session.direct_leg);
    json.field("mirror", session.mirror);
    json.field("split_policy", session.split_policy);
    json.field("split_segments", session.split_segments);
    json.field("twin", session.twin);
    json.field("connect", session.connect);
    json.field("passed_through_because", session.passed_through_because);
    json.field("comparison", session.comparison);
    json.field("findings", session.findings);
    json.field("windows_reading", session.windows);
    json.field("http", session.http);
    if (session.http2_preface_only) json.field("http2_preface_only", true);
    json.key("bytes");
    json.object([&] {
      json.field("client_to_backend", session.client_to_backend_bytes);
      json.field("backend_to_client", session.backend_to_client_bytes);
    });
    if (session.packets_not_captured > 0)
      json.field("packets_not_captured", session.packets_not_captured);
  });
}

void write_json(JsonWriter& json, const VerdictReport& verdict) {
  json.object([&] {
    json.field("class", verdict.verdict_class);
    json.field("proxied", verdict.proxied);
    json.field("direct", verdict.direct);
    json.field("direct_known_by", verdict.direct_known_by);
    json.field("headline", verdict.headline);
    if (verdict.from_live) json.field("from_live", true);
  });
}

void write_json(JsonWriter& json, const TwinReport& twin) {
  json.object([&] {
    json.field("result", twin.result);
    json.field("why", twin.why);
    json.field("cached", twin.cached);
    json.field("age_s", twin.age_s);
  });
}

void write_json(JsonWriter& json, const MirrorReport& mirror) {
  json.object([&] {
    json.field("hello", mirror.hello);
    json.field("answer", mirror.answer);
    json.field("unmirrored", mirror.unmirrored);
    json.field("faults", mirror.faults);
  });
}

void write_json(JsonWriter& json, const UnmirroredFeature& feature) {
  json.object([&] {
    json.field("leg", feature.leg);
    json.field("feature", feature.feature);
    json.field("reason", feature.reason);
  });
}

void write_json(JsonWriter& json, const ComparisonRow& row) {
  json.object([&] {
    json.field("aspect", row.aspect);
    json.field("client", row.client);
    json.field("backend", row.backend);
    json.field("relation", row.relation);
    json.field("origin", row.origin);
  });
}

void write_json(JsonWriter& json, const PeerReading& peer) {
  json.object([&] {
    json.field("party", peer.party);
    json.field("event", peer.event);
    json.field("says", peer.says);
    json.field("code", peer.code);
    json.field("code_name", peer.code_name);
  });
}

void write_json(JsonWriter& json, const WindowsReading& windows) {
  json.object([&] {
    json.field("prediction", true);
    json.field("peers", windows.peers);
    json.field("chrome", windows.chrome);
    json.field("firefox", windows.firefox);
    json.field("java", windows.java);
  });
}

void write_json(JsonWriter& json, const FindingReport& finding) {
  json.object([&] {
    json.field("id", finding.id);
    json.field("severity", finding.severity);
    json.field("side", finding.side);
    json.field("confidence", finding.confidence);
    json.field("title", finding.title);
    json.field("cause", finding.cause);
    json.field("expected", finding.expected);
    json.field("presented", finding.presented);
    json.field("remedy", finding.remedy);
    json.field("judged_by", finding.judged_by);
    json.field("evidence", finding.evidence);
    json.field("codes", finding.codes);
    json.field("source", finding.source);
    json.field("kind", finding.kind);
    json.field("role", finding.role);
    if (!finding.suspects.empty()) json.field("suspects", finding.suspects);
  });
}

void write_json(JsonWriter& json, const EvidenceReport& evidence) {
  json.object([&] {
    json.field("leg", evidence.leg);
    json.field("event", evidence.event);
    json.field("what", evidence.what);
  });
}

void write_json(JsonWriter& json, const FindingCodes& codes) {
  json.object([&] {
    if (codes.alert) json.field("alert", *codes.alert);
    if (codes.x509) json.field("x509", *codes.x509);
    if (codes.hresult) json.field("hresult", *codes.hresult);
    if (codes.schannel_event) json.field("schannel_event", *codes.schannel_event);
    if (codes.chrome) json.field("chrome", *codes.chrome);
    if (codes.firefox) json.field("firefox", *codes.firefox);
    if (codes.java) json.field("java", *codes.java);
  });
}

void write_json(JsonWriter& json, const HttpExchange& exchange) {
  json.object([&] {
    json.field("protocol", exchange.protocol);
    json.field("method", exchange.method);
    json.field("target", exchange.target);
    json.field("status", exchange.status);
    json.field("request_bytes", exchange.request_bytes);
    json.field("response_bytes", exchange.response_bytes);
    json.field("time_to_first_byte_ms", exchange.time_to_first_byte_ms);
    json.field("cut_short", exchange.cut_short);
    if (exchange.excused) json.field("excused", *exchange.excused);
    if (exchange.until_close) json.field("until_close", true);
    if (exchange.host) json.field("host", *exchange.host);
    if (exchange.started_ms) json.field("started_ms", *exchange.started_ms);
    if (exchange.send_ms) json.field("send_ms", *exchange.send_ms);
    if (exchange.receive_ms) json.field("receive_ms", *exchange.receive_ms);
    if (exchange.content_type) json.field("content_type", *exchange.content_type);
  });
}

}  // namespace visavis::inspect

#include "inspect/report/json_reader.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <exception>

#include "inspect/report/json_field.h"
#include "inspect/report/json_leg_reader.h"

namespace visavis::inspect {

void read_json(const JsonField& json, VerdictReport& verdict);
void read_json(const JsonField& json, TwinReport& twin);
void read_json(const JsonField& json, MirrorReport& mirror);
void read_json(const JsonField& json, UnmirroredFeature& feature);
void read_json(const JsonField& json, ComparisonRow& row);
void read_json(const JsonField& json, FindingReport& finding);
void read_json(const JsonField& json, EvidenceReport& evidence);
void read_json(const JsonField& json, FindingCodes& codes);
void read_json(const JsonField& json, HttpExchange& exchange);
void read_json(const JsonField& json, SessionReport& session);

namespace {

/// A session's JSON, at most. Three legs with every limit of bytes/limits.h reached stay below it.
/// Protects memory: the parsed form of a document of empty lists is about ten times as large.
constexpr std::size_t kMaxSessionJsonBytes = std::size_t{32} * 1024 * 1024;

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');  // npos + 1 is 0
  return "line " + std::to_string(line) + " column " + std::to_string(offset - start) + ": ";
}

/// parse_document parses one document with nothing but white space behind it.
std::optional<std::string> parse_document(std::string_view text, boost::json::parser& parser) {
  if (text.size() > kMaxSessionJsonBytes) return "document: larger than 32 MiB";
  boost::json::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (error) return place(text, used) + error.message();
  const std::size_t extra = text.find_first_not_of(" \t\r\n", used);
  if (extra != text.npos) return place(text, extra) + "something follows the document";
  return std::nullopt;
}

std::optional<std::string> read_document(std::string_view text, SessionReport& session) {
  boost::json::parser parser(boost::json::make_shared_resource<boost::json::monotonic_resource>());
  if (auto problem = parse_document(text, parser)) return problem;
  const boost::json::value document = parser.release();
  std::optional<std::string> problem;
  JsonField(document, problem).read(session);
  return problem;
}

}  // namespace

std::optional<SessionReport> read_session_json(std::string_view text, std::string* problem) {
  std::optional<std::string> found;
  try {
    SessionReport session;
    found = read_document(text, session);
    if (!found) return session;
  } catch (const std::exception& error) {  // out of memory: what else could throw has an error_code
    found = std::string("document: ") + error.what();
  }
  if (problem != nullptr) *problem = *found;
  return std::nullopt;
}

void read_json(const JsonField& json, SessionReport& session) {
  int schema = 0;
  std::string type;
  json.field("schema", schema);
  json.field("type", type);
  if (schema != 1) json.fail("its schema is " + std::to_string(schema) + ", and 1 is known here");
  if (type != "session") json.fail("its type is not session");
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
  json.added_field("split_segments", session.split_segments);
  json.added_field("twin", session.twin);
  json.added_field("connect", session.connect);
  json.added_field("passed_through_because", session.passed_through_because);
  json.field("comparison", session.comparison);
  json.field("findings", session.findings);
  json.added_field("windows_reading", session.windows);
  json.field("http", session.http);
  json.added_field("http2_preface_only", session.http2_preface_only);
  json.inside("bytes", [&](const JsonField& bytes) {
    bytes.field("client_to_backend", session.client_to_backend_bytes);
    bytes.field("backend_to_client", session.backend_to_client_bytes);
  });
  json.added_field("packets_not_captured", session.packets_not_captured);
}

void read_json(const JsonField& json, VerdictReport& verdict) {
  json.field("class", verdict.verdict_class);
  json.field("proxied", verdict.proxied);
  json.field("direct", verdict.direct);
  json.field("direct_known_by", verdict.direct_known_by);
  json.field("headline", verdict.headline);
  json.added_field("from_live", verdict.from_live);
}

void read_json(const JsonField& json, TwinReport& twin) {
  json.field("result", twin.result);
  json.field("why", twin.why);
  json.field("cached", twin.cached);
  json.field("age_s", twin.age_s);
}

void read_json(const JsonField& json, MirrorReport& mirror) {
  json.field("hello", mirror.hello);
  json.field("answer", mirror.answer);
  json.field("unmirrored", mirror.unmirrored);
  json.added_field("faults", mirror.faults);
}

void read_json(const JsonField& json, UnmirroredFeature& feature) {
  json.field("leg", feature.leg);
  json.field("feature", feature.feature);
  json.field("reason", feature.reason);
}

void read_json(const JsonField& json, PeerReading& peer) {
  json.field("party", peer.party);
  json.field("event", peer.event);
  json.field("says", peer.says);
  json.field("code", peer.code);
  json.field("code_name", peer.code_name);
}

void read_json(const JsonField& json, WindowsReading& windows) {
  json.field("peers", windows.peers);
  json.field("chrome", windows.chrome);
  json.field("firefox", windows.firefox);
  json.field("java", windows.java);
}

void read_json(const JsonField& json, ComparisonRow& row) {
  json.field("aspect", row.aspect);
  json.field("client", row.client);
  json.field("backend", row.backend);
  json.field("relation", row.relation);
  json.field("origin", row.origin);
}

void read_json(const JsonField& json, FindingReport& finding) {
  json.field("id", finding.id);
  json.added_field("kind", finding.kind);
  json.added_field("role", finding.role);
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
  json.added_field("suspects", finding.suspects);
}

void read_json(const JsonField& json, EvidenceReport& evidence) {
  json.field("leg", evidence.leg);
  json.field("event", evidence.event);
  json.field("what", evidence.what);
}

void read_json(const JsonField& json, FindingCodes& codes) {
  json.added_field("alert", codes.alert);
  json.added_field("x509", codes.x509);
  json.added_field("hresult", codes.hresult);
  json.added_field("schannel_event", codes.schannel_event);
  json.added_field("chrome", codes.chrome);
  json.added_field("firefox", codes.firefox);
  json.added_field("java", codes.java);
}

void read_json(const JsonField& json, HttpExchange& exchange) {
  json.field("protocol", exchange.protocol);
  json.field("method", exchange.method);
  json.field("target", exchange.target);
  json.field("status", exchange.status);
  json.field("request_bytes", exchange.request_bytes);
  json.field("response_bytes", exchange.response_bytes);
  json.field("time_to_first_byte_ms", exchange.time_to_first_byte_ms);
  json.field("cut_short", exchange.cut_short);
  json.added_field("excused", exchange.excused);
  json.added_field("until_close", exchange.until_close);
  json.added_field("host", exchange.host);
  json.added_field("started_ms", exchange.started_ms);
  json.added_field("send_ms", exchange.send_ms);
  json.added_field("receive_ms", exchange.receive_ms);
  json.added_field("content_type", exchange.content_type);
}

}  // namespace visavis::inspect

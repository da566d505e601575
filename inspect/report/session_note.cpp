#include "inspect/report/session_note.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "inspect/report/json_field.h"
#include "inspect/report/json_writer.h"

namespace visavis::inspect {

void write_json(JsonWriter& json, const TwinReport& twin);
void write_json(JsonWriter& json, const VerdictReport& verdict);
void write_json(JsonWriter& json, const FindingReport& finding);
void write_json(JsonWriter& json, const UnmirroredFeature& feature);
void write_json(JsonWriter& json, const UnseenEvent& event);
void write_json(JsonWriter& json, const LegNote& leg);
void read_json(const JsonField& json, TwinReport& twin);
void read_json(const JsonField& json, VerdictReport& verdict);
void read_json(const JsonField& json, FindingReport& finding);
void read_json(const JsonField& json, UnmirroredFeature& feature);
void read_json(const JsonField& json, UnseenEvent& event);
void read_json(const JsonField& json, LegNote& leg);
void read_json(const JsonField& json, SessionNote& note);

namespace {

/// Legs of one session, and what is listed of each: the proxy writes fewer.
constexpr std::size_t kMaxLegs = 3;
constexpr int kNoteVersion = 1;

/// A field only where it says something.
template <class T>
void field_unless(JsonWriter& json, std::string_view name, const T& value, const T& usual) {
  if (value != usual) json.field(name, value);
}

template <class Enum>
bool read_name(const JsonField& json, std::string_view field, std::initializer_list<Enum> all,
               Enum& into) {
  std::string text;
  json.field(field, text);
  for (const Enum each : all)
    if (name(each) == text) return into = each, true;
  json.fail("an unknown " + std::string(field));
  return false;
}

/// What becomes a time must stay within what a clock can hold.
constexpr std::int64_t kMaxMicroseconds = 9'000'000'000'000'000;

void check_time(const JsonField& json, std::int64_t us) {
  if (us < -kMaxMicroseconds || us > kMaxMicroseconds) json.fail("a time that no clock shows");
}

/// The proxy's own words come in few forms.
void check_words(const JsonField& json, const SessionNote& note) {
  const bool split = note.split_policy == "keep" || note.split_policy == "none" ||
                     note.split_policy == "1/n-1" || note.split_policy == "0/n" ||
                     note.split_policy.starts_with("max:");
  const bool segments =
      note.split_segments == "keep" || note.split_segments == "one" || note.split_segments == "two";
  const bool hello = note.hello == "mirror" || note.hello == "default";
  const bool answer = note.answer == "mirror" || note.answer == "own";
  if (!split || !segments || !hello || !answer) json.fail("an unknown policy");
}

template <std::size_t size>
bool is_one_of(const std::string& word, const std::array<std::string_view, size>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// What stands in a list of words elsewhere, stands in it here; and a note has no content.
void check_live(const JsonField& json, LiveJudgement& live) {
  using Words2 = std::array<std::string_view, 2>;
  using Words3 = std::array<std::string_view, 3>;
  constexpr std::array<std::string_view, 6> kClasses{
      "healthy", "fails-direct", "proxy-introduces", "proxy-masks", "fails-both", "unknown"};
  const VerdictReport& verdict = live.verdict;
  bool known = is_one_of(verdict.verdict_class, kClasses) &&
               is_one_of(verdict.proxied, Words3{"ok", "failed", "none"}) &&
               is_one_of(verdict.direct, Words3{"ok", "failed", "unknown"}) &&
               is_one_of(verdict.direct_known_by,
                         std::array<std::string_view, 4>{"passthrough", "twin", "offer", "none"});
  live.verdict.from_live = false;
  if (live.findings) {
    for (FindingReport& finding : *live.findings) {
      without_content(finding);
      known = known && is_one_of(finding.severity, Words3{"error", "warning", "info"}) &&
              is_one_of(finding.confidence, Words2{"proven", "likely"}) &&
              is_one_of(finding.role, Words2{"cause", "observation"}) &&
              is_one_of(finding.side, std::array<std::string_view, 5>{"client", "backend", "both",
                                                                      "proxy", "network"}) &&
              is_one_of(finding.kind, std::array<std::string_view, 4>{
                                          "proxy", "connection", "certificate", "observation"});
    }
  }
  if (!known) json.fail("an unknown word in the verdict or a finding");
}

std::string render(const SessionNote& note) {
  const SessionNote usual;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("visavis_note", kNoteVersion);
    field_unless(json, "started_us", note.started_us, usual.started_us);
    json.field("duration_ms", note.duration_ms);
    json.field("client", note.client);
    json.field("listener", note.listener);
    json.field("backend", note.backend);
    field_unless(json, "backend_address", note.backend_address, usual.backend_address);
    field_unless(json, "connect", note.connect, usual.connect);
    field_unless(json, "passed_through_because", note.passed_through_because,
                 usual.passed_through_because);
    field_unless(json, "checked_host", note.checked_host, usual.checked_host);
    field_unless(json, "hello", note.hello, usual.hello);
    field_unless(json, "answer", note.answer, usual.answer);
    field_unless(json, "split_policy", note.split_policy, usual.split_policy);
    field_unless(json, "split_segments", note.split_segments, usual.split_segments);
    if (!note.unmirrored.empty()) json.field("unmirrored", note.unmirrored);
    if (!note.faults.empty()) json.field("faults", note.faults);
    if (note.twin) json.field("twin", note.twin);
    json.field("client_to_backend", note.client_to_backend_bytes);
    json.field("backend_to_client", note.backend_to_client_bytes);
    field_unless(json, "packets_not_captured", note.packets_not_captured,
                 usual.packets_not_captured);
    json.field("legs", note.legs);
    if (!note.live) return;
    json.field("verdict", note.live->verdict);
    if (note.live->findings) json.field("findings", *note.live->findings);
  });
  return out;
}

}  // namespace

void write_json(JsonWriter& json, const UnseenEvent& event) {
  json.object([&] {
    json.field("t_us", event.t_us);
    json.field("sender", name(event.sender));
    json.field("what", event.what);
    if (!event.close) return;
    json.field("close", true);
    json.field("history", event.history);
  });
}

void write_json(JsonWriter& json, const LegNote& leg) {
  const LegNote usual;
  json.object([&] {
    json.field("leg", name(leg.leg));
    field_unless(json, "connected", leg.connected, usual.connected);
    if (!leg.connected) {
      json.field("from", leg.from);
      json.field("to", leg.to);
    }
    field_unless(json, "failure", leg.failure, usual.failure);
    field_unless(json, "segments_exact", leg.segments_exact, usual.segments_exact);
    field_unless(json, "connect_us", leg.connect_us, usual.connect_us);
    if (!leg.events.empty()) json.field("events", leg.events);
  });
}

void read_json(const JsonField& json, UnseenEvent& event) {
  json.field("t_us", event.t_us);
  read_name(json, "sender", {Party::client, Party::backend, Party::proxy}, event.sender);
  json.field("what", event.what);
  json.added_field("close", event.close);
  json.added_field("history", event.history);
  check_time(json, event.t_us);
}

void read_json(const JsonField& json, LegNote& leg) {
  read_name(json, "leg", {LegKind::client_leg, LegKind::backend_leg, LegKind::direct_leg}, leg.leg);
  json.added_field("connected", leg.connected);
  json.added_field("from", leg.from);
  json.added_field("to", leg.to);
  json.added_field("failure", leg.failure);
  json.added_field("segments_exact", leg.segments_exact);
  json.added_field("connect_us", leg.connect_us);
  json.added_field("events", leg.events);
  check_time(json, leg.connect_us.value_or(0));
}

void read_json(const JsonField& json, SessionNote& note) {
  int version = 0;
  json.field("visavis_note", version);
  if (version != kNoteVersion) json.fail("an unknown visavis_note");
  json.added_field("started_us", note.started_us);
  json.field("duration_ms", note.duration_ms);
  json.field("client", note.client);
  json.field("listener", note.listener);
  json.field("backend", note.backend);
  json.added_field("backend_address", note.backend_address);
  json.added_field("connect", note.connect);
  json.added_field("passed_through_because", note.passed_through_because);
  json.added_field("checked_host", note.checked_host);
  json.added_field("hello", note.hello);
  json.added_field("answer", note.answer);
  json.added_field("split_policy", note.split_policy);
  json.added_field("split_segments", note.split_segments);
  json.added_field("unmirrored", note.unmirrored);
  json.added_field("faults", note.faults);
  json.added_field("twin", note.twin);
  json.field("client_to_backend", note.client_to_backend_bytes);
  json.field("backend_to_client", note.backend_to_client_bytes);
  json.added_field("packets_not_captured", note.packets_not_captured);
  json.field("legs", note.legs);
  std::optional<VerdictReport> verdict;
  json.added_field("verdict", verdict);
  if (verdict) {
    note.live.emplace().verdict = std::move(*verdict);
    json.added_field("findings", note.live->findings);
    check_live(json, *note.live);
  }
  if (note.legs.size() > kMaxLegs) json.fail("more than three legs");
  check_time(json, note.started_us.value_or(0));
  if (note.started_us.value_or(0) < 0) json.fail("a time before 1970");
  check_words(json, note);
}

std::string render_note(const SessionNote& note) {
  std::string text = render(note);
  if (text.size() <= kMaxNoteBytes) return text;
  SessionNote shorter = note;
  if (shorter.live) shorter.live->findings.reset();
  text = render(shorter);
  if (text.size() <= kMaxNoteBytes) return text;
  shorter.unmirrored.clear();
  text = render(shorter);
  return text.size() <= kMaxNoteBytes ? text : std::string();
}

std::optional<SessionNote> read_note(std::string_view text, std::string& problem) {
  if (text.size() > kMaxNoteBytes) {
    problem = "too long";
    return std::nullopt;
  }
  boost::json::error_code error;
  const boost::json::value document = boost::json::parse(text, error);
  if (error) {
    problem = "no JSON: " + error.message();
    return std::nullopt;
  }
  SessionNote note;
  std::optional<std::string> found;
  JsonField(document, found).read(note);
  if (!found) return note;
  problem = *found;
  return std::nullopt;
}

}  // namespace visavis::inspect

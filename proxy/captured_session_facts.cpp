#include "proxy/captured_session_facts.h"

#include <algorithm>
#include <utility>

#include "inspect/http/http_tap.h"
#include "inspect/report/session_note.h"
#include "proxy/captured_http.h"
#include "proxy/hello_peek.h"
#include "proxy/noted_facts.h"

namespace visavis::proxy {
namespace {

using inspect::CapturedSession;
using inspect::LegKind;
using inspect::Transcript;

std::chrono::system_clock::time_point time_of(std::int64_t since_1970_ns) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(since_1970_ns)));
}

void add_http(inspect::HttpObserver& http, SessionFacts& facts) {
  http.response_ended();  // whoever ended it
  facts.http = http.exchanges();
  facts.http2_preface_only = http.preface_only();
}

bool lacks_bytes(const std::optional<Transcript>& leg) {
  return leg && leg->capture && (leg->capture->gap() || leg->capture->end_missing);
}

bool any_lacks_bytes(const SessionFacts& facts) {
  return lacks_bytes(facts.client_leg) || lacks_bytes(facts.backend_leg) ||
         lacks_bytes(facts.direct_leg);
}

/// Live, the proxy read both legs that it ended; what it passed through it read no more than we do.
bool shows_less(const SessionFacts& facts) {
  const auto sealed = [](const std::optional<Transcript>& leg) { return leg && leg->sealed; };
  return any_lacks_bytes(facts) || sealed(facts.client_leg) || sealed(facts.backend_leg);
}

/// A response that is not in the file may have come all the same.
void excuse_what_is_missing(SessionFacts& facts) {
  if (!any_lacks_bytes(facts)) return;
  for (inspect::HttpExchange& exchange : facts.http)
    if ((!exchange.status || exchange.cut_short) && !exchange.excused)
      exchange.excused = "the capture does not show all bytes";
}

void add_name_asked_for(const std::optional<Transcript>& leg, SessionFacts& facts) {
  if (leg && leg->client_hello && leg->client_hello->sni)
    facts.checked_host = *leg->client_hello->sni;
}

/// Of a leg that the session had, and of which the file has nothing.
Transcript unseen_leg(LegKind kind) {
  Transcript leg;
  leg.leg = kind;
  leg.capture.emplace();
  leg.capture->start_missing = true;
  leg.capture->end_missing = true;
  return leg;
}

/// Of a client that we answer, the first message must be a ClientHello.
void judge_first_message(Transcript& leg) {
  if (leg.client_hello || leg.not_tls || leg.capture->gap()) return;
  if (const auto error = malformed_hello(leg.raw.c2s))
    inspect::put_back_malformed(inspect::Party::client, inspect::kClientHello, *error, leg);
}

void add_leg(CapturedSession& connection, std::int64_t started_ns, SessionFacts& facts) {
  Transcript& leg = connection.transcript;
  inspect::shift_time((connection.started_ns - started_ns) / 1000, leg);
  if (leg.leg == LegKind::client_leg) {
    facts.client = leg.from;
    facts.listener = leg.to;
    if (auto* tap = dynamic_cast<LegHttpTap*>(connection.plaintext.get()))
      add_http(tap->http(), facts);
    judge_first_message(leg);
    facts.client_leg = std::move(leg);
  } else if (leg.leg == LegKind::backend_leg) {
    facts.backend = facts.backend_address = leg.to;
    leg.hello_segments.clear();          // our own hello's
    facts.backend_leg = std::move(leg);  // the last one: those before were given up
  } else {
    facts.direct_leg = std::move(leg);
  }
}

/// What the legs alone tell; as much as there is when the file has no note.
void add_legs(CapturedSession& session, SessionFacts& facts) {
  const std::int64_t started_ns = session.started_ns;
  add_leg(session, started_ns, facts);
  for (CapturedSession& other : session.others) add_leg(other, started_ns, facts);
  const bool passed_through = !facts.client_leg && !facts.backend_leg;
  add_name_asked_for(passed_through ? facts.direct_leg : facts.client_leg, facts);
  if (passed_through) {
    facts.client = facts.direct_leg->from;
    facts.backend = facts.backend_address = facts.direct_leg->to;
    facts.client_to_backend_bytes = session.bytes.c2s;
    facts.backend_to_client_bytes = session.bytes.s2c;
    return;
  }
  if (!facts.client_leg) facts.client_leg = unseen_leg(LegKind::client_leg);
  if (facts.direct_leg)
    facts.twin = inspect::TwinReport{
        "unknown", "What the client's own hello has shown is not in the capture", false, 0};
}

/// What was decrypted of the client leg's application data, where the note is not there.
void count_plaintext(SessionFacts& facts) {
  const Transcript& leg = *facts.client_leg;
  inspect::PerDirection<std::size_t> next{};
  for (const auto& record : leg.records) {
    const auto& lengths = leg.plaintext_lengths[record.direction];
    const std::size_t index = next[record.direction]++;
    if (record.type != inspect::kApplicationData || index >= lengths.size()) continue;
    const bool c2s = record.direction == inspect::Direction::c2s;
    auto& bytes = c2s ? facts.client_to_backend_bytes : facts.backend_to_client_bytes;
    bytes += static_cast<std::uint64_t>(std::max(lengths[index], 0));
  }
}

void add_note(const std::string& text, SessionFacts& facts, std::string& problem) {
  auto note = text.empty() ? std::nullopt : inspect::read_note(text, problem);
  if (!note && facts.client_leg) count_plaintext(facts);
  if (!note) return;
  for (const inspect::LegNote& leg : note->legs) {
    if (leg.leg != LegKind::direct_leg && !facts.client_leg)
      facts.client_leg = unseen_leg(LegKind::client_leg);
    if (leg.leg == LegKind::backend_leg && leg.connected && !facts.backend_leg)
      facts.backend_leg = unseen_leg(leg.leg);
  }
  add_noted(std::move(*note), facts);
}

SessionFacts facts_of_ours(CapturedSession session, std::string& note_problem) {
  SessionFacts facts;
  facts.captured = true;
  facts.id = session.label->session;
  facts.started = time_of(session.started_ns);
  facts.duration_ms = static_cast<double>(session.duration_us) / 1e3;
  facts.policies.emplace();
  add_legs(session, facts);
  add_note(session.note, facts, note_problem);
  excuse_what_is_missing(facts);
  if (!shows_less(facts)) facts.live.reset();
  return facts;
}

}  // namespace

SessionFacts facts_of(CapturedSession session, std::string id, std::string& note_problem) {
  note_problem.clear();
  if (session.label) return facts_of_ours(std::move(session), note_problem);
  SessionFacts facts;
  facts.captured = true;
  facts.observed = true;
  facts.id = std::move(id);
  facts.started = time_of(session.started_ns);
  facts.duration_ms = static_cast<double>(session.duration_us) / 1e3;
  facts.client = session.transcript.from;
  facts.backend = session.transcript.to;
  facts.client_to_backend_bytes = session.bytes.c2s;
  facts.backend_to_client_bytes = session.bytes.s2c;
  if (auto* tap = dynamic_cast<inspect::HttpTap*>(session.plaintext.get()))
    add_http(tap->http, facts);
  facts.direct_leg = std::move(session.transcript);
  add_name_asked_for(facts.direct_leg, facts);
  excuse_what_is_missing(facts);
  return facts;
}

}  // namespace visavis::proxy

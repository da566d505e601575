#include "proxy/noted_facts.h"

#include <utility>

namespace visavis::proxy {
namespace {

using inspect::LegKind;
using inspect::LegNote;
using inspect::Transcript;

/// A client is connected when its session begins; the others had to be dialled.
LegNote note_of(const Transcript& leg) {
  LegNote note;
  note.leg = leg.leg;
  note.connected = leg.leg == LegKind::client_leg || leg.connect_us.has_value();
  if (!note.connected) {
    note.from = leg.from;
    note.to = leg.to;
  }
  note.failure = leg.failure;
  note.segments_exact = leg.segments_exact;
  note.connect_us = leg.connect_us;
  note.events = inspect::unseen_events(leg);
  return note;
}

std::optional<Transcript>& leg_of(LegKind leg, SessionFacts& facts) {
  if (leg == LegKind::client_leg) return facts.client_leg;
  return leg == LegKind::backend_leg ? facts.backend_leg : facts.direct_leg;
}

/// A backend leg that was not connected has no packets: those there are belong to one before it. A
/// client that was to be passed through has said what it had to say all the same.
void add_noted_leg(LegNote note, SessionFacts& facts) {
  std::optional<Transcript>& leg = leg_of(note.leg, facts);
  if (!note.connected) {
    if (facts.client_leg || !leg) leg.emplace().leg = note.leg;
    inspect::forget_connection(*leg);
    leg->from = std::move(note.from);
    leg->to = std::move(note.to);
  } else if (!leg) {
    return;
  }
  leg->failure = std::move(note.failure);
  leg->segments_exact = note.segments_exact;
  leg->connect_us = note.connect_us;
  inspect::put_back(note.events, *leg);
}

}  // namespace

inspect::SessionNote note_of(const SessionFacts& facts, const ProxyOptions& options) {
  inspect::SessionNote note;
  note.started_us =
      std::chrono::duration_cast<std::chrono::microseconds>(facts.started.time_since_epoch())
          .count();
  note.duration_ms = facts.duration_ms;
  note.client = facts.client;
  note.listener = facts.listener;
  note.backend = facts.backend;
  note.backend_address = facts.backend_address;
  note.connect = facts.connect;
  note.passed_through_because = facts.passed_through_because;
  note.checked_host = facts.checked_host;
  if (facts.client_leg) {
    SessionPolicies policies = policies_of(options);
    note.hello = std::move(policies.hello);
    note.answer = std::move(policies.answer);
    note.split_policy = std::move(policies.split);
    note.split_segments = std::move(policies.split_segments);
  }
  note.unmirrored = facts.unmirrored;
  note.faults = facts.repeated_faults;
  note.twin = facts.twin;
  note.client_to_backend_bytes = facts.client_to_backend_bytes;
  note.backend_to_client_bytes = facts.backend_to_client_bytes;
  for (const auto* leg : {&facts.client_leg, &facts.backend_leg, &facts.direct_leg})
    if (*leg) note.legs.push_back(note_of(**leg));
  return note;
}

void add_noted(inspect::SessionNote note, SessionFacts& facts) {
  if (note.started_us)
    facts.started = std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::microseconds(*note.started_us)));
  facts.duration_ms = note.duration_ms;
  facts.client = std::move(note.client);
  facts.listener = std::move(note.listener);
  facts.backend = std::move(note.backend);
  facts.backend_address = std::move(note.backend_address);
  facts.connect = std::move(note.connect);
  facts.passed_through_because = std::move(note.passed_through_because);
  facts.checked_host = std::move(note.checked_host);
  facts.policies = SessionPolicies{std::move(note.hello), std::move(note.answer),
                                   std::move(note.split_policy), std::move(note.split_segments)};
  facts.unmirrored = std::move(note.unmirrored);
  facts.repeated_faults = std::move(note.faults);
  facts.twin = std::move(note.twin);
  facts.client_to_backend_bytes = note.client_to_backend_bytes;
  facts.backend_to_client_bytes = note.backend_to_client_bytes;
  facts.packets_not_captured = note.packets_not_captured;
  facts.live = std::move(note.live);
  for (LegNote& leg : note.legs) add_noted_leg(std::move(leg), facts);
}

}  // namespace visavis::proxy

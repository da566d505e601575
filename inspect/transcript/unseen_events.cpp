#include "inspect/transcript/unseen_events.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// Letters of the history, in the order of CloseHow.
constexpr std::string_view kCloseLetters = ".|!~";
/// A dial that failed, and a time-out, with words beside them: a handful.
constexpr std::size_t kMaxUnseenEvents = 16;

/// What the packets of a leg do not tell.
constexpr std::array kUnseenNotes{
    tcp_note::kRefused, tcp_note::kNoRoute,       tcp_note::kNoAnswer,    tcp_note::kNameUnknown,
    tcp_note::kFailed,  tcp_note::kBesideSession, tcp_note::kDialledAgain};
/// What they tell but for a leg that was accepted before it was dialled, or went silent.
constexpr std::array kSometimesUnseenNotes{tcp_note::kConnected, tcp_note::kMidRecord};

template <class List>
std::optional<std::string_view> known(const List& list, std::string_view what) {
  const auto found = std::find(list.begin(), list.end(), what);
  return found == list.end() ? std::nullopt : std::optional(*found);
}

bool is_close(const Event& event, CloseHow how) {
  return event.kind == EventKind::close && event.code == static_cast<std::uint8_t>(how);
}

/// A side that has sent FIN has nothing more to send.
bool ended_before(const Transcript& transcript, const Event& event) {
  if (is_close(event, CloseHow::close_notify)) return false;
  const auto ends = [&](const Event& each) {
    return each.i < event.i && each.sender == event.sender &&
           (is_close(each, CloseHow::fin) || is_close(each, CloseHow::rst));
  };
  return std::any_of(transcript.events.begin(), transcript.events.end(), ends);
}

/// On a direct leg the proxy sends nothing of its own; a time-out is nobody's packet anywhere; a
/// backend that was not reached has none at all.
bool close_is_unseen(const Transcript& transcript, const Event& event) {
  if (transcript.leg == LegKind::backend_leg && !transcript.connect_us) return true;
  return is_close(event, CloseHow::timeout) || ended_before(transcript, event) ||
         (transcript.leg == LegKind::direct_leg && event.sender == Party::proxy);
}

bool note_is_unseen(const Transcript& transcript, std::size_t index) {
  const Event& event = transcript.events[index];
  if (known(kUnseenNotes, event.note)) return true;
  if (event.note == tcp_note::kConnected)
    return transcript.leg == LegKind::direct_leg && event.sender == Party::client;
  if (event.note != tcp_note::kMidRecord) return false;
  // It belongs to the close behind it.
  const auto close = std::find_if(transcript.events.begin() + static_cast<std::ptrdiff_t>(index),
                                  transcript.events.end(),
                                  [](const Event& each) { return each.kind == EventKind::close; });
  return close != transcript.events.end() && close_is_unseen(transcript, *close);
}

std::optional<CloseHow> how_named(std::string_view text) {
  for (const CloseHow how : {CloseHow::fin, CloseHow::rst, CloseHow::timeout})
    if (name(how) == text) return how;
  return std::nullopt;
}

/// Events behind `place` get the next numbers, or those before.
void renumber(Transcript& transcript, std::uint32_t from, int by) {
  const auto move = [&](std::uint32_t& i) {
    if (i >= from) i = static_cast<std::uint32_t>(static_cast<std::int64_t>(i) + by);
  };
  for (Event& event : transcript.events) move(event.i);
  for (AlertSeen& alert : transcript.alerts) move(alert.event);
  for (MalformedMessage& message : transcript.malformed) move(message.event);
  transcript.event_count =
      static_cast<std::uint32_t>(static_cast<std::int64_t>(transcript.event_count) + by);
}

void insert(Event event, Transcript& transcript) {
  auto& events = transcript.events;
  if (events.size() >= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents) return;
  const auto after = std::find_if(events.begin(), events.end(),
                                  [&](const Event& each) { return each.t_us > event.t_us; });
  const auto at = after - events.begin();
  event.i = after == events.end() ? transcript.event_count : after->i;
  renumber(transcript, event.i, 1);
  events.insert(events.begin() + at, event);
}

void insert_close(const UnseenEvent& event, CloseHow how, Transcript& transcript) {
  std::string& history = transcript.history;
  const std::size_t place = std::min<std::size_t>(event.history, history.size());
  const bool first = history.find_first_of(kCloseLetters) >= place;
  if (first) transcript.close = CloseSeen{event.sender, how};
  if (history.size() < 104) history.insert(place, 1, kCloseLetters[static_cast<std::size_t>(how)]);
  insert({.t_us = event.t_us,
          .sender = event.sender,
          .kind = EventKind::close,
          .code = static_cast<std::uint8_t>(how)},
         transcript);
}

void insert_note(const UnseenEvent& event, Transcript& transcript) {
  auto note = known(kUnseenNotes, event.what);
  if (!note) note = known(kSometimesUnseenNotes, event.what);
  if (!note) return;
  const bool there =
      std::any_of(transcript.events.begin(), transcript.events.end(), [&](const Event& each) {
        return each.kind == EventKind::tcp && each.note == *note && each.sender == event.sender;
      });
  if (there) return;
  insert({.t_us = event.t_us, .note = *note, .sender = event.sender, .kind = EventKind::tcp},
         transcript);
}

}  // namespace

std::vector<UnseenEvent> unseen_events(const Transcript& transcript) {
  std::vector<UnseenEvent> unseen;
  std::size_t letter = 0;
  for (std::size_t i = 0; i < transcript.events.size(); ++i) {
    const Event& event = transcript.events[i];
    if (unseen.size() >= kMaxUnseenEvents) break;
    if (event.kind == EventKind::tcp && note_is_unseen(transcript, i))
      unseen.push_back({event.t_us, event.sender, false, std::string(event.note), 0});
    if (event.kind != EventKind::close) continue;
    letter = std::min(transcript.history.find_first_of(kCloseLetters, letter),
                      transcript.history.size());
    if (close_is_unseen(transcript, event))
      unseen.push_back({event.t_us, event.sender, true,
                        std::string(name(static_cast<CloseHow>(event.code))),
                        static_cast<std::uint32_t>(letter)});
    ++letter;
  }
  return unseen;
}

void put_back(const std::vector<UnseenEvent>& events, Transcript& transcript) {
  std::size_t count = 0;
  for (const UnseenEvent& event : events) {
    if (++count > kMaxUnseenEvents) return;
    if (!event.close)
      insert_note(event, transcript);
    else if (const auto how = how_named(event.what))
      insert_close(event, *how, transcript);
  }
}

void put_back_malformed(Party sender, HandshakeType type, const ParseError& error,
                        Transcript& transcript) {
  if (!transcript.malformed.empty()) {
    transcript.malformed.front().error = error;
    return;
  }
  const auto record = std::find_if(
      transcript.events.begin(), transcript.events.end(),
      [&](const Event& each) { return each.kind == EventKind::record && each.sender == sender; });
  if (record == transcript.events.end()) return;
  const std::uint32_t before = transcript.event_count;
  const std::int64_t at = record->t_us;
  insert({.t_us = at,
          .note = "malformed message",
          .sender = sender,
          .kind = EventKind::message,
          .code = type.value},
         transcript);
  if (transcript.event_count == before) return;
  const auto there = std::find_if(
      transcript.events.begin(), transcript.events.end(),
      [](const Event& each) { return each.note == std::string_view("malformed message"); });
  transcript.malformed.push_back({there->i, sender, type, error});
}

void shift_time(std::int64_t by_us, Transcript& transcript) {
  for (Event& event : transcript.events) event.t_us += by_us;
  for (LedgerRecord& record : transcript.records) record.t_us += by_us;
}

void forget_connection(Transcript& transcript) {
  transcript.connect_us.reset();
  if (transcript.reached == Reached::tcp) transcript.reached = Reached::none;
  auto& events = transcript.events;
  const auto found = std::find_if(events.begin(), events.end(), [](const Event& event) {
    return event.kind == EventKind::tcp && event.note == tcp_note::kConnected;
  });
  if (found == events.end()) return;
  const std::uint32_t i = found->i;
  events.erase(found);
  renumber(transcript, i, -1);
}

}  // namespace visavis::inspect

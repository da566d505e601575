#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "inspect/transcript/transcript.h"

namespace visavis::inspect {

namespace tcp_note {
/// Of the second connection to the backend: the first one was given up for it.
inline constexpr std::string_view kDialledAgain =
    "dialled again, to repeat the client's empty records (0/n)";
}  // namespace tcp_note

/// UnseenEvent is an event of a leg that leaves no trace in its packets: a dial that failed, a
/// time-out ...
struct UnseenEvent {
  std::int64_t t_us = 0;  ///< since the session was accepted
  Party sender = Party::proxy;
  bool close = false;  ///< an end; else words of a tcp event
  std::string what;    ///< one of tcp_note's, or how it was closed
  /// Of an end: how much of the leg's history was before it.
  std::uint32_t history = 0;

  friend bool operator==(const UnseenEvent&, const UnseenEvent&) = default;
};

/// unseen_events lists those of a transcript.
std::vector<UnseenEvent> unseen_events(const Transcript& transcript);

/// put_back adds such events to a transcript that was made from packets, in the order of time. What
/// is there already, and what no proxy of ours notes, is passed over.
void put_back(const std::vector<UnseenEvent>& events, Transcript& transcript);

/// put_back_malformed says of a message that could not be parsed what the proxy found wrong with
/// it: the bytes alone do not say what was expected there.
void put_back_malformed(Party sender, HandshakeType type, const ParseError& error,
                        Transcript& transcript);

/// shift_time moves all times of a transcript by so many microseconds.
void shift_time(std::int64_t by_us, Transcript& transcript);

/// forget_connection takes back that TCP stood: of a leg whose connection came about only in the
/// capture, which has no other way to show what its client said.
void forget_connection(Transcript& transcript);

}  // namespace visavis::inspect

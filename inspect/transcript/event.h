#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/transcript/leg.h"

namespace visavis::inspect {

enum class EventKind : std::uint8_t { tcp, record, message, alert, close };

/// CloseHow is how a TCP connection's direction ended.
enum class CloseHow : std::uint8_t { close_notify, fin, rst, timeout };

/// The words of the tcp events of a dial that failed; sent_by is the backend, but the proxy where
/// the machine of the proxy itself is the reason (out of file descriptors ...).
namespace tcp_note {
inline constexpr std::string_view kConnected = "connected";
inline constexpr std::string_view kRefused = "connection refused";
inline constexpr std::string_view kNoRoute = "no route to the address";
inline constexpr std::string_view kNoAnswer = "no answer to the dial";
inline constexpr std::string_view kNameUnknown = "the name has no address";
inline constexpr std::string_view kFailed = "connection failed";
/// Beside a dial: whoever closed, or went silent, had begun a record and not ended it.
inline constexpr std::string_view kMidRecord = "stopped in the middle of a record";
/// Bytes that a capture lacks: they were sent, as far as one can tell.
inline constexpr std::string_view kGap = "bytes that the capture lacks";
/// Of a direct twin: the session had a connection of its own to the backend at the same time.
inline constexpr std::string_view kBesideSession = "a second connection beside the session's own";
}  // namespace tcp_note

/// Event is one thing that happened on a leg, small enough to be kept for every connection;
/// `describe` puts it into words when a report is made.
struct Event {
  std::int64_t t_us = 0;  ///< microseconds since the session was accepted
  std::uint32_t i = 0;    ///< its number within the leg; evidence points at it
  std::uint32_t length = 0;
  std::string_view note{};  ///< a string literal: words of a tcp event, or more about another
  Party sender = Party::client;
  EventKind kind = EventKind::tcp;
  std::uint8_t code =
      0;  ///< record: content type; message: handshake type; alert: description; close: CloseHow
  std::uint8_t level = 0;  ///< alert: level
};

std::string_view name(EventKind kind);
std::string_view name(CloseHow how);
/// alert_level_name returns warning, fatal, or the hex form. RFC 8446 6.
std::string alert_level_name(std::uint8_t level);
/// describe returns the event in words: "fatal protocol_version (70)", "ClientHello" ...
Name describe(const Event& event);

/// LedgerRecord is one record of the ledger as kept for every connection.
struct LedgerRecord {
  std::int64_t t_us = 0;
  std::uint16_t version = 0;
  std::uint16_t length = 0;  ///< ciphertext bytes
  ContentType type;
  Direction direction = Direction::c2s;
};

}  // namespace visavis::inspect

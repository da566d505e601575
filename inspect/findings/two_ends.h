#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// The legs that evidence of a finding about both ends points at.
inline constexpr std::string_view kClientEnd = "client_end";
inline constexpr std::string_view kServerEnd = "server_end";

/// end_leg is what a capture shows of a connection whose TLS nobody ended there; null: the session
/// is none such.
const LegReport* end_leg(const SessionReport& session);

/// client_random is the hex of the client's random, also of a hello of which only the beginning is
/// there; empty: it is not.
std::string client_random(const LegReport& leg);

/// MatchedBy is why two sessions are taken for the two ends of one connection.
enum class MatchedBy : std::uint8_t { client_random, name_and_time, order };
std::string_view name(MatchedBy matched_by);

/// ClockOffset is how far the server end's clock is ahead of the client end's.
struct ClockOffset {
  std::int64_t us = 0;
  std::int64_t uncertain_us = 0;  ///< either way
};

/// TwoEnds is one connection as the captures at its client's end and at its server's end show it.
/// It borrows the sessions, each of which must have an end_leg.
class TwoEnds {
 public:
  TwoEnds(const SessionReport& client_end, const SessionReport& server_end, MatchedBy matched_by);

  const SessionReport& client_session;
  const SessionReport& server_session;
  const LegReport& client;
  const LegReport& server;
  MatchedBy matched_by;
  /// From what both ends saw of the handshake: TCP's or the hellos. Nothing: too little was seen.
  std::optional<ClockOffset> offset;
};

/// Way is one direction of the connection: what its sender's end shows, and its receiver's.
struct Way {
  bool c2s = true;
  std::string_view sender;      ///< client, backend
  std::string_view receiver;    ///< the other one
  std::string_view sender_end;  ///< client_end, server_end
  std::string_view receiver_end;
  const SessionReport* sent_session = nullptr;
  const SessionReport* got_session = nullptr;
  const LegReport* sent = nullptr;
  const LegReport* got = nullptr;

  [[nodiscard]] const std::string& raw_sent() const { return c2s ? sent->raw_c2s : sent->raw_s2c; }
  [[nodiscard]] const std::string& raw_got() const { return c2s ? got->raw_c2s : got->raw_s2c; }
  /// bytes_sent and bytes_got count the bytes of TLS that each end shows.
  [[nodiscard]] std::uint64_t bytes_sent() const;
  [[nodiscard]] std::uint64_t bytes_got() const;
  /// marks are null where a session did not come out of a capture that was read for comparison.
  [[nodiscard]] const StreamMarks* marks_sent() const;
  [[nodiscard]] const StreamMarks* marks_got() const;
  /// gap is true where either capture lacks bytes of this direction.
  [[nodiscard]] bool gap() const;
};

/// ways returns both directions, the client's first.
std::vector<Way> ways(const TwoEnds& ends);

/// Alteration is where the bytes that arrived are not those that were sent.
struct Alteration {
  std::uint64_t first = 0;  ///< the first byte that differs, from 0, or that may be it
  std::uint64_t last = 0;   ///< the last that may be the first one
  /// It is known what differs: the bytes of both ends from `first` on are in raw_sent and raw_got.
  bool in_raw = false;
};

/// find_alteration compares what was sent with what arrived as far as both ends show it. Nothing
/// where no difference is seen, or where a capture begins in the middle of the connection.
std::optional<Alteration> find_alteration(const Way& way);

/// is_comparable is false where an end does not show where the direction's TLS begins.
bool is_comparable(const Way& way);

/// tcp_close is the first TCP end (FIN, RST) that a leg shows of this party, or null.
const EventReport* tcp_close(const LegReport& leg, std::string_view by);

/// started_us is when the session began, in microseconds since 1970; nothing when it is no time.
std::optional<std::int64_t> started_us(const SessionReport& session);
/// seen_until_us is how long, in the session's own time, its capture would have shown packets.
std::int64_t seen_until_us(const SessionReport& session, const LegReport& leg);
/// at_receiver turns a time of the way's sender's end (microseconds since its session began) into
/// the receiver's end's, at_sender the other way. Nothing where the clocks are not known.
std::optional<std::int64_t> at_receiver(const TwoEnds& ends, const Way& way, std::int64_t at_us);
std::optional<std::int64_t> at_sender(const TwoEnds& ends, const Way& way, std::int64_t at_us);

/// sent_at is when the sender's end had sent the byte at this place; where the ledger does not
/// tell, its last packet.
std::int64_t sent_at(const Way& way, std::uint64_t byte);

/// patience_us is how long packets may be on their way before they count as lost, the doubt about
/// the clocks included.
std::int64_t patience_us(const TwoEnds& ends);

/// shows_all_sent is false where a capture lacks packets of this direction, or where there are some
/// that it does not know of: who closed first can't be told then.
bool shows_all_sent(const LegReport& leg, bool c2s);

/// shows_sender_until is true when all is there that the way's sender had sent before its receiver
/// saw something, at `at_us` of the receiver's end: what is not there was not sent.
bool shows_sender_until(const TwoEnds& ends, const Way& way, std::int64_t at_us);

/// is_refused is true when the connection failed at either end.
bool is_refused(const TwoEnds& ends);

/// hello_end is how many bytes of the stream the first handshake message takes, headers included;
/// `raw` is hex. 0: it does not begin with one.
std::uint64_t hello_end(const std::string& raw);

}  // namespace visavis::inspect

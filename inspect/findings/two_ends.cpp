#include "inspect/findings/two_ends.h"

#include <algorithm>
#include <cctype>

#include "inspect/findings/certificate_dates.h"
#include "inspect/record/record.h"
#include "inspect/transcript/stream_mark_positions.h"

namespace visavis::inspect {
namespace {

/// `started` has milliseconds: what lies between is not known.
constexpr std::int64_t kStartedPrecisionUs = 1000;

/// What a TCP connection that is made anew on the way may begin later than the client's.
constexpr std::int64_t kDialledLaterUs = 1'000'000;

/// Exchange is a question of the client's and the backend's answer, as events of a leg.
struct Exchange {
  const EventReport* asked = nullptr;
  const EventReport* answered = nullptr;
};

Exchange exchange(const LegReport& leg, std::string_view kind, std::string_view question,
                  std::string_view answer) {
  return {first_event(leg, kind, question, "client"), first_event(leg, kind, answer, "backend")};
}

/// The server end's answer lies between question and answer of the client's end: RFC 5905 8.
std::optional<ClockOffset> offset_from(const Exchange& client, const Exchange& server,
                                       std::int64_t client_start, std::int64_t server_start) {
  if (!client.asked || !client.answered || !server.asked || !server.answered) return std::nullopt;
  const std::int64_t there = server_start + server.asked->t_us - client_start - client.asked->t_us;
  const std::int64_t back =
      server_start + server.answered->t_us - client_start - client.answered->t_us;
  if (there < back) return std::nullopt;  // somebody on the way answered before the server did
  return ClockOffset{back + (there - back) / 2, (there - back) / 2 + kStartedPrecisionUs};
}

std::optional<ClockOffset> find_offset(const TwoEnds& ends) {
  const auto client_start = started_us(ends.client_session);
  const auto server_start = started_us(ends.server_session);
  if (!client_start || !server_start) return std::nullopt;
  const auto by = [&](std::string_view kind, std::string_view question, std::string_view answer) {
    return offset_from(exchange(ends.client, kind, question, answer),
                       exchange(ends.server, kind, question, answer), *client_start, *server_start);
  };
  auto found = by("message", "ClientHello", "ServerHello");
  if (found) return found;
  found = by("tcp", "SYN", "connected");
  // Who ends TCP on the way answers the SYN himself, and dials when he likes.
  if (found) found->uncertain_us += kDialledLaterUs;
  return found;
}

std::uint64_t lost(const LegReport& leg, bool c2s) {
  if (!leg.capture) return 0;
  return c2s ? leg.capture->c2s_lost : leg.capture->s2c_lost;
}

/// The bytes of TLS: what was said before it may be the way's own (CONNECT, a PROXY header), also
/// where only one side came to its TLS.
std::uint64_t tls_bytes(const SessionReport& session, const LegReport& leg, bool c2s) {
  const std::uint64_t all = c2s ? session.client_to_backend_bytes : session.backend_to_client_bytes;
  if (!leg.capture || leg.capture->before_tls.empty()) return all;
  const std::uint64_t before = c2s ? leg.capture->c2s_before_tls : leg.capture->s2c_before_tls;
  if ((c2s ? leg.raw_c2s : leg.raw_s2c).empty()) return 0;
  return all - std::min(all, before);
}

const StreamMarks* marks(const LegReport& leg, bool c2s) {
  if (!leg.capture) return nullptr;
  const auto& found = c2s ? leg.capture->c2s_marks : leg.capture->s2c_marks;
  return found ? &*found : nullptr;
}

std::optional<Alteration> alteration_of_raw(const Way& way) {
  const std::string& sent = way.raw_sent();
  const std::string& got = way.raw_got();
  const std::size_t common = std::min(sent.size(), got.size());
  const auto at =
      std::mismatch(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(common), got.begin());
  if (at.first == sent.begin() + static_cast<std::ptrdiff_t>(common)) return std::nullopt;
  const auto first = static_cast<std::uint64_t>(at.first - sent.begin()) / 2;
  return Alteration{first, first, true};
}

std::optional<Alteration> alteration_of_marks(const Way& way) {
  const StreamMarks* sent = way.marks_sent();
  const StreamMarks* got = way.marks_got();
  if (sent == nullptr || got == nullptr) return std::nullopt;
  const std::size_t common = std::min(sent->beginnings.size(), got->beginnings.size());
  const auto position = [](std::size_t count) {
    return count == 0 ? 0 : stream_mark_position(count - 1);
  };
  for (std::size_t i = 0; i < common; ++i)
    if (sent->beginnings[i] != got->beginnings[i])
      return Alteration{position(i), position(i + 1) - 1, false};
  if (sent->bytes == got->bytes && sent->bytes > 0 && sent->all != got->all)
    return Alteration{position(common), sent->bytes - 1, false};
  return std::nullopt;
}

/// The records of both ends' ledgers, where nothing better is known.
std::optional<Alteration> alteration_of_records(const Way& way) {
  const auto of = [&way](const LegReport& leg) {
    std::vector<RecordRow> rows;
    std::copy_if(leg.records.begin(), leg.records.end(), std::back_inserter(rows),
                 [&way](const RecordRow& row) { return row.c2s == way.c2s; });
    return rows;
  };
  const std::vector<RecordRow> sent = of(*way.sent);
  const std::vector<RecordRow> got = of(*way.got);
  std::uint64_t position = 0;
  for (std::size_t i = 0; i < std::min(sent.size(), got.size()); ++i) {
    const bool same = sent[i].content_type == got[i].content_type &&
                      sent[i].version == got[i].version && sent[i].length == got[i].length;
    const std::uint64_t length = kRecordHeaderBytes + sent[i].length;
    if (!same) return Alteration{position, position + length - 1, false};
    position += length;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(MatchedBy matched_by) {
  switch (matched_by) {
    case MatchedBy::client_random:
      return "client-random";
    case MatchedBy::name_and_time:
      return "name-and-time";
    case MatchedBy::order:
      break;
  }
  return "order";
}

const LegReport* end_leg(const SessionReport& session) {
  if (session.client_leg || session.backend_leg || !session.direct_leg) return nullptr;
  return &*session.direct_leg;
}

/// RFC 8446 4.1.2: the random stands behind the record's header (5 bytes), the message's (4) and
/// the version (2).
std::string client_random(const LegReport& leg) {
  if (leg.client_hello) return leg.client_hello->random;
  constexpr std::size_t kBegin = 2 * 11;
  constexpr std::size_t kLength = 2 * 32;
  const std::string& raw = leg.raw_c2s;
  const bool hello =
      raw.size() >= kBegin + kLength && raw.starts_with("16") && raw.compare(10, 2, "01") == 0;
  return hello ? raw.substr(kBegin, kLength) : std::string();
}

TwoEnds::TwoEnds(const SessionReport& client_end, const SessionReport& server_end, MatchedBy why)
    : client_session(client_end),
      server_session(server_end),
      client(*end_leg(client_end)),
      server(*end_leg(server_end)),
      matched_by(why),
      offset(find_offset(*this)) {}

std::uint64_t Way::bytes_sent() const { return tls_bytes(*sent_session, *sent, c2s); }
std::uint64_t Way::bytes_got() const { return tls_bytes(*got_session, *got, c2s); }
const StreamMarks* Way::marks_sent() const { return marks(*sent, c2s); }
const StreamMarks* Way::marks_got() const { return marks(*got, c2s); }
bool Way::gap() const { return lost(*sent, c2s) > 0 || lost(*got, c2s) > 0; }

std::vector<Way> ways(const TwoEnds& ends) {
  return {{true, "client", "backend", kClientEnd, kServerEnd, &ends.client_session,
           &ends.server_session, &ends.client, &ends.server},
          {false, "backend", "client", kServerEnd, kClientEnd, &ends.server_session,
           &ends.client_session, &ends.server, &ends.client}};
}

bool is_comparable(const Way& way) {
  const auto begins = [](const LegReport& leg) {
    return !leg.capture || !leg.capture->start_missing;
  };
  return begins(*way.sent) && begins(*way.got);
}

std::optional<Alteration> find_alteration(const Way& way) {
  if (!is_comparable(way)) return std::nullopt;
  if (const auto raw = alteration_of_raw(way)) return raw;
  auto found = alteration_of_marks(way);
  if (!found) return alteration_of_records(way);
  // What lies in both raw parts is the same.
  const std::uint64_t same = std::min(way.raw_sent().size(), way.raw_got().size()) / 2;
  found->first = std::min(std::max(found->first, same), found->last);
  return found;
}

const EventReport* tcp_close(const LegReport& leg, std::string_view by) {
  const auto found =
      std::find_if(leg.events.begin(), leg.events.end(), [by](const EventReport& event) {
        return event.kind == "close" && event.sender == by &&
               (event.what == "fin" || event.what == "rst");
      });
  return found == leg.events.end() ? nullptr : &*found;
}

std::optional<std::int64_t> started_us(const SessionReport& session) {
  const auto seconds = parse_time(session.started);
  if (!seconds) return std::nullopt;
  std::int64_t us = *seconds * 1'000'000;
  std::int64_t unit = 100'000;
  const std::size_t dot = session.started.find('.');
  if (dot == std::string::npos) return us;
  for (std::size_t i = dot + 1; i < session.started.size() && unit > 0; ++i, unit /= 10) {
    if (session.started[i] < '0' || session.started[i] > '9') break;
    us += unit * (session.started[i] - '0');
  }
  return us;
}

std::int64_t seen_until_us(const SessionReport& session, const LegReport& leg) {
  const auto duration = static_cast<std::int64_t>(session.duration_ms * 1e3);
  return duration + (leg.capture ? leg.capture->silent_us : 0);
}

std::optional<std::int64_t> at_receiver(const TwoEnds& ends, const Way& way, std::int64_t at_us) {
  const auto from = started_us(*way.sent_session);
  const auto to = started_us(*way.got_session);
  if (!ends.offset || !from || !to) return std::nullopt;
  const std::int64_t offset = way.c2s ? ends.offset->us : -ends.offset->us;
  return *from + at_us + offset - *to;
}

std::optional<std::int64_t> at_sender(const TwoEnds& ends, const Way& way, std::int64_t at_us) {
  const auto from = started_us(*way.got_session);
  const auto to = started_us(*way.sent_session);
  if (!ends.offset || !from || !to) return std::nullopt;
  const std::int64_t offset = way.c2s ? ends.offset->us : -ends.offset->us;
  return *from + at_us - offset - *to;
}

std::int64_t sent_at(const Way& way, std::uint64_t byte) {
  std::uint64_t end = 0;
  for (const RecordRow& row : way.sent->records) {
    if (row.c2s != way.c2s) continue;
    end += kRecordHeaderBytes + row.length;
    if (byte < end) return row.t_us;
  }
  return static_cast<std::int64_t>(way.sent_session->duration_ms * 1e3);
}

std::int64_t patience_us(const TwoEnds& ends) {
  constexpr std::int64_t kOnTheWayUs = 2'000'000;
  return kOnTheWayUs + (ends.offset ? ends.offset->uncertain_us : 0);
}

bool is_refused(const TwoEnds& ends) {
  const auto failed = [](const SessionReport& session) {
    return session.verdict.direct == "failed" || end_leg(session)->outcome == "failed";
  };
  return failed(ends.client_session) || failed(ends.server_session);
}

std::uint64_t hello_end(const std::string& raw) {
  const auto byte = [&raw](std::size_t at) {
    return std::stoul(raw.substr(2 * at, 2), nullptr, 16);
  };
  constexpr std::size_t kHeaders = kRecordHeaderBytes + 4;
  if (raw.size() < 2 * kHeaders || byte(0) != 22) return 0;
  const std::uint64_t record = (byte(3) << 8) + byte(4);
  const std::uint64_t message = 4 + (byte(6) << 16) + (byte(7) << 8) + byte(8);
  if (record == 0) return 0;
  // A message may go over several records: as many headers more, when they are all as long.
  return message + kRecordHeaderBytes * ((message + record - 1) / record);
}

bool shows_all_sent(const LegReport& leg, bool c2s) {
  if (lost(leg, c2s) > 0 || (leg.capture && leg.capture->start_missing)) return false;
  const StreamMarks* seen = marks(leg, c2s);
  return seen == nullptr || !seen->more_acknowledged;
}

bool shows_sender_until(const TwoEnds& ends, const Way& way, std::int64_t at_us) {
  if (!shows_all_sent(*way.sent, way.c2s)) return false;
  // Of a stream that is over all is there.
  if (tcp_close(*way.sent, way.sender) != nullptr) return true;
  const EventReport* answer = tcp_close(*way.sent, way.receiver);
  const EventReport* made = tcp_close(*way.got, way.receiver);
  if (answer != nullptr && answer->what == "rst") return true;
  // The sender may go on after the other's FIN; but what that one saw before it came before it.
  if (answer != nullptr && made != nullptr && made->t_us >= at_us) return true;
  const auto at = at_sender(ends, way, at_us);
  return at && seen_until_us(*way.sent_session, *way.sent) >= *at + patience_us(ends);
}

}  // namespace visavis::inspect

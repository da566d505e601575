#include "inspect/experiment/end_matching.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace visavis::inspect {
namespace {

using Sessions = std::vector<SessionReport>;
using Places = std::vector<std::size_t>;

/// Who ends TLS on the way begins his own connection while the client waits for its answer.
constexpr std::int64_t kKnownClockToleranceUs = 100'000;
/// Two captures of one machine, or of two whose clocks are kept.
constexpr std::int64_t kSameClockToleranceUs = 50'000;
/// Clocks that nobody keeps, but that were set once.
constexpr std::int64_t kToldToleranceUs = 2'000'000;
/// Times are whole microseconds.
constexpr std::int64_t kRoundingUs = 2;

std::string wanted_name(const SessionReport& session) {
  const LegReport* leg = end_leg(session);
  const bool named = leg != nullptr && leg->client_hello && leg->client_hello->sni;
  return named ? *leg->client_hello->sni : std::string();
}

/// The server's random; empty: it is not known.
std::string server_random(const SessionReport& session) {
  const LegReport* leg = end_leg(session);
  return leg != nullptr && leg->server_hello ? leg->server_hello->random : std::string();
}

/// Who makes its own TLS on the way mostly shows the client its own certificate: one that is the
/// same at both ends is that of two connections to one server, unless somebody knows better.
bool same_certificate(const SessionReport& a, const SessionReport& b) {
  const LegReport* one = end_leg(a);
  const LegReport* other = end_leg(b);
  return one != nullptr && other != nullptr && !one->certificates.empty() &&
         !other->certificates.empty() &&
         one->certificates.front().sha256 == other->certificates.front().sha256;
}

/// SameRandom is the sessions of both ends that have one client's random. Mostly that is one and
/// one; but a hello that is sent again, or a client without a good source of randoms, has more.
struct SameRandom {
  Places client;
  Places server;
};

/// The server's random tells them apart. Where none is the same, the first is the first, if both
/// captures show as many; where one is, what is left is taken for others that one end lacks.
void pair_up(const Sessions& client_end, const Sessions& server_end, SameRandom same,
             EndMatches& matches) {
  const auto add = [&matches](std::size_t c, std::size_t s) {
    matches.pairs.push_back({c, s, MatchedBy::client_random});
  };
  const std::size_t before = matches.pairs.size();
  std::erase_if(same.client, [&](std::size_t c) {
    const std::string random = server_random(client_end[c]);
    const auto found = std::find_if(same.server.begin(), same.server.end(), [&](std::size_t s) {
      return !random.empty() && server_random(server_end[s]) == random;
    });
    if (found == same.server.end()) return false;
    add(c, *found);
    same.server.erase(found);
    return true;
  });
  const bool told_apart = matches.pairs.size() > before;
  const bool as_many = same.client.size() == same.server.size();
  for (std::size_t i = 0; i < same.client.size(); ++i) {
    const std::size_t c = same.client[i];
    const bool fits = as_many && (!told_apart || server_random(client_end[c]).empty() ||
                                  server_random(server_end[same.server[i]]).empty());
    if (fits)
      add(c, same.server[i]);
    else
      matches.client_only.push_back(c);
  }
}

EndMatches match_by_random(const Sessions& client_end, const Sessions& server_end) {
  const auto random_of = [](const SessionReport& session) {
    const LegReport* leg = end_leg(session);
    return leg != nullptr ? client_random(*leg) : std::string();
  };
  std::map<std::string, SameRandom> by_random;
  for (std::size_t c = 0; c < client_end.size(); ++c)
    by_random[random_of(client_end[c])].client.push_back(c);
  for (std::size_t s = 0; s < server_end.size(); ++s)
    by_random[random_of(server_end[s])].server.push_back(s);
  EndMatches matches;
  matches.client_only = std::move(by_random[""].client);
  by_random.erase("");
  for (auto& [random, same] : by_random) pair_up(client_end, server_end, std::move(same), matches);
  std::sort(matches.client_only.begin(), matches.client_only.end());
  std::set<std::size_t> taken;
  for (const EndPair& pair : matches.pairs) taken.insert(pair.server);
  for (std::size_t s = 0; s < server_end.size(); ++s)
    if (!taken.contains(s)) matches.server_only.push_back(s);
  return matches;
}

/// Guess looks for the other end of what no random matches.
class Guess {
 public:
  Guess(const Sessions& client_end, const Sessions& server_end, bool told, EndMatches& matches)
      : client_end_(client_end), server_end_(server_end), told_(told), matches_(matches) {
    for (const EndPair& pair : matches.pairs) {
      untouched_.insert(wanted_name(client_end[pair.client]));
      const TwoEnds ends(client_end[pair.client], server_end[pair.server], pair.matched_by);
      if (ends.offset) offset_us_ = ends.offset->us;
    }
  }

  void by_time() {
    std::vector<EndPair> found;
    for (const std::size_t c : matches_.client_only) {
      const Places fitting = fits_of(c);
      if (fitting.size() != 1) continue;
      const std::size_t s = fitting.front();
      const auto others = std::count_if(matches_.client_only.begin(), matches_.client_only.end(),
                                        [&](std::size_t other) { return fits(other, s); });
      if (others == 1) found.push_back({c, s, MatchedBy::name_and_time});
    }
    take(found);
  }

  /// As many for one name at both ends: the first is the first.
  void by_order() {
    std::map<std::string, std::pair<Places, Places>> by_name;
    for (const std::size_t c : matches_.client_only)
      if (is_candidate(client_end_[c])) by_name[wanted_name(client_end_[c])].first.push_back(c);
    for (const std::size_t s : matches_.server_only)
      if (is_candidate(server_end_[s])) by_name[wanted_name(server_end_[s])].second.push_back(s);
    std::vector<EndPair> found;
    for (const auto& [name, places] : by_name) {
      if (places.first.size() != places.second.size()) continue;
      for (std::size_t i = 0; i < places.first.size(); ++i)
        found.push_back({places.first[i], places.second[i], MatchedBy::order});
    }
    take(found);
  }

 private:
  /// A hello that another one of the same name shows to pass untouched is not made anew.
  [[nodiscard]] bool is_candidate(const SessionReport& session) const {
    const LegReport* leg = end_leg(session);
    return leg != nullptr && leg->client_hello && (told_ || leg->capture) &&
           !untouched_.contains(wanted_name(session));
  }
  [[nodiscard]] bool fits(std::size_t c, std::size_t s) const {
    const SessionReport& client = client_end_[c];
    const SessionReport& server = server_end_[s];
    if (!is_candidate(client) || !is_candidate(server)) return false;
    if (wanted_name(client) != wanted_name(server)) return false;
    if (!told_ && same_certificate(client, server)) return false;
    const auto client_start = started_us(client);
    const auto server_start = started_us(server);
    if (!client_start || !server_start) return false;
    const std::int64_t tolerance = offset_us_ ? kKnownClockToleranceUs
                                   : told_    ? kToldToleranceUs
                                              : kSameClockToleranceUs;
    const std::int64_t at = *server_start - offset_us_.value_or(0) - *client_start;
    return at >= -tolerance &&
           at <= static_cast<std::int64_t>(client.duration_ms * 1e3) + tolerance;
  }
  [[nodiscard]] Places fits_of(std::size_t c) const {
    Places fitting;
    std::copy_if(matches_.server_only.begin(), matches_.server_only.end(),
                 std::back_inserter(fitting), [&](std::size_t s) { return fits(c, s); });
    return fitting;
  }
  void take(const std::vector<EndPair>& found) {
    for (const EndPair& pair : found) {
      std::erase(matches_.client_only, pair.client);
      std::erase(matches_.server_only, pair.server);
      matches_.pairs.push_back(pair);
    }
  }

  const Sessions& client_end_;
  const Sessions& server_end_;
  bool told_;
  EndMatches& matches_;
  std::set<std::string> untouched_;  // names for which a random was the same at both ends
  std::optional<std::int64_t> offset_us_;
};

/// How long the answer to the hello took at this end.
std::optional<std::int64_t> answer_us(const LegReport& leg) {
  const EventReport* asked = first_event(leg, "message", "ClientHello");
  const EventReport* answered = first_event(leg, "message", "ServerHello");
  if (asked == nullptr || answered == nullptr) return std::nullopt;
  return answered->t_us - asked->t_us;
}

}  // namespace

EndMatches match_ends(const Sessions& client_end, const Sessions& server_end, bool told) {
  EndMatches matches = match_by_random(client_end, server_end);
  Guess guess(client_end, server_end, told, matches);
  guess.by_time();
  if (told) guess.by_order();
  std::sort(matches.pairs.begin(), matches.pairs.end(),
            [](const EndPair& a, const EndPair& b) { return a.client < b.client; });
  return matches;
}

bool are_swapped(const Sessions& first, const Sessions& second, const EndMatches& matches) {
  // Each end's answer lies within the other's, capturing adds to the client's end and takes from
  // the server's: the sum can't be the other way round.
  std::int64_t longer_us = 0;
  for (const EndPair& pair : matches.pairs) {
    const auto here = answer_us(*end_leg(first[pair.client]));
    const auto there = answer_us(*end_leg(second[pair.server]));
    if (pair.matched_by != MatchedBy::client_random || !here || !there) continue;
    // Who answers on the way himself is quicker than the server, and slower, as he likes.
    if (server_random(first[pair.client]) != server_random(second[pair.server])) continue;
    longer_us += *there - *here - kRoundingUs;
  }
  return longer_us > 0;
}

}  // namespace visavis::inspect

#include "inspect/experiment/end_comparison.h"

#include <algorithm>
#include <iterator>

#include "inspect/compare/headline.h"
#include "inspect/experiment/missing_bytes.h"
#include "inspect/findings/end_findings.h"

namespace visavis::inspect {
namespace {

using Value = std::optional<std::string>;

/// What is laid side by side of both ends; an outcome decides, the others are worth a look.
struct EndAspect {
  std::string_view name;
  Value (*value)(const SessionReport& session, const LegReport& leg);
};

constexpr std::string_view kOutcome = "outcome";

Value outcome(const SessionReport& session, const LegReport& /*leg*/) {
  if (session.verdict.direct == "unknown") return std::nullopt;
  return session.verdict.direct == "ok" ? "works" : "fails";
}
Value addresses(const SessionReport& /*session*/, const LegReport& leg) {
  return leg.from + " to " + leg.to;
}
Value hello(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.client_hello) return std::nullopt;
  return leg.client_hello->ja4;
}
Value random(const SessionReport& /*session*/, const LegReport& leg) {
  const std::string hex = client_random(leg);
  if (hex.empty()) return std::nullopt;
  return hex.substr(0, 16) + "...";
}
Value segments(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.client_hello || !leg.client_hello->segments_exact) return std::nullopt;
  std::string text;
  for (const std::uint32_t size : leg.client_hello->segments)
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text;
}
Value server_random(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.server_hello) return std::nullopt;
  return leg.server_hello->random.substr(0, 16) + "...";
}
Value version(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.server_hello) return std::nullopt;
  return leg.server_hello->version.name.str();
}
Value suite(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.server_hello) return std::nullopt;
  return leg.server_hello->cipher.name.str();
}
Value certificate(const SessionReport& /*session*/, const LegReport& leg) {
  if (leg.certificates.empty()) return std::nullopt;
  return leg.certificates.front().subject + " by " + leg.certificates.front().issuer;
}
Value before_tls(const SessionReport& /*session*/, const LegReport& leg) {
  if (!leg.capture) return std::nullopt;
  return leg.capture->before_tls.empty() ? "nothing" : leg.capture->before_tls;
}

constexpr EndAspect kEndAspects[] = {
    {kOutcome, outcome},
    {"addresses", addresses},
    {"before TLS", before_tls},
    {"client's hello", hello},
    {"client's random", random},
    {"hello's segments", segments},
    {"server's random", server_random},
    {"version", version},
    {"suite", suite},
    {"certificate", certificate},
};

std::vector<DifferenceReport> differences_of(const TwoEnds& ends) {
  std::vector<DifferenceReport> differences;
  const auto add = [&differences](std::string_view aspect, const Value& client,
                                  const Value& server) {
    if (!client || !server || *client == *server) return;
    differences.push_back(
        {std::string(aspect),
         {{std::string(kClientEndRun), client}, {std::string(kServerEndRun), server}}});
  };
  for (const EndAspect& aspect : kEndAspects)
    add(aspect.name, aspect.value(ends.client_session, ends.client),
        aspect.value(ends.server_session, ends.server));
  for (const Way& way : ways(ends)) {
    const std::uint64_t at_client = way.c2s ? way.bytes_sent() : way.bytes_got();
    const std::uint64_t at_server = way.c2s ? way.bytes_got() : way.bytes_sent();
    add("bytes from the " + std::string(way.sender), std::to_string(at_client),
        std::to_string(at_server));
  }
  return differences;
}

bool has(const std::vector<FindingReport>& findings, const FindingReport& wanted) {
  return std::any_of(findings.begin(), findings.end(), [&wanted](const FindingReport& each) {
    return each.id == wanted.id && each.side == wanted.side;
  });
}

/// What the ends' own sessions blame on a party was the way's doing where that changed something.
std::vector<FindingReport> findings_of(const TwoEnds& ends) {
  std::vector<FindingReport> findings = diagnose_two_ends(ends);
  const bool changed =
      std::any_of(findings.begin(), findings.end(),
                  [](const FindingReport& finding) { return finding.severity != severity::kInfo; });
  if (changed) return findings;
  for (const SessionReport* session : {&ends.client_session, &ends.server_session})
    for (const FindingReport& finding : session->findings)
      if (!has(findings, finding)) findings.push_back(finding);
  return findings;
}

/// Both captures show all of the connection: then that nothing differs is certain.
bool shows_all(const LegReport& leg) {
  return leg.capture && !leg.capture->gap() && !leg.capture->end_missing &&
         leg.capture->c2s_marks && leg.capture->s2c_marks;
}

std::string dot(std::string text) {
  if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
  return text;
}

std::string one_end_fails(const std::string& fails, const std::string& works,
                          const SessionReport& session) {
  return "It fails at the " + fails + "'s end and works at the " + works +
         "'s, and nothing is seen that was changed on the way: " + dot(session.verdict.headline);
}

VerdictReport verdict_of(const TwoEnds& ends, const std::vector<FindingReport>& findings) {
  VerdictReport verdict;
  verdict.direct_known_by = "passthrough";
  const std::string& client = ends.client_session.verdict.direct;
  const std::string& server = ends.server_session.verdict.direct;
  verdict.direct = client == "failed" || server == "failed" ? "failed"
                   : client == "ok" && server == "ok"       ? "ok"
                                                            : "unknown";
  verdict.verdict_class = verdict.direct == "failed" ? "fails-direct"
                          : verdict.direct == "ok"   ? "healthy"
                                                     : "unknown";
  if (verdict.direct == "unknown") verdict.direct_known_by = "none";
  const auto changed =
      std::find_if(findings.begin(), findings.end(), [](const FindingReport& finding) {
        return finding.side == side::kNetwork && finding.severity != severity::kInfo;
      });
  const bool harmed = changed != findings.end() &&
                      ((changed->id == "bytes-altered" && changed->severity == severity::kError) ||
                       (changed->id == "bytes-lost" && changed->confidence == confidence::kProven));
  if (harmed && verdict.direct == "ok") {
    verdict.direct = "failed";
    verdict.verdict_class = "fails-direct";
  }
  const bool whole = shows_all(ends.client) && shows_all(ends.server);
  const auto missing = find_missing_bytes(ends);
  const bool waited = missing && missing->waited_us && *missing->waited_us >= patience_us(ends);
  if (waited && verdict.direct == "ok") {
    verdict.direct = "unknown";
    verdict.direct_known_by = "none";
    verdict.verdict_class = "unknown";
  }
  if (changed != findings.end()) {
    verdict.headline = dot(capitalized(told(*changed)));
  } else if (client == "failed" && server == "ok") {
    verdict.headline = one_end_fails("client", "server", ends.client_session);
  } else if (client == "ok" && server == "failed") {
    verdict.headline = one_end_fails("server", "client", ends.server_session);
  } else if (verdict.direct == "failed") {
    verdict.headline = std::string(whole ? "Both ends show the same"
                                         : "Both ends show the same, as far as the captures go") +
                       ", so it is not the way between them: " +
                       (findings.empty() ? dot(ends.client_session.verdict.headline)
                                         : dot(capitalized(told(findings.front()))));
  } else {
    verdict.headline = missing ? text(*missing, waited)
                       : whole ? "Both ends show the same: nothing on the way changed it."
                               : "Both ends show the same, as far as the captures go.";
  }
  return verdict;
}

RunReport run_of(const SessionReport& session, std::string_view name) {
  RunReport run;
  run.name = name;
  run.mode = session.mode;
  run.sessions = 1;
  run.ok = session.verdict.direct != "failed";
  run.result = session.verdict.direct == "ok" ? "works" : session.verdict.headline;
  run.session = session;
  return run;
}

/// Which of several connections tells most: the one that fails by something on the way.
int weight(const ConnectionReport& connection) {
  int weight = connection.verdict.direct == "failed" ? 1 : 0;
  for (const FindingReport& finding : connection.findings) {
    const int heavy = finding.severity == severity::kError     ? 4
                      : finding.severity == severity::kWarning ? 2
                                                               : 0;
    weight = std::max(weight, heavy + (finding.side == side::kNetwork ? 2 : 0));
  }
  return weight;
}

UnmatchedReport unmatched(const SessionReport& session, std::string_view end) {
  return {std::string(end), session.id, session.client, session.backend, session.sni};
}

/// Of several connections the headline says how many are like the one that it is about.
void count_connections(ComparisonReport& comparison) {
  const std::size_t count = comparison.connections.size();
  if (count < 2) return;
  const auto worse =
      std::count_if(comparison.connections.begin(), comparison.connections.end(),
                    [](const ConnectionReport& connection) { return weight(connection) > 0; });
  comparison.verdict.headline +=
      worse == 0 ? " So it is with all " + std::to_string(count) + " connections."
                 : " Of " + std::to_string(count) + " connections " + std::to_string(worse) +
                       (worse == 1 ? " fails or has a finding." : " fail or have findings.");
}

}  // namespace

void compare_ends(std::vector<SessionReport> client_end, std::vector<SessionReport> server_end,
                  const EndMatches& matches, ComparisonReport& comparison) {
  std::vector<EndPair> pairs = matches.pairs;
  std::size_t leading = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const EndPair& pair = pairs[i];
    const TwoEnds ends(client_end[pair.client], server_end[pair.server], pair.matched_by);
    ConnectionReport connection;
    connection.client_end = ends.client_session.id;
    connection.server_end = ends.server_session.id;
    connection.matched_by = name(pair.matched_by);
    if (ends.offset) connection.clock_offset_ms = static_cast<double>(ends.offset->us) / 1e3;
    connection.differences = differences_of(ends);
    connection.findings = findings_of(ends);
    connection.verdict = verdict_of(ends, connection.findings);
    comparison.connections.push_back(std::move(connection));
    if (weight(comparison.connections[i]) > weight(comparison.connections[leading])) leading = i;
  }
  for (const std::size_t c : matches.client_only)
    comparison.unmatched.push_back(unmatched(client_end[c], kClientEndRun));
  for (const std::size_t s : matches.server_only)
    comparison.unmatched.push_back(unmatched(server_end[s], kServerEndRun));
  if (pairs.empty()) {
    comparison.verdict.headline =
        "Nothing can be compared: no connection is in both captures, by the client's random, the "
        "server's name or the time.";
    return;
  }
  comparison.runs = {run_of(client_end[pairs[leading].client], kClientEndRun),
                     run_of(server_end[pairs[leading].server], kServerEndRun)};
  auto& all = comparison.connections;
  std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(leading),
              all.begin() + static_cast<std::ptrdiff_t>(leading) + 1);
  comparison.differences = all.front().differences;
  comparison.findings = all.front().findings;
  comparison.verdict = all.front().verdict;
  count_connections(comparison);
}

bool ends_fail(const ComparisonReport& comparison) {
  return std::any_of(
      comparison.connections.begin(), comparison.connections.end(),
      [](const ConnectionReport& connection) {
        const auto is_error = [](const FindingReport& finding) {
          return finding.severity == severity::kError;
        };
        const auto decides = [](const DifferenceReport& difference) {
          return difference.aspect == kOutcome;
        };
        return std::any_of(connection.findings.begin(), connection.findings.end(), is_error) ||
               std::any_of(connection.differences.begin(), connection.differences.end(), decides);
      });
}

}  // namespace visavis::inspect

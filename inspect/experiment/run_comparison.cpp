#include "inspect/experiment/run_comparison.h"

#include <algorithm>

#include "inspect/compare/headline.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/experiment/run_aspects.h"
#include "inspect/findings/record_split_intolerance.h"

namespace visavis::inspect {
namespace {

/// Of the session alone: what went wrong, as far as it can be told; empty: nothing.
std::string session_failure(const SessionReport& session) {
  const VerdictReport& verdict = session.verdict;
  const bool failed =
      verdict.proxied == "failed" || (verdict.proxied == "none" && verdict.direct == "failed");
  return failed ? verdict.headline : std::string();
}

/// What the command's end says; a session that did not fail may still not be what it wanted.
std::string command_failure(const RunReport& run) {
  if (run.problem) return *run.problem;
  if (run.exit_code.value_or(0) != 0)
    return "the command ended with exit code " + std::to_string(*run.exit_code);
  return {};
}

/// A trial has no client behind it: what counts is the backend's first flight, or the handshake of
/// our own library. Empty: it came about.
std::string first_flight_failure(const RunReport& run) {
  const SessionReport& session = *run.session;
  if (session.twin) return session.twin->result == "failed" ? session.twin->why : std::string();
  const auto& leg = session.backend_leg;
  if (!leg) return "no connection";
  return leg->outcome == "established" ? std::string() : describe_leg_failure(*leg, "backend");
}

/// A client that ends well had what it came for, whatever an alert or a reset said at the end.
bool works(const RunReport& run, bool has_command) {
  if (!run.session) return false;
  if (run.mode == kTrialMode) return first_flight_failure(run).empty();
  return has_command ? command_failure(run).empty() : session_failure(*run.session).empty();
}

std::string result_of(const RunReport& run, bool has_command) {
  if (run.mode == kTrialMode)
    return !run.ok             ? first_flight_failure(run)
           : run.session->twin ? run.session->twin->why
                               : "the handshake comes about";
  const std::string by_command = has_command ? command_failure(run) : std::string();
  if (run.ok) return "works";
  if (!run.session) return by_command.empty() ? "no connection" : by_command;
  const std::string by_session = session_failure(*run.session);
  return by_session.empty() ? by_command : by_session;
}

/// Of the runs that show anything.
bool alike(const std::vector<DifferenceReport::Value>& values) {
  const std::string* first = nullptr;
  for (const auto& each : values) {
    if (!each.value) continue;
    if (first != nullptr && *first != *each.value) return false;
    first = &*each.value;
  }
  return true;
}

/// What only one run can show (of a direct TLS 1.3 run neither HTTP nor certificate can be seen) is
/// no difference between them, unless it tells whether they ended alike.
bool comparable(const Aspect& aspect, const std::vector<DifferenceReport::Value>& values) {
  if (aspect.decides && aspect.name != "HTTP status") return true;
  return std::count_if(values.begin(), values.end(),
                       [](const auto& each) { return each.value.has_value(); }) > 1;
}

std::vector<DifferenceReport> find_differences(const std::vector<RunReport>& runs) {
  std::vector<DifferenceReport> differences;
  if (runs.size() < 2) return differences;
  const bool all_work =
      std::all_of(runs.begin(), runs.end(), [](const RunReport& run) { return run.ok; });
  for (const Aspect& aspect : kAspects) {
    // Who is quicker to close after the last byte is chance.
    if (aspect.of_failure && all_work) continue;
    DifferenceReport difference{std::string(aspect.name), {}};
    for (const RunReport& run : runs) difference.values.push_back({run.name, aspect.value(run)});
    if (!alike(difference.values) && comparable(aspect, difference.values))
      differences.push_back(std::move(difference));
  }
  return differences;
}

const RunReport* find_run(const ComparisonReport& comparison, std::string_view name) {
  const auto found = std::find_if(comparison.runs.begin(), comparison.runs.end(),
                                  [name](const RunReport& run) { return run.name == name; });
  return found == comparison.runs.end() ? nullptr : &*found;
}

std::string class_of(bool direct_works, bool proxied_works) {
  if (direct_works) return proxied_works ? "healthy" : "proxy-introduces";
  return proxied_works ? "proxy-masks" : "fails-both";
}

/// What our leg to the backend did otherwise than the client did directly.
std::string what_changed(const RunReport& run) {
  const SessionReport& session = *run.session;
  std::vector<std::string> changes;
  if (session.split_policy != "keep")
    changes.push_back("the record split (" + session.split_policy + ")");
  if (session.mirror.hello != "mirror")
    changes.push_back("the ClientHello (" + session.mirror.hello + ")");
  for (const UnmirroredFeature& feature : session.mirror.unmirrored) {
    const std::string what = feature.feature.substr(0, feature.feature.find(':'));
    const bool ours = feature.leg == "backend_leg" && what != "alert-after-handshake";
    if (ours && std::find(changes.begin(), changes.end(), what) == changes.end())
      changes.push_back(what);
  }
  std::string text;
  for (std::size_t i = 0; i < changes.size(); ++i)
    text += (i == 0 ? "" : i + 1 == changes.size() ? " and " : ", ") + changes[i];
  return text;
}

std::string masks_headline(const RunReport& run) {
  const std::string changed = run.session ? what_changed(run) : std::string();
  return "It fails directly and works through the proxy" +
         (changed.empty() ? std::string(".") : ", which changed " + changed + ".");
}

/// The direct run settles what the session of a proxied run could not know.
void settle(RunReport& run, const RunReport& direct) {
  if (!run.session || !run.session->client_leg || run.mode == kTrialMode) return;
  VerdictReport& verdict = run.session->verdict;
  verdict.direct = direct.ok ? "ok" : "failed";
  verdict.direct_known_by = "passthrough";
  verdict.verdict_class = class_of(direct.ok, verdict.proxied == "ok");
  verdict.headline = verdict.verdict_class == "proxy-masks" ? masks_headline(run)
                                                            : headline(*run.session, verdict, {});
}

bool has(const std::vector<FindingReport>& findings, const FindingReport& wanted) {
  return std::any_of(findings.begin(), findings.end(), [&](const FindingReport& each) {
    return each.id == wanted.id && each.side == wanted.side;
  });
}

/// A split that failed where the same client's request went through without it.
std::optional<FindingReport> find_split_intolerance(const ComparisonReport& comparison) {
  for (const RunReport& failed : comparison.runs)
    for (const RunReport& worked : comparison.runs) {
      if (failed.ok || !worked.ok || !failed.session || !worked.session) continue;
      if (auto finding = prove_record_split_intolerance(*failed.session, *worked.session))
        return finding;
    }
  return std::nullopt;
}

/// The findings of the runs that speak for direct and proxied, each cause once; what several runs
/// prove stands before, and instead of, what one of them made likely.
std::vector<FindingReport> collect_findings(const ComparisonReport& comparison) {
  std::vector<FindingReport> findings;
  if (auto proven = find_split_intolerance(comparison)) findings.push_back(std::move(*proven));
  for (const RunReport& run : comparison.runs) {
    const bool speaks =
        run.name == kDirectRun || run.name == kProxiedRun || comparison.runs.size() == 2;
    if (!run.session || !speaks) continue;
    for (const FindingReport& finding : run.session->findings)
      if (!has(findings, finding)) findings.push_back(finding);
  }
  return findings;
}

const FindingReport* leading(const std::vector<FindingReport>& findings) {
  const auto error = std::find_if(findings.begin(), findings.end(), [](const FindingReport& each) {
    return each.severity == "error";
  });
  return error == findings.end() ? nullptr : &*error;
}

std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
  return text;
}

/// The policy that helps where the client's own way does not.
const RunReport* helping_run(const ComparisonReport& comparison) {
  const auto found =
      std::find_if(comparison.runs.begin(), comparison.runs.end(), [](const RunReport& run) {
        return run.ok && run.name != kDirectRun && run.name != kProxiedRun;
      });
  return found == comparison.runs.end() ? nullptr : &*found;
}

std::string fails_both_headline(const ComparisonReport& comparison, const RunReport& direct,
                                const RunReport& proxied) {
  const FindingReport* cause = leading(comparison.findings);
  std::string text = "It fails directly and through the proxy alike";
  if (const RunReport* helps = helping_run(comparison)) {
    const std::string changed = what_changed(*helps);
    text += ", and works once the proxy changes " +
            (changed.empty() ? "what it sends (" + helps->name + ")" : changed);
  }
  if (cause != nullptr) return text + ": " + sentence(told(*cause));
  return text + ": " + sentence(direct.session ? direct.result : proxied.result);
}

void judge_pair(ComparisonReport& comparison, const RunReport& direct, const RunReport& proxied) {
  VerdictReport& verdict = comparison.verdict;
  verdict.direct = direct.ok ? "ok" : "failed";
  verdict.proxied = proxied.ok ? "ok" : "failed";
  verdict.direct_known_by = direct.mode == kTrialMode ? "twin" : "passthrough";
  verdict.verdict_class = class_of(direct.ok, proxied.ok);
  const FindingReport* cause = leading(comparison.findings);
  if (verdict.verdict_class == "healthy")
    verdict.headline = "It works directly and through the proxy alike.";
  else if (verdict.verdict_class == "fails-both")
    verdict.headline = fails_both_headline(comparison, direct, proxied);
  else if (verdict.verdict_class == "proxy-masks")
    verdict.headline = masks_headline(proxied) + (cause ? " " + sentence(told(*cause)) : "");
  else
    verdict.headline =
        "It works directly and fails through the proxy, which is the proxy's doing: " +
        sentence(proxied.result);
}

/// A run without a connection says nothing of the direct connection, nor of the proxied one.
bool judgeable(const RunReport* run) { return run != nullptr && run->session.has_value(); }

void judge(ComparisonReport& comparison) {
  const RunReport* direct = find_run(comparison, kDirectRun);
  const RunReport* proxied = find_run(comparison, kProxiedRun);
  if (judgeable(direct) && judgeable(proxied)) return judge_pair(comparison, *direct, *proxied);
  comparison.verdict.headline =
      runs_differ(comparison) ? "The sessions do not end alike" : "The sessions end alike";
  if (direct != nullptr || proxied != nullptr) {
    const RunReport* missing = judgeable(direct) ? proxied : direct;
    comparison.verdict.headline = "Nothing can be compared: the run '" +
                                  (missing ? missing->name : std::string("proxied")) +
                                  "' made no connection";
    if (missing != nullptr && missing->problem)
      comparison.verdict.headline += ", " + *missing->problem;
  }
  comparison.verdict.headline += '.';
}

}  // namespace

void complete_comparison(ComparisonReport& comparison) {
  const bool has_command = !comparison.command.empty();
  for (RunReport& run : comparison.runs) run.ok = works(run, has_command);
  if (const RunReport* direct = find_run(comparison, kDirectRun); judgeable(direct))
    for (RunReport& run : comparison.runs) settle(run, *direct);
  for (RunReport& run : comparison.runs) run.result = result_of(run, has_command);
  comparison.differences = find_differences(comparison.runs);
  comparison.findings = collect_findings(comparison);
  judge(comparison);
}

bool runs_differ(const ComparisonReport& comparison) {
  return std::any_of(comparison.differences.begin(), comparison.differences.end(),
                     [](const DifferenceReport& difference) {
                       return std::any_of(
                           std::begin(kAspects), std::end(kAspects), [&](const Aspect& aspect) {
                             return aspect.decides && aspect.name == difference.aspect;
                           });
                     });
}

bool client_splits(const SessionReport& session) {
  const LegReport* leg = session.client_leg   ? &*session.client_leg
                         : session.direct_leg ? &*session.direct_leg
                                              : nullptr;
  return leg != nullptr && leg->split_c2s != "none" && leg->split_c2s != "n/a";
}

}  // namespace visavis::inspect

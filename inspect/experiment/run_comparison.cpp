#include "inspect/experiment/run_comparison.h"

#include <algorithm>

#include "inspect/compare/headline.h"
#include "inspect/experiment/run_aspects.h"
#include "inspect/experiment/run_findings.h"
#include "inspect/experiment/run_outcome.h"
#include "inspect/findings/finding.h"
#include "inspect/findings/rank.h"
#include "inspect/findings/rule_table.h"

namespace visavis::inspect {
namespace {

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

std::string class_of(bool direct_works, bool proxied_works) {
  if (direct_works) return proxied_works ? "healthy" : "proxy-introduces";
  return proxied_works ? "proxy-masks" : "fails-both";
}

/// What our leg to the backend did otherwise than the client did directly.
std::vector<std::string> changes_of(const SessionReport& session) {
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
  return changes;
}

/// What was changed in this run, and not in the other one, where there is one.
std::string what_changed(const RunReport& run, const RunReport* other = nullptr) {
  std::vector<std::string> changes = changes_of(*run.session);
  if (other != nullptr && other->session)
    for (const std::string& both : changes_of(*other->session)) std::erase(changes, both);
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

/// A client that gets a refusal as its answer ends well all the same. Where what it got directly
/// can't be seen, nothing is known.
void settle_refusal(RunReport& run, const RunReport& direct) {
  const RefusedBy refused = judge_refusal(run, direct);
  VerdictReport& verdict = run.session->verdict;
  if (refused == RefusedBy::our_limit) {
    run.ok = false;
    verdict.proxied = "failed";
    verdict.verdict_class = "proxy-introduces";
  } else if (refused == RefusedBy::not_known) {
    verdict.direct = "unknown";
    verdict.direct_known_by = "none";
    verdict.verdict_class = "unknown";
  }
}

/// The direct run settles what the session of a proxied run could not know, and what was laid at a
/// party's door by a proxy that could not know it.
void settle(RunReport& run, const RunReport& direct) {
  if (!run.session || !run.session->client_leg || run.mode == kTrialMode) return;
  VerdictReport& verdict = run.session->verdict;
  verdict.direct = direct.ok ? "ok" : "failed";
  verdict.direct_known_by = "passthrough";
  verdict.verdict_class = class_of(direct.ok, verdict.proxied == "ok");
  settle_refusal(run, direct);
  if (direct.ok && !run.ok) {
    run.session->findings = diagnose_session(*run.session);
    rank_findings(*run.session);
  }
  verdict.headline = verdict.verdict_class == "proxy-masks" ? masks_headline(run)
                                                            : headline(*run.session, verdict, {});
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
    const std::string changed = what_changed(*helps, &proxied);
    text += ", and works once the proxy changes " +
            (changed.empty() ? "what it sends (" + helps->name + ")" : changed);
  }
  if (cause != nullptr) return text + ": " + sentence(told(*cause));
  return text + ": " + sentence(direct.session ? direct.result : proxied.result);
}

std::string introduces_headline(const std::vector<FindingReport>& findings,
                                const RunReport& proxied) {
  const auto ours = std::find_if(findings.begin(), findings.end(), [](const FindingReport& each) {
    return each.side == side::kProxy && each.severity != severity::kInfo;
  });
  return "It works directly and fails through the proxy, which is the proxy's doing: " +
         sentence(ours != findings.end() ? told(*ours) : proxied.result);
}

void judge_pair(ComparisonReport& comparison, const RunReport& direct, const RunReport& proxied) {
  VerdictReport& verdict = comparison.verdict;
  verdict.direct = direct.ok ? "ok" : "failed";
  verdict.proxied = proxied.ok ? "ok" : "failed";
  verdict.direct_known_by = direct.mode == kTrialMode ? "twin" : "passthrough";
  verdict.verdict_class = class_of(direct.ok, proxied.ok);
  const FindingReport* cause = leading(comparison.findings);
  if (judge_refusal(proxied, direct) == RefusedBy::not_known) {
    verdict.direct = verdict.verdict_class = "unknown";
    verdict.direct_known_by = "none";
    verdict.headline =
        "The client ends well both ways, but through the proxy the backend refused its request "
        "with an HTTP status, and whether directly too can't be seen: let the client print its "
        "answer, or fail on a refusal (curl --fail).";
  } else if (verdict.verdict_class == "healthy")
    verdict.headline = "It works directly and through the proxy alike.";
  else if (verdict.verdict_class == "fails-both")
    verdict.headline = fails_both_headline(comparison, direct, proxied);
  else if (verdict.verdict_class == "proxy-masks")
    verdict.headline = masks_headline(proxied) + (cause ? " " + sentence(told(*cause)) : "");
  else
    verdict.headline = introduces_headline(comparison.findings, proxied);
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
  for (RunReport& run : comparison.runs) run.ok = run_works(run, has_command);
  if (const RunReport* direct = find_run(comparison, kDirectRun); judgeable(direct))
    for (RunReport& run : comparison.runs) settle(run, *direct);
  for (RunReport& run : comparison.runs) run.result = run_result(run, has_command);
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

#include "inspect/experiment/run_outcome.h"

#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict_facts.h"
#include "inspect/experiment/run_comparison.h"

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

}  // namespace

bool run_works(const RunReport& run, bool has_command) {
  if (!run.session) return false;
  if (run.mode == kTrialMode) return first_flight_failure(run).empty();
  return has_command ? command_failure(run).empty() : session_failure(*run.session).empty();
}

std::string run_result(const RunReport& run, bool has_command) {
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

RefusedBy judge_refusal(const RunReport& proxied, const RunReport& direct) {
  if (!proxied.ok || !direct.ok || !proxied.session) return RefusedBy::nobody;
  const FindingReport* wanted = find_finding(*proxied.session, "client-certificate-wanted");
  if (wanted == nullptr || wanted->side != "proxy") return RefusedBy::nobody;
  if (proxied.output != direct.output) return RefusedBy::our_limit;
  return proxied.output.empty() ? RefusedBy::not_known : RefusedBy::nobody;
}

}  // namespace visavis::inspect

#include "proxy/client_comparison.h"

#include <algorithm>

#include "inspect/experiment/run_comparison.h"
#include "proxy/client_command.h"
#include "proxy/client_words.h"

namespace visavis::proxy {
namespace {

/// Lines of the client's output that a report keeps, and their length.
constexpr std::size_t kMaxOutputLines = 20;
constexpr std::size_t kMaxLineBytes = 300;

/// How long sessions may take to end once their client has: the twin has 5 s of its own.
constexpr Milliseconds kEndPatience{8000};

SplitPolicy split_of(const std::string& word) {
  if (word == "none") return {SplitPolicy::Kind::none};
  if (word == "1/n-1") return {SplitPolicy::Kind::one_n_minus_one};
  if (word == "0/n") return {SplitPolicy::Kind::zero_n};
  return {};
}

ProxyOptions options_of(const inspect::PlannedRun& planned, const ProxyOptions& given) {
  ProxyOptions options = given;
  options.listen = {"127.0.0.1", 0};
  options.mode = planned.passthrough ? Mode::passthrough : Mode::terminate;
  options.split = split_of(planned.split);
  options.twin = TwinPolicy::never;  // the direct run is the stronger evidence
  if (planned.passthrough) options.client_certificate = nullptr;  // the client shows its own
  if (planned.hello != "default") return options;
  options.hello = HelloPolicy::openssl_default;
  options.answer = AnswerPolicy::own;
  return options;
}

std::vector<std::string> first_lines(const std::string& output) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < output.size() && lines.size() < kMaxOutputLines;) {
    const std::size_t end = std::min(output.find_first_of("\r\n", at), output.size());
    if (end > at) lines.push_back(output.substr(at, std::min(end - at, kMaxLineBytes)));
    at = end + 1;
  }
  return lines;
}

/// What a session tells: one that failed tells more than one that worked, one with data more than
/// one without, and of equals the last one.
int weight(const inspect::SessionReport& session) {
  const bool failed = session.verdict.proxied == "failed" || session.verdict.direct == "failed";
  const auto& leg = session.direct_leg ? session.direct_leg : session.client_leg;
  const bool spoke = leg && leg->client_hello.has_value();
  return (spoke ? 4 : 0) + (failed ? 2 : 0) + (session.client_to_backend_bytes > 0 ? 1 : 0);
}

void keep_session(std::vector<inspect::SessionReport> sessions, inspect::RunReport& run) {
  run.sessions = sessions.size();
  for (inspect::SessionReport& session : sessions)
    if (!run.session || weight(session) >= weight(*run.session)) run.session = std::move(session);
}

inspect::RunReport run_once(const inspect::PlannedRun& planned, const ComparisonOptions& options,
                            const SharedParts& parts, bool& interrupted) {
  inspect::RunReport run;
  run.name = planned.name;
  run.mode = planned.passthrough ? "passthrough" : "terminate";
  if (!planned.passthrough) run.split_policy = planned.split;
  RecordedProxy proxy(options_of(planned, options.proxy), parts);
  const ClientPlace place{proxy.address(), options.name, options.ca_file, options.folder};
  const ClientRun client =
      run_client(fill_words(options.command, place), client_environment(place), options.limit);
  run.exit_code = client.exit_code;
  run.output = first_lines(client.output);
  if (!client.problem.empty()) run.problem = client.problem;
  interrupted = client.interrupted;
  keep_session(proxy.finish(interrupted ? Milliseconds(0) : kEndPatience), run);
  if (!run.session && !run.problem)
    run.problem = "'" + options.command.front() +
                  "' made no connection to us: does its command line hold {url}, or {host} and "
                  "{port}?";
  return run;
}

std::string words_of(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

inspect::ComparisonReport compare_client(const ComparisonOptions& options,
                                         const SharedParts& parts) {
  inspect::ComparisonReport comparison;
  comparison.target = to_string(*options.proxy.backend);
  comparison.command = words_of(options.command);
  bool interrupted = false;
  for (const inspect::PlannedRun& planned : inspect::first_runs()) {
    if (interrupted) break;
    comparison.runs.push_back(run_once(planned, options, parts, interrupted));
  }
  for (const inspect::PlannedRun& planned : inspect::further_runs(comparison.runs)) {
    if (interrupted) break;
    comparison.runs.push_back(run_once(planned, options, parts, interrupted));
  }
  inspect::complete_comparison(comparison);
  return comparison;
}

}  // namespace visavis::proxy

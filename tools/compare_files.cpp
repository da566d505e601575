#include "tools/compare_files.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "inspect/experiment/end_comparison.h"
#include "inspect/experiment/run_comparison.h"
#include "inspect/findings/server_name.h"
#include "inspect/report/text_capture.h"
#include "inspect/report/visible_text.h"

namespace visavis::tools {
namespace {

/// A passthrough session and a terminated one speak for the two ways; others for themselves.
std::string run_name(const inspect::SessionReport& session, const inspect::SessionReport& other,
                     const std::string& file) {
  const bool direct = session.mode != "terminate";
  if (direct == (other.mode != "terminate")) return file;
  return std::string(direct ? inspect::kDirectRun : inspect::kProxiedRun);
}

inspect::RunReport saved_run(inspect::SessionReport session, std::string name) {
  inspect::RunReport run;
  run.name = std::move(name);
  run.mode = session.mode;
  if (session.mode == "terminate") run.split_policy = session.split_policy;
  run.sessions = 1;
  run.session = std::move(session);
  return run;
}

bool all_untouched(const SavedSessions& saved) {
  return std::all_of(saved.sessions.begin(), saved.sessions.end(), [](const auto& session) {
    return session.source == "capture" && inspect::end_leg(session) != nullptr;
  });
}

/// The last of each file need not be of one client and one backend.
void warn_of_other_backends(const inspect::SessionReport& one,
                            const inspect::SessionReport& other) {
  const auto port = [](const inspect::SessionReport& session) {
    const std::string& backend = session.backend_address.value_or(session.backend);
    return backend.substr(std::min(backend.rfind(':'), backend.size()));
  };
  const bool other_name = one.sni && other.sni &&
                          inspect::compared_name(*one.sni) != inspect::compared_name(*other.sni);
  if (!other_name && (port(one) == port(other) || port(one).empty() || port(other).empty())) return;
  const auto words = [](const inspect::SessionReport& session) {
    constexpr std::size_t kMost = 200;
    return inspect::visible(
        session.backend + (session.sni ? " (SNI " + *session.sni + ")" : std::string()), kMost);
  };
  spdlog::warn("the two sessions may be of different backends: {}, {}", words(one), words(other));
}

void compare_ways(SavedSessions first, SavedSessions second,
                  inspect::ComparisonReport& comparison) {
  for (const SavedSessions* saved : {&first, &second})
    if (const std::size_t count = saved->sessions.size() + saved->left_out; count > 1)
      spdlog::info("{} holds {} sessions: the last one is taken ({}#ID takes another)", saved->file,
                   count, saved->file);
  inspect::SessionReport one = std::move(first.sessions.back());
  inspect::SessionReport other = std::move(second.sessions.back());
  warn_of_other_backends(one, other);
  const std::string name = run_name(one, other, first.file);
  std::string other_name = run_name(other, one, second.file);
  if (other_name == name) other_name += " (2)";
  comparison.runs.push_back(saved_run(std::move(one), name));
  comparison.runs.push_back(saved_run(std::move(other), other_name));
  inspect::complete_comparison(comparison);
}

}  // namespace

FileComparison compare_files(const std::string& first_word, const std::string& second_word,
                             bool ends, const SavedSessionReader& reader) {
  FileComparison result;
  inspect::ComparisonReport& comparison = result.comparison;
  SavedSessions first = reader.read(first_word);
  SavedSessions second = reader.read(second_word);
  for (const SavedSessions* saved : {&first, &second}) {
    if (saved->left_out > 0)
      spdlog::warn("{}: only the last {} sessions are compared", saved->file,
                   saved->sessions.size());
    if (!saved->problem) continue;
    std::cerr << "visavis: " << inspect::problem_line(*saved->problem) << "\n";
    result.unread = true;
  }
  comparison.target = first_word + ", " + second_word;
  auto matches = inspect::match_ends(first.sessions, second.sessions, ends);
  if (matches.pairs.empty() && !ends) {
    if (all_untouched(first) && all_untouched(second))
      spdlog::info("no client's random is in both: taken for two runs (--ends: for both ends)");
    compare_ways(std::move(first), std::move(second), comparison);
    return result;
  }
  if (inspect::are_swapped(first.sessions, second.sessions, matches)) {
    spdlog::info("{} is the client's end: its answers take longer", second.file);
    std::swap(first, second);
    matches = inspect::match_ends(first.sessions, second.sessions, ends);
  }
  inspect::compare_ends(std::move(first.sessions), std::move(second.sessions), matches, comparison);
  return result;
}

}  // namespace visavis::tools

#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/legs.h"

namespace visavis::testing {

/// Compared is one `visavis compare --json`: how it ended, and its document.
struct Compared {
  int exit_code = -1;
  std::string errors;
  boost::json::value document;  ///< null when stdout was no JSON

  /// runs lists "NAME ok|failed EXIT_CODE" of every run.
  [[nodiscard]] std::vector<std::string> runs() const;
  /// session is the run's session.
  [[nodiscard]] const Session& session(const std::string& run) const;
  /// differing lists the aspects in which the runs differ.
  [[nodiscard]] std::vector<std::string> differing() const;
  [[nodiscard]] std::string text(const std::string& pointer) const;
  /// connections lists "CLASS by MATCHED_BY" of both ends' connections.
  [[nodiscard]] std::vector<std::string> connections() const;
  /// unmatched lists "END ID" of the sessions that only one end shows.
  [[nodiscard]] std::vector<std::string> unmatched() const;
};

/// compare runs `visavis compare TARGET --json OPTIONS -- COMMAND` with a CA of its own; without a
/// command (--profile) nothing stands behind the options.
[[nodiscard]] Compared compare(const std::string& target, std::vector<std::string> options,
                               const std::vector<std::string>& command);

/// compare_files runs `visavis compare FIRST SECOND --json OPTIONS`.
[[nodiscard]] Compared compare_files(const std::filesystem::path& first,
                                     const std::filesystem::path& second,
                                     const std::vector<std::string>& options = {});

}  // namespace visavis::testing

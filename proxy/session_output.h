#pragma once
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "inspect/report/session_report.h"
#include "inspect/report/text_report.h"

namespace visavis::proxy {

/// OutputOptions says where finished sessions go.
struct OutputOptions {
  bool json = false;  ///< stdout gets one JSON document a line instead of text
  inspect::TextStyle style;
  std::optional<std::filesystem::path> log;  ///< JSON Lines, appended
};

/// SessionOutput writes finished sessions to stdout and to the log, whole, one after another. A
/// line of the log is one write, so that it survives a killed process.
class SessionOutput {
 public:
  /// Throws std::runtime_error, one line, when the log can't be opened.
  explicit SessionOutput(OutputOptions options);
  ~SessionOutput();
  SessionOutput(const SessionOutput&) = delete;
  SessionOutput& operator=(const SessionOutput&) = delete;

  void write(const inspect::SessionReport& session);

 private:
  OutputOptions options_;
  std::mutex mutex_;
  std::string json_;
  int log_ = -1;
  bool log_failed_ = false;
};

}  // namespace visavis::proxy

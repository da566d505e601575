#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "inspect/report/session_report.h"
#include "inspect/report/text_report.h"
#include "proxy/reporter.h"

namespace visavis::proxy {

/// OutputOptions says where finished sessions go.
struct OutputOptions {
  bool json = false;  ///< stdout gets one JSON document a line instead of text
  inspect::TextStyle style;
  std::optional<std::filesystem::path> log;  ///< JSON Lines, appended
};

/// SessionOutput writes finished sessions to stdout and to the log, whole lines in one write, so
/// that what is there survives a killed process.
class SessionOutput : public SessionSink {
 public:
  /// Throws std::runtime_error, one line, when the log can't be opened.
  explicit SessionOutput(OutputOptions options);
  ~SessionOutput() override;
  SessionOutput(const SessionOutput&) = delete;
  SessionOutput& operator=(const SessionOutput&) = delete;

  void take(const inspect::SessionReport& session) override;
  void flush() override;

 private:
  OutputOptions options_;
  std::string json_;
  std::string text_;
  int log_ = -1;
};

}  // namespace visavis::proxy

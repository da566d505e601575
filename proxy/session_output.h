#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "inspect/report/session_report.h"
#include "inspect/report/text_report.h"
#include "proxy/har_file.h"
#include "proxy/reporter.h"

namespace visavis::proxy {

/// OutputOptions says where finished sessions go.
struct OutputOptions {
  bool json = false;  ///< stdout gets one JSON document a line instead of text
  inspect::TextStyle style;
  std::optional<std::filesystem::path> log;  ///< JSON Lines, appended
  std::optional<std::filesystem::path> har;  ///< the HTTP exchanges, as HAR
  std::string version;                       ///< of visavis, for that file
};

/// SessionOutput writes finished sessions to stdout, to the log (whole lines in one write, so that
/// what is there survives a killed process) and to the HAR file.
class SessionOutput : public SessionSink {
 public:
  /// Throws std::runtime_error, one line, when a file can't be opened.
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
  std::unique_ptr<HarFile> har_;
};

}  // namespace visavis::proxy

#pragma once
#include <string>

#include "inspect/report/capture_report.h"
#include "inspect/report/json_report.h"

namespace visavis::inspect {

/// CaptureJson writes the document of type "capture" piece by piece, so that no capture's sessions
/// have to be held together: one line over all, the same promises as render_json gives. Every call
/// returns the next piece.
class CaptureJson {
 public:
  [[nodiscard]] std::string begin(const std::vector<std::string>& files);
  [[nodiscard]] std::string session(const SessionReport& session);
  /// end takes the report for all but its files.
  [[nodiscard]] std::string end(const CaptureReport& capture);

 private:
  bool first_ = true;
};

}  // namespace visavis::inspect

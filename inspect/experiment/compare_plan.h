#pragma once
#include <string>
#include <vector>

#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// PlannedRun is one way to let the client reach the backend, in the words of the command line.
struct PlannedRun {
  std::string name;
  bool passthrough = false;
  std::string split = "keep";
  std::string hello = "mirror";

  friend bool operator==(const PlannedRun&, const PlannedRun&) = default;
};

/// first_runs are the two that always take place: direct, and proxied as faithfully as we can.
std::vector<PlannedRun> first_runs();

/// further_runs are those that the first two make worth trying: the split policies where the client
/// splits its records, and our library's own hello where the client fails both ways. Of the first
/// runs' reports only the sessions and exit codes are read.
std::vector<PlannedRun> further_runs(const std::vector<RunReport>& first);

}  // namespace visavis::inspect

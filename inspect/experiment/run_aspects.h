#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "inspect/report/comparison_report.h"

namespace visavis::inspect {

/// Aspect is one thing to lay side by side of several runs.
struct Aspect {
  std::string_view name;
  std::optional<std::string> (*value)(const RunReport& run);
  bool decides = false;     ///< runs that differ in it are not alike: exit code 1
  bool of_failure = false;  ///< tells only where some run failed
};

/// kAspects are all of them, in reading order.
inline constexpr std::size_t kAspectCount = 14;
extern const Aspect kAspects[kAspectCount];

/// backend_side returns the leg on which the backend spoke in this run; null: none.
const LegReport* backend_side(const RunReport& run);
/// client_side returns the leg on which the client spoke; of a direct run the same one.
const LegReport* client_side(const RunReport& run);

}  // namespace visavis::inspect

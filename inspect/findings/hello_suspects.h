#pragma once
#include <string>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// Suspect is a cause for which the two hellos differ in the right way; only trials can prove it.
struct Suspect {
  std::string id;   ///< a finding's id: "grease-intolerance" ...
  std::string why;  ///< the difference: "its 2 TCP segments, where the proxy's is one"
  int weight = 0;   ///< by which suspects are ranked; larger is likelier
};

/// rank_suspects lists what the client's own hello, which the backend did not take, has and the
/// proxy's, which it took, has not: likeliest first. `trial` is how the client's own ended; null
/// where that was not recorded.
std::vector<Suspect> rank_suspects(const ClientHelloReport& refused, const ClientHelloReport& taken,
                                   const LegReport* trial);

}  // namespace visavis::inspect

#pragma once
#include <optional>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// prove_record_split_intolerance makes the proven finding out of two sessions with one backend:
/// in the first, a split request got no byte of an answer; in the second, under the same version
/// and suite, the request went unsplit and was answered. Nothing when the two do not prove it:
/// another backend, version or suite, another request, or a first session that died of something
/// else. The evidence points at the legs of `failed_with_split`; what is said of the other session
/// has no event.
std::optional<FindingReport> prove_record_split_intolerance(const SessionReport& failed_with_split,
                                                            const SessionReport& worked_without);

}  // namespace visavis::inspect

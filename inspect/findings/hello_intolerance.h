#pragma once
#include <optional>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// suspect_hello makes the finding hello-intolerance out of two trials on one backend: `direct`,
/// whose twin and direct leg show that a client's own hello failed, and `proxied`, in which our
/// hello in its place worked. Nothing when they don't show that. The evidence points at the legs of
/// both.
std::optional<FindingReport> suspect_hello(const SessionReport& direct,
                                           const SessionReport& proxied);

}  // namespace visavis::inspect

#pragma once
#include <string_view>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// The unmirrored feature of a leg whose record split is not the other's.
inline constexpr std::string_view kRecordSplitFeature = "record split";
/// The unmirrored feature of a leg whose peer wanted to renegotiate: our library answered, and the
/// other side was not asked.
inline constexpr std::string_view kRenegotiationFeature = "renegotiation";

/// diff_hellos lists what the proxy's hello to the backend does not repeat of the client's: suites,
/// groups, schemes, extensions, their order, GREASE, key shares. Each with the reason, our
/// library's.
std::vector<UnmirroredFeature> diff_hellos(const ClientHelloReport& client,
                                           const ClientHelloReport& proxy);

/// diff_answers lists what the proxy's answer to the client does not repeat of the backend's.
/// Certificates always differ and are not listed.
std::vector<UnmirroredFeature> diff_answers(const LegReport& client_leg,
                                            const LegReport& backend_leg);

/// diff_split says so when the client's split was to be kept and could not be.
std::vector<UnmirroredFeature> diff_split(const LegReport& client_leg,
                                          const LegReport& backend_leg);

}  // namespace visavis::inspect

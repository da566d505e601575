#pragma once
#include <string>

#include "inspect/experiment/profiles/client_profiles.h"
#include "inspect/report/comparison_report.h"
#include "proxy/recorded_proxy.h"

namespace visavis::proxy {

/// try_profile compares without a client: the profile's own hello is sent to the backend (a trial,
/// whose first flight is the answer), and our library shakes hands with what it can repeat of that
/// hello. `name` is the server's name in it, in place of the captured one; empty: none is put in.
/// The hello leaves in the TCP segments of an Ethernet (1460 bytes), each acknowledged before the
/// next. Only the first flight is compared: a captured hello can't complete a handshake. Two
/// connections to the backend. Throws std::runtime_error when the profile's data can't be used.
inspect::ComparisonReport try_profile(const inspect::ClientProfile& profile,
                                      const ProxyOptions& options, const std::string& name,
                                      const SharedParts& parts);

}  // namespace visavis::proxy

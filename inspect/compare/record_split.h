#pragma once
#include <string>

#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// split_kind names the BEAST countermeasure that one direction of an established leg shows: none,
/// 1/n-1, 1/n-1-after-first (Java), 0/n, split-unknown, or n/a when no application data was sent.
///
/// Only TLS 1.0 and older with a CBC suite is split; later, a one-byte record is the application's
/// own. Where plaintext lengths are not known, 0/n and 1/n-1 look alike on the wire: split-unknown.
std::string split_kind(const LegReport& leg, bool c2s);

}  // namespace visavis::inspect

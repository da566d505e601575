#pragma once
#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// agreed_encrypt_then_mac is true where both hellos have encrypt_then_mac and the suite is one
/// that it is for: CBC, up to TLS 1.2. RFC 7366 2 and 3.
bool agreed_encrypt_then_mac(const LegReport& leg);

/// begins_protected is true when `party` has sent its ChangeCipherSpec, so that its next record is
/// the first under the new keys.
bool begins_protected(const LegReport& leg, std::string_view party);

}  // namespace visavis::inspect

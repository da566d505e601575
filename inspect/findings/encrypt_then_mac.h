#pragma once
#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// suspects_encrypt_then_mac is true where encrypt_then_mac is the likeliest reason why the first
/// protected record fails: both hellos have it, the suite is one that it is for (CBC, up to TLS
/// 1.2: RFC 7366 2 and 3), and the key is no pre-shared one. Two that differ in that do not notice
/// before.
bool suspects_encrypt_then_mac(const LegReport& leg);

/// begins_protected is true when `party` has sent its ChangeCipherSpec, so that its next record is
/// the first under the new keys.
bool begins_protected(const LegReport& leg, std::string_view party);

}  // namespace visavis::inspect

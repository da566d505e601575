#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bundle/mask.h"

namespace visavis::inspect {

/// mask_name masks a distinguished name in the form of RFC 2253 value by value; the attributes'
/// types stay. A value has the mask that its bytes have in the certificate.
[[nodiscard]] std::string mask_name(std::string_view name, const Mask& mask);

/// mask_general_name masks what stands behind the kind: "email:...", "DNS:...".
[[nodiscard]] std::string mask_general_name(std::string_view name, const Mask& mask);

/// personal_values returns the values of a name's attributes that name a person or machine: CN,
/// emailAddress, UID, SN, GN, serialNumber.
[[nodiscard]] std::vector<std::string> personal_values(std::string_view name);

}  // namespace visavis::inspect

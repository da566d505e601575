#pragma once
#include <vector>

#include "inspect/bytes/result.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// SupplementalDataType: IANA TLS Supplemental Data Formats; 0 is user_mapping_data (RFC 4681),
/// 16386 authz_data (RFC 5878).
struct SupplementalDataEntry {
  std::uint16_t type = 0;
  std::uint16_t length = 0;  ///< bytes
};

/// parse_supplemental_data returns what a SupplementalData message holds, at most
/// limits::kMaxSupplementalData entries. Source: RFC 4680 2. Errors: truncated, trailing,
/// bad_length (no entry).
Result<std::vector<SupplementalDataEntry>> parse_supplemental_data(Bytes message);

}  // namespace visavis::inspect

#pragma once
#include <optional>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// find_late_refusal finds client-certificate-wanted where all of it is encrypted: in TLS 1.3
/// passed through. By the lengths of its records the client answered a CertificateRequest, and the
/// backend sent an alert instead of data. RFC 8446 4.4.2.4 and 5.2.
std::optional<FindingReport> find_late_refusal(const SessionReport& session);

}  // namespace visavis::inspect

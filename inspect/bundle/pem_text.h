#pragma once
#include <string>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// pem_text returns a certificate in PEM: RFC 7468 3 and 5.
[[nodiscard]] std::string pem_text(Bytes der);

}  // namespace visavis::inspect

// https://www.iana.org/assignments/tls-extensiontype-values/ : TLS Certificate Status Types.
//
// As of 2026-09-29: RFC 6066, RFC 6961. The registry's suffix _RESERVED of ocsp_multi (RFC 8446
// took it out of TLS 1.3) is left out: TLS 1.2 still says it.
#include "inspect/codepoint/certificate_status_type.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {{1, "ocsp"}, {2, "ocsp_multi"}};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(CertificateStatusType point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

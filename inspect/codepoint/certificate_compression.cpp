// https://www.iana.org/assignments/tls-extensiontype-values/ : TLS Certificate Compression
// Algorithm IDs.
//
// As of 2026-09-29: RFC 8879. 16384 and above are private use; none is known to be in use.
#include "inspect/codepoint/certificate_compression.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {{1, "zlib"}, {2, "brotli"}, {3, "zstd"}};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(CertificateCompression point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

// https://www.iana.org/assignments/tls-parameters/ : TLS Alerts.
//
// As of 2026-09-29: Wireshark 4.0.17 up to ech_required, plus too_many_cids_requested (RFC 9147)
// and general_error (RFC 9846). The registry's suffix _RESERVED is left out: peers still send
// these. A line with a comment is not in the registry; the comment says where it is from.
#include "inspect/codepoint/alert.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0, "close_notify"},
    {1, "end_of_early_data"},  // drafts of TLS 1.3 up to 18
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {52, "too_many_cids_requested"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {117, "general_error"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
    {200, "unsupported_site2site"},  // TLCP, GM/T 0024
    {201, "no_area"},                // TLCP, GM/T 0024
    {202, "unsupported_areatype"},   // TLCP, GM/T 0024
    {203, "bad_ibcparam"},           // TLCP, GM/T 0024
    {204, "unsupported_ibcparam"},   // TLCP, GM/T 0024
    {205, "identity_need"},          // TLCP, GM/T 0024
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(AlertDescription point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

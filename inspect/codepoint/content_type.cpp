// https://www.iana.org/assignments/tls-parameters/ : TLS ContentType.
//
// As of 2026-09-29: Wireshark 4.0.17 up to tls12_cid (RFC 9146), plus ACK (RFC 9147) and
// return_routability_check (RFC 9853). No private ones.
#include "inspect/codepoint/content_type.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {20, "change_cipher_spec"},
    {21, "alert"},
    {22, "handshake"},
    {23, "application_data"},
    {24, "heartbeat"},
    {25, "tls12_cid"},
    {26, "ACK"},
    {27, "return_routability_check"},
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(ContentType point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

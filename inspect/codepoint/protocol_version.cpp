// https://www.iana.org/assignments/tls-parameters/ has no table of versions.
//
// As of 2026-09-29: RFC 6101 (SSL 3.0), RFC 2246, 4346, 5246, 8446 (TLS), RFC 4347, 6347, 9147
// (DTLS: one's complement of the DTLS version). A draft of TLS 1.3 is 0x7f00 plus its number
// (draft-ietf-tls-tls13-28 4.2.1.1); the experiments are those of Chrome in 2017 (BoringSSL's ssl.h
// of that time). SSL 2.0, Facebook's drafts, TLCP and OpenSSL's early DTLS: as
// in Wireshark 4.0.17.
#include "inspect/codepoint/protocol_version.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0x0002, "SSL 2.0"},
    {0x0100, "DTLS 1.0 (OpenSSL pre 0.9.8f)"},
    {0x0101, "TLCP"},  // GB/T 38636, before it GM/T 0024
    {0x0300, "SSL 3.0"},
    {0x0301, "TLS 1.0"},
    {0x0302, "TLS 1.1"},
    {0x0303, "TLS 1.2"},
    {0x0304, "TLS 1.3"},
    {0x7e01, "TLS 1.3 experiment 1"},
    {0x7e02, "TLS 1.3 experiment 2"},
    {0x7e03, "TLS 1.3 experiment 3"},
    {0x7f0e, "TLS 1.3 draft 14"},
    {0x7f0f, "TLS 1.3 draft 15"},
    {0x7f10, "TLS 1.3 draft 16"},
    {0x7f11, "TLS 1.3 draft 17"},
    {0x7f12, "TLS 1.3 draft 18"},
    {0x7f13, "TLS 1.3 draft 19"},
    {0x7f14, "TLS 1.3 draft 20"},
    {0x7f15, "TLS 1.3 draft 21"},
    {0x7f16, "TLS 1.3 draft 22"},
    {0x7f17, "TLS 1.3 draft 23"},
    {0x7f18, "TLS 1.3 draft 24"},
    {0x7f19, "TLS 1.3 draft 25"},
    {0x7f1a, "TLS 1.3 draft 26"},
    {0x7f1b, "TLS 1.3 draft 27"},
    {0x7f1c, "TLS 1.3 draft 28"},
    {0xfb17, "TLS 1.3 Facebook draft 23"},
    {0xfb1a, "TLS 1.3 Facebook draft 26"},
    {0xfefc, "DTLS 1.3"},
    {0xfefd, "DTLS 1.2"},
    {0xfeff, "DTLS 1.0"},
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(ProtocolVersion point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

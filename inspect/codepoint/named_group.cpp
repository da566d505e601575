// https://www.iana.org/assignments/tls-parameters/ : TLS Supported Groups.
//
// As of 2026-09-29: Wireshark 4.0.17 and NSS 3.87 up to curveSM2 and ffdhe8192; the brainpool
// groups of TLS 1.3 (RFC 8734), GC256A to GC512C (RFC 9189), and all of ML-KEM and Kyber from a
// public name table generated from the registry of that day.
//
// A line with a comment is not in the registry; the comment says who uses the number. Of Open
// Quantum Safe's many only those are listed whose number never changed meaning; its FrodoKEM had
// 0x0200 to 0x0202 before ML-KEM got them.
#include "inspect/codepoint/named_group.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0x0001, "sect163k1"},
    {0x0002, "sect163r1"},
    {0x0003, "sect163r2"},
    {0x0004, "sect193r1"},
    {0x0005, "sect193r2"},
    {0x0006, "sect233k1"},
    {0x0007, "sect233r1"},
    {0x0008, "sect239k1"},
    {0x0009, "sect283k1"},
    {0x000a, "sect283r1"},
    {0x000b, "sect409k1"},
    {0x000c, "sect409r1"},
    {0x000d, "sect571k1"},
    {0x000e, "sect571r1"},
    {0x000f, "secp160k1"},
    {0x0010, "secp160r1"},
    {0x0011, "secp160r2"},
    {0x0012, "secp192k1"},
    {0x0013, "secp192r1"},
    {0x0014, "secp224k1"},
    {0x0015, "secp224r1"},
    {0x0016, "secp256k1"},
    {0x0017, "secp256r1"},
    {0x0018, "secp384r1"},
    {0x0019, "secp521r1"},
    {0x001a, "brainpoolP256r1"},
    {0x001b, "brainpoolP384r1"},
    {0x001c, "brainpoolP512r1"},
    {0x001d, "x25519"},
    {0x001e, "x448"},
    {0x001f, "brainpoolP256r1tls13"},
    {0x0020, "brainpoolP384r1tls13"},
    {0x0021, "brainpoolP512r1tls13"},
    {0x0022, "GC256A"},
    {0x0023, "GC256B"},
    {0x0024, "GC256C"},
    {0x0025, "GC256D"},
    {0x0026, "GC512A"},
    {0x0027, "GC512B"},
    {0x0028, "GC512C"},
    {0x0029, "curveSM2"},
    {0x0100, "ffdhe2048"},
    {0x0101, "ffdhe3072"},
    {0x0102, "ffdhe4096"},
    {0x0103, "ffdhe6144"},
    {0x0104, "ffdhe8192"},
    {0x0200, "MLKEM512"},
    {0x0201, "MLKEM768"},
    {0x0202, "MLKEM1024"},
    {0x023a, "kyber512"},   // Open Quantum Safe
    {0x023c, "kyber768"},   // Open Quantum Safe
    {0x023d, "kyber1024"},  // Open Quantum Safe
    {0x11e9, "SecP256r1MLKEM512"},
    {0x11ea, "MLKEM512X25519"},
    {0x11eb, "SecP256r1MLKEM768"},
    {0x11ec, "X25519MLKEM768"},
    {0x11ed, "SecP384r1MLKEM1024"},
    {0x11ee, "curveSM2MLKEM768"},
    {0x2f39, "x25519_kyber512"},  // Open Quantum Safe
    {0x2f3a, "p256_kyber512"},    // Open Quantum Safe
    {0x2f3c, "p384_kyber768"},    // Open Quantum Safe
    {0x2f3d, "p521_kyber1024"},   // Open Quantum Safe
    {0x2f4b, "p256_mlkem512"},    // Open Quantum Safe, wolfSSL
    {0x2f4c, "p384_mlkem768"},    // Open Quantum Safe, wolfSSL
    {0x2f4d, "p521_mlkem1024"},   // Open Quantum Safe, wolfSSL
    {0x2f90, "x448_kyber768"},    // Open Quantum Safe
    {0x2fb6, "x25519_mlkem512"},  // Open Quantum Safe, wolfSSL
    {0x2fb7, "x448_mlkem768"},    // Open Quantum Safe, wolfSSL
    {0x4138, "CECPQ2"},           // BoringSSL
    {0x6399, "X25519Kyber768Draft00"},
    {0x639a, "SecP256r1Kyber768Draft00"},
    {0xfe30, "X25519Kyber512Draft00"},     // Cloudflare
    {0xfe31, "X25519Kyber768Draft00Old"},  // Cloudflare
    {0xfe32, "P256Kyber768Draft00"},       // Cloudflare; 2019: BoringSSL's CECPQ2b
    {0xff01, "arbitrary_explicit_prime_curves"},
    {0xff02, "arbitrary_explicit_char2_curves"},
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(NamedGroup point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

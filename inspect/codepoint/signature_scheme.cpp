// https://www.iana.org/assignments/tls-parameters/ : TLS SignatureScheme, and for TLS 1.2 the
// registries TLS HashAlgorithm (high byte) and TLS SignatureAlgorithm (low byte), RFC 5246
// 7.4.1.4.1.
//
// As of 2026-09-29: Wireshark 4.0.17 and NSS 3.87, plus legacy PKCS#1 (draft-ietf-tls-tls13-pkcs1),
// identity-based, GOST (RFC 9367), brainpool (RFC 8734), ML-DSA and SLH-DSA from a public name
// table generated from the registry of that day.
//
// A pair of TLS 1.2 without a scheme of its own is written hash_signature, in the order of the
// bytes. The other lines with a comment are private use; the comment says whose.
#include "inspect/codepoint/signature_scheme.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kNames[] = {
    {0x0000, "none_anonymous"},  // TLS 1.2 pair
    {0x0001, "none_rsa"},        // TLS 1.2 pair
    {0x0002, "none_dsa"},        // TLS 1.2 pair
    {0x0003, "none_ecdsa"},      // TLS 1.2 pair
    {0x0100, "md5_anonymous"},   // TLS 1.2 pair
    {0x0101, "md5_rsa"},         // TLS 1.2 pair
    {0x0102, "md5_dsa"},         // TLS 1.2 pair
    {0x0103, "md5_ecdsa"},       // TLS 1.2 pair
    {0x0200, "sha1_anonymous"},  // TLS 1.2 pair
    {0x0201, "rsa_pkcs1_sha1"},
    {0x0202, "sha1_dsa"},  // TLS 1.2 pair
    {0x0203, "ecdsa_sha1"},
    {0x0300, "sha224_anonymous"},  // TLS 1.2 pair
    {0x0301, "sha224_rsa"},        // TLS 1.2 pair
    {0x0302, "sha224_dsa"},        // TLS 1.2 pair
    {0x0303, "sha224_ecdsa"},      // TLS 1.2 pair
    {0x0400, "sha256_anonymous"},  // TLS 1.2 pair
    {0x0401, "rsa_pkcs1_sha256"},
    {0x0402, "sha256_dsa"},  // TLS 1.2 pair
    {0x0403, "ecdsa_secp256r1_sha256"},
    {0x0420, "rsa_pkcs1_sha256_legacy"},
    {0x0500, "sha384_anonymous"},  // TLS 1.2 pair
    {0x0501, "rsa_pkcs1_sha384"},
    {0x0502, "sha384_dsa"},  // TLS 1.2 pair
    {0x0503, "ecdsa_secp384r1_sha384"},
    {0x0520, "rsa_pkcs1_sha384_legacy"},
    {0x0600, "sha512_anonymous"},  // TLS 1.2 pair
    {0x0601, "rsa_pkcs1_sha512"},
    {0x0602, "sha512_dsa"},  // TLS 1.2 pair
    {0x0603, "ecdsa_secp521r1_sha512"},
    {0x0620, "rsa_pkcs1_sha512_legacy"},
    {0x0704, "eccsi_sha256"},
    {0x0705, "iso_ibs1"},
    {0x0706, "iso_ibs2"},
    {0x0707, "iso_chinese_ibs"},
    {0x0708, "sm2sig_sm3"},
    {0x0709, "gostr34102012_256a"},
    {0x070a, "gostr34102012_256b"},
    {0x070b, "gostr34102012_256c"},
    {0x070c, "gostr34102012_256d"},
    {0x070d, "gostr34102012_512a"},
    {0x070e, "gostr34102012_512b"},
    {0x070f, "gostr34102012_512c"},
    {0x0804, "rsa_pss_rsae_sha256"},
    {0x0805, "rsa_pss_rsae_sha384"},
    {0x0806, "rsa_pss_rsae_sha512"},
    {0x0807, "ed25519"},
    {0x0808, "ed448"},
    {0x0809, "rsa_pss_pss_sha256"},
    {0x080a, "rsa_pss_pss_sha384"},
    {0x080b, "rsa_pss_pss_sha512"},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384"},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
    {0x0840, "intrinsic_gostr34102012_256"},  // TLS 1.2 pair, RFC 9189
    {0x0841, "intrinsic_gostr34102012_512"},  // TLS 1.2 pair, RFC 9189
    {0x0904, "mldsa44"},
    {0x0905, "mldsa65"},
    {0x0906, "mldsa87"},
    {0x0911, "slhdsa_sha2_128s"},
    {0x0912, "slhdsa_sha2_128f"},
    {0x0913, "slhdsa_sha2_192s"},
    {0x0914, "slhdsa_sha2_192f"},
    {0x0915, "slhdsa_sha2_256s"},
    {0x0916, "slhdsa_sha2_256f"},
    {0x0917, "slhdsa_shake_128s"},
    {0x0918, "slhdsa_shake_128f"},
    {0x0919, "slhdsa_shake_192s"},
    {0x091a, "slhdsa_shake_192f"},
    {0x091b, "slhdsa_shake_256s"},
    {0x091c, "slhdsa_shake_256f"},
    {0xeded, "gostr34102001_gostr3411"},              // OpenSSL
    {0xeeee, "gostr34102012_256_gostr34112012_256"},  // OpenSSL
    {0xefef, "gostr34102012_512_gostr34112012_512"},  // OpenSSL
    {0xfea0, "dilithium2"},                           // Open Quantum Safe
    {0xfea1, "p256_dilithium2"},                      // Open Quantum Safe
    {0xfea2, "rsa3072_dilithium2"},                   // Open Quantum Safe
    {0xfea3, "dilithium3"},                           // Open Quantum Safe
    {0xfea4, "p384_dilithium3"},                      // Open Quantum Safe
    {0xfea5, "dilithium5"},                           // Open Quantum Safe
    {0xfea6, "p521_dilithium5"},                      // Open Quantum Safe
};

static_assert(is_name_table(kNames));

}  // namespace

std::string_view known_name(SignatureScheme point) { return find_name(kNames, point.value); }

}  // namespace visavis::inspect

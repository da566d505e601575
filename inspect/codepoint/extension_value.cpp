// https://www.iana.org/assignments/tls-extensiontype-values/ : TLS Certificate Types.
// https://www.iana.org/assignments/tls-parameters/ : TLS EC Point Formats, TLS PskKeyExchangeMode,
// Heartbeat Modes. https://www.iana.org/assignments/hpke/ , .../srtp-protection/ and
// .../token-binding/ : the others.
//
// As of 2026-09-29: RFC 6091, 7250, 8902 (certificate types), 8422 (point formats), 8446 4.2.9,
// 6520, 9180 7.2 and 7.3, 5764, 7714, 8269 and 8723 (SRTP), 8471 (token binding).
#include "inspect/codepoint/extension_value.h"

#include "inspect/codepoint/name_table.h"

namespace visavis::inspect {
namespace {

constexpr NameEntry kCertificateTypes[] = {
    {0, "X509"},
    {1, "OpenPGP"},
    {2, "RawPublicKey"},
    {3, "1609Dot2"},
};
constexpr NameEntry kEcPointFormats[] = {
    {0, "uncompressed"},
    {1, "ansiX962_compressed_prime"},
    {2, "ansiX962_compressed_char2"},
};
constexpr NameEntry kHeartbeatModes[] = {
    {1, "peer_allowed_to_send"},
    {2, "peer_not_allowed_to_send"},
};
constexpr NameEntry kHpkeAeads[] = {
    {0x0001, "AES-128-GCM"},
    {0x0002, "AES-256-GCM"},
    {0x0003, "ChaCha20Poly1305"},
    {0xffff, "export-only"},
};
constexpr NameEntry kHpkeKdfs[] = {
    {0x0001, "HKDF-SHA256"},
    {0x0002, "HKDF-SHA384"},
    {0x0003, "HKDF-SHA512"},
};
constexpr NameEntry kPskModes[] = {
    {0, "psk_ke"},
    {1, "psk_dhe_ke"},
};
constexpr NameEntry kSrtpProfiles[] = {
    {0x0001, "SRTP_AES128_CM_HMAC_SHA1_80"},
    {0x0002, "SRTP_AES128_CM_HMAC_SHA1_32"},
    {0x0005, "SRTP_NULL_HMAC_SHA1_80"},
    {0x0006, "SRTP_NULL_HMAC_SHA1_32"},
    {0x0007, "SRTP_AEAD_AES_128_GCM"},
    {0x0008, "SRTP_AEAD_AES_256_GCM"},
    {0x0009, "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM"},
    {0x000a, "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM"},
    {0x000b, "SRTP_ARIA_128_CTR_HMAC_SHA1_80"},
    {0x000c, "SRTP_ARIA_128_CTR_HMAC_SHA1_32"},
    {0x000d, "SRTP_ARIA_256_CTR_HMAC_SHA1_80"},
    {0x000e, "SRTP_ARIA_256_CTR_HMAC_SHA1_32"},
    {0x000f, "SRTP_AEAD_ARIA_128_GCM"},
    {0x0010, "SRTP_AEAD_ARIA_256_GCM"},
};
constexpr NameEntry kTokenBindingParameters[] = {
    {0, "rsa2048_pkcs1.5"},
    {1, "rsa2048_pss"},
    {2, "ecdsap256"},
};

static_assert(is_name_table(kCertificateTypes) && is_name_table(kEcPointFormats) &&
              is_name_table(kHeartbeatModes) && is_name_table(kHpkeAeads) &&
              is_name_table(kHpkeKdfs) && is_name_table(kPskModes) &&
              is_name_table(kSrtpProfiles) && is_name_table(kTokenBindingParameters));

}  // namespace

std::string_view known_name(CertificateType point) {
  return find_name(kCertificateTypes, point.value);
}
std::string_view known_name(EcPointFormat point) { return find_name(kEcPointFormats, point.value); }
std::string_view known_name(HeartbeatMode point) { return find_name(kHeartbeatModes, point.value); }
std::string_view known_name(HpkeAead point) { return find_name(kHpkeAeads, point.value); }
std::string_view known_name(HpkeKdf point) { return find_name(kHpkeKdfs, point.value); }
std::string_view known_name(PskKeyExchangeMode point) { return find_name(kPskModes, point.value); }
std::string_view known_name(SrtpProfile point) { return find_name(kSrtpProfiles, point.value); }
std::string_view known_name(TokenBindingParameter point) {
  return find_name(kTokenBindingParameters, point.value);
}

}  // namespace visavis::inspect

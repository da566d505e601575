#include "inspect/codepoint/code_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/certificate_compression.h"
#include "inspect/codepoint/certificate_status_type.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/client_certificate_type.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/extension_value.h"
#include "inspect/codepoint/grease.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/codepoint/name_table.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"

namespace visavis::inspect {
namespace {

using ::testing::IsEmpty;

/// Expectations: wire number -> what `name` must say.
using Names = std::vector<std::pair<unsigned, std::string_view>>;

template <class T>
T point(unsigned value) {
  return T{static_cast<decltype(T::value)>(value)};
}

template <class T>
void expect_names(const Names& names) {
  for (const auto& [value, expected] : names) {
    EXPECT_EQ(name(point<T>(value)), expected) << "value " << value;
  }
}

/// every_known_name walks the whole range of T, so that binary search is tried on every number.
template <class T>
std::map<unsigned, std::string_view> every_known_name() {
  constexpr unsigned end = 1U << (8 * sizeof(T::value));
  std::map<unsigned, std::string_view> found;
  for (unsigned value = 0; value < end; ++value) {
    const std::string_view known = known_name(point<T>(value));
    if (!known.empty()) found.emplace(value, known);
  }
  return found;
}

template <class T>
std::vector<std::string_view> repeated_names() {
  std::map<std::string_view, int> count;
  for (const auto& [value, known] : every_known_name<T>()) ++count[known];
  std::vector<std::string_view> repeated;
  for (const auto& [known, times] : count) {
    if (times > 1) repeated.push_back(known);
  }
  return repeated;
}

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

TEST(Grease, IsExactlyTheSixteenReservedValues) {
  std::vector<unsigned> found;
  for (unsigned value = 0; value <= 0xffff; ++value) {
    if (is_grease(static_cast<std::uint16_t>(value))) found.push_back(value);
  }
  EXPECT_THAT(found, ::testing::ElementsAre(0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a,
                                            0x7a7a, 0x8a8a, 0x9a9a, 0xaaaa, 0xbaba, 0xcaca, 0xdada,
                                            0xeaea, 0xfafa));
}

TEST(HexName, HasTwoDigitsForEachByte) {
  EXPECT_EQ(hex_name(0, 1), "0x00");
  EXPECT_EQ(hex_name(0x7f, 1), "0x7f");
  EXPECT_EQ(hex_name(0x0a, 2), "0x000a");
  EXPECT_EQ(hex_name(0x1a2b, 2), "0x1a2b");
}

TEST(NameTable, RefusesWhatIsNotSortedUniqueNamedOrFreeOfGrease) {
  constexpr NameEntry good[] = {{1, "one"}, {2, "two"}, {9, "nine"}};
  constexpr NameEntry unsorted[] = {{2, "two"}, {1, "one"}};
  constexpr NameEntry twice[] = {{1, "one"}, {1, "uno"}};
  constexpr NameEntry nameless[] = {{1, ""}};
  constexpr NameEntry grease[] = {{0x1a1a, "grease"}};
  EXPECT_TRUE(is_name_table(good));
  EXPECT_TRUE(is_name_table({}));
  EXPECT_FALSE(is_name_table(unsorted));
  EXPECT_FALSE(is_name_table(twice));
  EXPECT_FALSE(is_name_table(nameless));
  EXPECT_FALSE(is_name_table(grease));
}

TEST(NameTable, FindsFirstLastAndNothingBetween) {
  constexpr NameEntry table[] = {{1, "one"}, {2, "two"}, {9, "nine"}};
  EXPECT_EQ(find_name(table, 1), "one");
  EXPECT_EQ(find_name(table, 2), "two");
  EXPECT_EQ(find_name(table, 9), "nine");
  EXPECT_EQ(find_name(table, 0), "");
  EXPECT_EQ(find_name(table, 5), "");
  EXPECT_EQ(find_name(table, 10), "");
  EXPECT_EQ(find_name({}, 1), "");
}

template <class T>
class EveryCodePoint : public ::testing::Test {};

using AllTypes =
    ::testing::Types<AlertDescription, CertificateCompression, CertificateStatusType,
                     CertificateType, CipherSuite, ClientCertificateType, ContentType,
                     EcPointFormat, ExtensionType, HandshakeType, HeartbeatMode, HpkeAead, HpkeKdf,
                     NamedGroup, ProtocolVersion, PskKeyExchangeMode, SignatureScheme, SrtpProfile,
                     TokenBindingParameter>;
TYPED_TEST_SUITE(EveryCodePoint, AllTypes);

TYPED_TEST(EveryCodePoint, HasNoNameTwice) { EXPECT_THAT(repeated_names<TypeParam>(), IsEmpty()); }

TYPED_TEST(EveryCodePoint, NameIsTheKnownNameElseGreaseElseHex) {
  constexpr int bytes = static_cast<int>(sizeof(TypeParam::value));
  const auto known = every_known_name<TypeParam>();
  ASSERT_THAT(known, ::testing::Not(IsEmpty()));
  for (unsigned value = 0; value < 1U << (8 * bytes); ++value) {
    std::string expected = hex_name(value, bytes);
    if (bytes == 2 && is_grease(static_cast<std::uint16_t>(value))) expected = "GREASE";
    const auto entry = known.find(value);
    if (entry != known.end()) expected = entry->second;
    ASSERT_EQ(name(point<TypeParam>(value)), expected);
  }
}

TYPED_TEST(EveryCodePoint, NoTableNamesAGreaseValue) {
  if constexpr (sizeof(TypeParam::value) == 2) {
    for (unsigned value = 0x0a0a; value <= 0xfafa; value += 0x1010) {
      EXPECT_EQ(known_name(point<TypeParam>(value)), "");
      EXPECT_EQ(name(point<TypeParam>(value)), "GREASE");
    }
  }
}

TYPED_TEST(EveryCodePoint, OnlyVersionsHaveBlanksInTheirNames) {
  for (const auto& [value, known] : every_known_name<TypeParam>()) {
    if constexpr (std::is_same_v<TypeParam, ProtocolVersion>) {
      EXPECT_FALSE(is_blank(known.front()) || is_blank(known.back())) << known;
    } else {
      EXPECT_TRUE(std::none_of(known.begin(), known.end(), is_blank)) << known;
    }
  }
}

TYPED_TEST(EveryCodePoint, ComparesByNumber) {
  EXPECT_EQ(point<TypeParam>(7), point<TypeParam>(7));
  EXPECT_LT(point<TypeParam>(7), point<TypeParam>(8));
}

TYPED_TEST(EveryCodePoint, ReportsNumberAndName) {
  const auto [value, known] = *every_known_name<TypeParam>().rbegin();
  EXPECT_EQ(code_point(point<TypeParam>(value)), (CodePoint{value, std::string(known)}));
}

TEST(CipherSuite, NamesEveryKind) {
  expect_names<CipherSuite>({
      {0x0000, "TLS_NULL_WITH_NULL_NULL"},
      {0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
      {0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"},
      {0x001c, "SSL_FORTEZZA_KEA_WITH_NULL_SHA"},
      {0x001e, "TLS_KRB5_WITH_DES_CBC_SHA"},
      {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
      {0x0062, "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA"},
      {0x0064, "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA"},
      {0x006e, "TLS_ASCONAEAD128_ASCONHASH256"},
      {0x0071, "TLS_AES_128_CCM_ASCONHASH256"},
      {0x0072, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_RMD"},
      {0x007e, "TLS_RSA_WITH_AES_256_CBC_RMD"},
      {0x0081, "TLS_GOSTR341001_WITH_28147_CNT_IMIT"},
      {0x0083, "TLS_GOSTR341001_WITH_NULL_GOSTR3411"},
      {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
      {0x00c6, "TLS_SM4_GCM_SM3"},
      {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
      {0x1301, "TLS_AES_128_GCM_SHA256"},
      {0x1302, "TLS_AES_256_GCM_SHA384"},
      {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
      {0x1305, "TLS_AES_128_CCM_8_SHA256"},
      {0x1306, "TLS_AEGIS_256_SHA512"},
      {0x1307, "TLS_AEGIS_128L_SHA256"},
      {0x16b7, "TLS_CECPQ1_RSA_WITH_CHACHA20_POLY1305_SHA256"},
      {0x16ba, "TLS_CECPQ1_ECDSA_WITH_AES_256_GCM_SHA384"},
      {0x5600, "TLS_FALLBACK_SCSV"},
      {0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"},
      {0xc020, "TLS_SRP_SHA_WITH_AES_256_CBC_SHA"},
      {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
      {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
      {0xc03c, "TLS_RSA_WITH_ARIA_128_CBC_SHA256"},
      {0xc09b, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384"},
      {0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8"},
      {0xc0b0, "TLS_ECCPWD_WITH_AES_128_GCM_SHA256"},
      {0xc0b5, "TLS_SHA384_SHA384"},
      {0xc100, "TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC"},
      {0xc106, "TLS_GOSTR341112_256_WITH_MAGMA_MGM_S"},
      {0xcc13, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD"},
      {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
      {0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"},
      {0xe013, "ECC_SM4_CBC_SM3"},
      {0xfefe, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"},
      {0xfeff, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"},
      {0xff85, "LEGACY-GOST2012-GOST8912-GOST8912"},
      {0xffe0, "SSL_RSA_OLDFIPS_WITH_3DES_EDE_CBC_SHA"},
      {0xffe1, "SSL_RSA_OLDFIPS_WITH_DES_CBC_SHA"},
      {0x1a2b, "0x1a2b"},
      {0x2a2a, "GREASE"},
  });
  EXPECT_EQ(name(kEmptyRenegotiationInfoScsv), "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
  EXPECT_EQ(name(kFallbackScsv), "TLS_FALLBACK_SCSV");
}

// The registry of the table's date has 356 suites (GREASE apart). Private ones are named by range.
TEST(CipherSuite, HasAllTheRegistrysSuites) {
  const auto is_private = [](unsigned value) {
    return value == 0x1c || value == 0x1d || (value >= 0x60 && value <= 0x66) ||
           (value >= 0x72 && value <= 0x83) || (value >= 0x16b7 && value <= 0x16ba) ||
           value == 0xc0ff || (value >= 0xcc13 && value <= 0xcc15) || value >= 0xe000;
  };
  const auto known = every_known_name<CipherSuite>();
  const auto registered = std::count_if(
      known.begin(), known.end(), [&](const auto& entry) { return !is_private(entry.first); });
  EXPECT_EQ(registered, 356);
}

TEST(ProtocolVersion, NamesEveryKind) {
  expect_names<ProtocolVersion>({
      {0x0002, "SSL 2.0"},
      {0x0100, "DTLS 1.0 (OpenSSL pre 0.9.8f)"},
      {0x0101, "TLCP"},
      {0x0300, "SSL 3.0"},
      {0x0301, "TLS 1.0"},
      {0x0302, "TLS 1.1"},
      {0x0303, "TLS 1.2"},
      {0x0304, "TLS 1.3"},
      {0x0305, "0x0305"},
      {0x7e01, "TLS 1.3 experiment 1"},
      {0x7e03, "TLS 1.3 experiment 3"},
      {0x7f0d, "0x7f0d"},
      {0x7f0e, "TLS 1.3 draft 14"},
      {0x7f17, "TLS 1.3 draft 23"},
      {0x7f1c, "TLS 1.3 draft 28"},
      {0x7f1d, "0x7f1d"},
      {0xfb17, "TLS 1.3 Facebook draft 23"},
      {0xfb1a, "TLS 1.3 Facebook draft 26"},
      {0xfefc, "DTLS 1.3"},
      {0xfefd, "DTLS 1.2"},
      {0xfefe, "0xfefe"},
      {0xfeff, "DTLS 1.0"},
      {0x7a7a, "GREASE"},
  });
  EXPECT_EQ(name(kSsl2), "SSL 2.0");
  EXPECT_EQ(name(kTls13), "TLS 1.3");
  EXPECT_LT(kTls12, kTls13);
}

TEST(NamedGroup, NamesEveryKind) {
  expect_names<NamedGroup>({
      {0x0000, "0x0000"},
      {0x0001, "sect163k1"},
      {0x0017, "secp256r1"},
      {0x0018, "secp384r1"},
      {0x0019, "secp521r1"},
      {0x001a, "brainpoolP256r1"},
      {0x001d, "x25519"},
      {0x001e, "x448"},
      {0x001f, "brainpoolP256r1tls13"},
      {0x0022, "GC256A"},
      {0x0028, "GC512C"},
      {0x0029, "curveSM2"},
      {0x0100, "ffdhe2048"},
      {0x0104, "ffdhe8192"},
      {0x0200, "MLKEM512"},
      {0x0201, "MLKEM768"},
      {0x0202, "MLKEM1024"},
      {4585, "SecP256r1MLKEM512"},
      {4586, "MLKEM512X25519"},
      {4587, "SecP256r1MLKEM768"},
      {4588, "X25519MLKEM768"},
      {4589, "SecP384r1MLKEM1024"},
      {4590, "curveSM2MLKEM768"},
      {16696, "CECPQ2"},
      {25497, "X25519Kyber768Draft00"},
      {25498, "SecP256r1Kyber768Draft00"},
      {0xfe30, "X25519Kyber512Draft00"},
      {0xfe31, "X25519Kyber768Draft00Old"},
      {0xff01, "arbitrary_explicit_prime_curves"},
      {0xff02, "arbitrary_explicit_char2_curves"},
      {0xcaca, "GREASE"},
  });
}

TEST(SignatureScheme, NamesSchemesAndPairs) {
  expect_names<SignatureScheme>({
      {0x0101, "md5_rsa"},
      {0x0201, "rsa_pkcs1_sha1"},
      {0x0202, "sha1_dsa"},
      {0x0203, "ecdsa_sha1"},
      {0x0301, "sha224_rsa"},
      {0x0303, "sha224_ecdsa"},
      {0x0401, "rsa_pkcs1_sha256"},
      {0x0402, "sha256_dsa"},
      {0x0403, "ecdsa_secp256r1_sha256"},
      {0x0420, "rsa_pkcs1_sha256_legacy"},
      {0x0600, "sha512_anonymous"},
      {0x0603, "ecdsa_secp521r1_sha512"},
      {0x0604, "0x0604"},
      {0x0708, "sm2sig_sm3"},
      {0x0709, "gostr34102012_256a"},
      {0x070f, "gostr34102012_512c"},
      {0x0804, "rsa_pss_rsae_sha256"},
      {0x0807, "ed25519"},
      {0x0808, "ed448"},
      {0x080b, "rsa_pss_pss_sha512"},
      {0x081a, "ecdsa_brainpoolP256r1tls13_sha256"},
      {0x081c, "ecdsa_brainpoolP512r1tls13_sha512"},
      {0x0840, "intrinsic_gostr34102012_256"},
      {0x0904, "mldsa44"},
      {0x0906, "mldsa87"},
      {0x0911, "slhdsa_sha2_128s"},
      {0x091c, "slhdsa_shake_256f"},
      {0xeeee, "gostr34102012_256_gostr34112012_256"},
      {0x0a0a, "GREASE"},
  });
}

TEST(SignatureScheme, NamesEveryPairOfTls12) {
  for (unsigned hash = 0; hash <= 6; ++hash) {
    for (unsigned signature = 0; signature <= 3; ++signature) {
      EXPECT_NE(known_name(point<SignatureScheme>(hash << 8 | signature)), "")
          << hash << ' ' << signature;
    }
  }
}

TEST(AlertDescription, NamesEveryKind) {
  expect_names<AlertDescription>({
      {0, "close_notify"},
      {10, "unexpected_message"},
      {20, "bad_record_mac"},
      {21, "decryption_failed"},
      {40, "handshake_failure"},
      {41, "no_certificate"},
      {42, "bad_certificate"},
      {46, "certificate_unknown"},
      {48, "unknown_ca"},
      {52, "too_many_cids_requested"},
      {60, "export_restriction"},
      {70, "protocol_version"},
      {86, "inappropriate_fallback"},
      {100, "no_renegotiation"},
      {112, "unrecognized_name"},
      {116, "certificate_required"},
      {117, "general_error"},
      {120, "no_application_protocol"},
      {121, "ech_required"},
      {122, "0x7a"},
      {255, "0xff"},
  });
  EXPECT_EQ(name(kDecodeError), "decode_error");
  EXPECT_EQ(name(kInternalError), "internal_error");
}

TEST(ContentType, NamesAll) {
  expect_names<ContentType>({
      {19, "0x13"},
      {20, "change_cipher_spec"},
      {21, "alert"},
      {22, "handshake"},
      {23, "application_data"},
      {24, "heartbeat"},
      {25, "tls12_cid"},
      {26, "ACK"},
      {27, "return_routability_check"},
      {28, "0x1c"},
  });
}

TEST(HandshakeType, NamesEveryKind) {
  expect_names<HandshakeType>({
      {0, "HelloRequest"},
      {1, "ClientHello"},
      {2, "ServerHello"},
      {3, "HelloVerifyRequest"},
      {4, "NewSessionTicket"},
      {5, "EndOfEarlyData"},
      {6, "HelloRetryRequest"},
      {7, "0x07"},
      {8, "EncryptedExtensions"},
      {11, "Certificate"},
      {12, "ServerKeyExchange"},
      {13, "CertificateRequest"},
      {14, "ServerHelloDone"},
      {15, "CertificateVerify"},
      {16, "ClientKeyExchange"},
      {17, "ClientCertificateRequest"},
      {20, "Finished"},
      {21, "CertificateUrl"},
      {22, "CertificateStatus"},
      {23, "SupplementalData"},
      {24, "KeyUpdate"},
      {25, "CompressedCertificate"},
      {26, "EktKey"},
      {67, "NextProtocol"},
      {254, "MessageHash"},
  });
}

TEST(ExtensionType, NamesEveryKind) {
  expect_names<ExtensionType>({
      {0, "server_name"},
      {1, "max_fragment_length"},
      {5, "status_request"},
      {10, "supported_groups"},
      {13, "signature_algorithms"},
      {16, "application_layer_protocol_negotiation"},
      {21, "padding"},
      {23, "extended_master_secret"},
      {24, "token_binding"},
      {31, "password_salt"},
      {34, "delegated_credential"},
      {35, "session_ticket"},
      {41, "pre_shared_key"},
      {43, "supported_versions"},
      {51, "key_share"},
      {54, "connection_id"},
      {57, "quic_transport_parameters"},
      {62, "tls_flags"},
      {63, "0x003f"},
      {13172, "next_protocol_negotiation"},
      {17513, "application_settings_old"},
      {17613, "application_settings"},
      {0x5500, "token_binding_draft"},
      {30031, "channel_id_old"},
      {30032, "channel_id"},
      {0xca34, "trust_anchors"},
      {0xfd00, "ech_outer_extensions"},
      {0xfe08, "encrypted_client_hello_draft08"},
      {0xfe0d, "encrypted_client_hello"},
      {0xff01, "renegotiation_info"},
      {0xff03, "short_header"},
      {0xffa5, "quic_transport_parameters_draft"},
      {0xffce, "encrypted_server_name"},
      {0x3a3a, "GREASE"},
  });
  EXPECT_EQ(name(kAlpn), "application_layer_protocol_negotiation");
  EXPECT_EQ(name(kRenegotiationInfo), "renegotiation_info");
}

TEST(ClientCertificateType, NamesAll) {
  expect_names<ClientCertificateType>({
      {0, "0x00"},
      {1, "rsa_sign"},
      {2, "dss_sign"},
      {6, "dss_ephemeral_dh_RESERVED"},
      {20, "fortezza_dms_RESERVED"},
      {64, "ecdsa_sign"},
      {67, "gost_sign256"},
      {68, "gost_sign512"},
      {69, "0x45"},
  });
}

TEST(ExtensionValue, NamesThoseInsideExtensions) {
  expect_names<CertificateCompression>(
      {{0, "0x0000"}, {1, "zlib"}, {2, "brotli"}, {3, "zstd"}, {16384, "0x4000"}});
  expect_names<CertificateStatusType>({{0, "0x00"}, {1, "ocsp"}, {2, "ocsp_multi"}});
  expect_names<CertificateType>({{0, "X509"}, {1, "OpenPGP"}, {2, "RawPublicKey"}, {4, "0x04"}});
  expect_names<EcPointFormat>({{0, "uncompressed"}, {2, "ansiX962_compressed_char2"}});
  expect_names<HeartbeatMode>({{1, "peer_allowed_to_send"}, {2, "peer_not_allowed_to_send"}});
  expect_names<HpkeAead>({{1, "AES-128-GCM"}, {3, "ChaCha20Poly1305"}, {0xffff, "export-only"}});
  expect_names<HpkeKdf>({{1, "HKDF-SHA256"}, {3, "HKDF-SHA512"}, {0x3a3a, "GREASE"}});
  expect_names<PskKeyExchangeMode>({{0, "psk_ke"}, {1, "psk_dhe_ke"}, {11, "0x0b"}});
  expect_names<SrtpProfile>({{1, "SRTP_AES128_CM_HMAC_SHA1_80"}, {7, "SRTP_AEAD_AES_128_GCM"}});
  expect_names<TokenBindingParameter>({{0, "rsa2048_pkcs1.5"}, {2, "ecdsap256"}, {3, "0x03"}});
}

}  // namespace
}  // namespace visavis::inspect

#include "inspect/handshake/describe_extension.h"

#include <gtest/gtest.h>

#include "inspect/handshake/extension_words.h"
#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::from_hex;
using test::joined;
using test::vector_of;

constexpr auto kClient = HelloKind::client_hello;
constexpr auto kServer = HelloKind::server_hello;
constexpr auto kEncrypted = HelloKind::encrypted_extensions;

struct Sample {
  std::uint16_t type;
  std::string hex;  ///< of the body
  HelloKind kind;
  std::string words;
};

/// Bodies as real clients and servers send them, and the rare ones as their RFC has them.
const Sample kSamples[] = {
    {0, "0013 00 0010 73686f702e6578616d706c652e636f6d", kClient, "shop.example.com"},
    {0, "", kServer, ""},
    {0, "000a 00 0001 61 07 0003 010203", kClient, "a, name of type 7 3 bytes"},
    {1, "02", kClient, "1024 bytes"},
    {1, "09", kClient, "unknown code 9"},
    {2, "", kClient, ""},
    {3,
     "002e 00 01 1111111111111111111111111111111111111111 02 0000 "
     "03 1111111111111111111111111111111111111111",
     kClient, "pre_agreed, key_sha1_hash, x509_name, cert_sha1_hash"},
    {3, "", kServer, ""},
    {4, "", kClient, ""},
    {5, "01 0000 0000", kClient, "ocsp"},
    {5, "01 0008 0002 abab 0002 cdcd 0003 300130", kClient,
     "ocsp, 2 responders, request extensions 3 bytes"},
    {5, "02 0000", kClient, "ocsp_multi"},
    {5, "", kServer, ""},
    {5, "", HelloKind::certificate_request, ""},
    {5, "01 000003 300130", HelloKind::certificate, "ocsp, 3 bytes"},
    {6, "02 40 07", kClient, "upn_domain_hint, type 7"},
    {7, "02 00 03", kClient, "x509_attr_cert, saml_assertion_url"},
    {8, "01 40", kServer, "format 64"},
    {9, "02 00 01", kClient, "X509, OpenPGP"},
    {9, "01", kServer, "OpenPGP"},
    {10, "0006 3a3a 001d 11ec", kClient, "GREASE, x25519, X25519MLKEM768"},
    {11, "03 00 01 02", kClient,
     "uncompressed, ansiX962_compressed_prime, ansiX962_compressed_char2"},
    {12, "05 616c696365", kClient, "user name of 5 bytes"},
    {13, "0004 0403 0804", kClient, "ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256"},
    {14, "0004 0001 0007 00", kClient, "SRTP_AES128_CM_HMAC_SHA1_80, SRTP_AEAD_AES_128_GCM"},
    {14, "0002 0001 02 0102", kServer, "SRTP_AES128_CM_HMAC_SHA1_80, MKI 2 bytes"},
    {15, "01", kClient, "peer_allowed_to_send"},
    {16, "000c 02 6832 08 687474702f312e31", kClient, "h2, http/1.1"},
    {17, "000e 02 0004 0000 0000 01 0004 0000 0000", kClient, "ocsp_multi, ocsp"},
    {17, "", kServer, ""},
    {18, "", kClient, ""},
    {18, "0008 0002 0101 0002 0202", kServer, "2 timestamps"},
    {19, "02 02 00", kClient, "RawPublicKey, X509"},
    {20, "02", kServer, "RawPublicKey"},
    {21, "000000", kClient, "3 bytes"},
    {21, "000100", kClient, "3 bytes, not all of them zero"},
    {22, "", kClient, ""},
    {23, "", kServer, ""},
    {24, "0010 03 02 01 00", kClient, "version 0.16, ecdsap256, rsa2048_pss, rsa2048_pkcs1.5"},
    {25, "0006 01 01 aa 02 01 bb", kClient, "cert, cert_req"},
    {25, "0002 01 02", kServer, "cert, cert_req"},
    {27, "06 0001 0002 0003", kClient, "zlib, brotli, zstd"},
    {28, "4001", kClient, "16385 bytes"},
    {32, "0000", kClient, "ticket 0 bytes"},
    {32, "02 0101 0003 010203 00000e10", kEncrypted,
     "proof 2 bytes, ticket 3 bytes, lifetime 3600 s"},
    {33, "", kClient, ""},
    {34, "0008 0403 0503 0603 0203", kClient,
     "ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, ecdsa_secp521r1_sha512, ecdsa_sha1"},
    {34, "00000e10 0403 000002 3000 0804 0003 010203", HelloKind::certificate,
     "valid 3600 s, ecdsa_secp256r1_sha256"},
    {35, "", kClient, ""},
    {35, "aabbcc", kClient, "3 bytes"},
    {41, "000b 0005 0102030405 00000007 0021 20" + std::string(64, '2'), kClient,
     "identity 5 bytes, binder 32 bytes"},
    {41, "0000", kServer, "identity 0"},
    {42, "", kClient, ""},
    {42, "00004000", HelloKind::new_session_ticket, "at most 16384 bytes"},
    {43, "04 0304 0303", kClient, "TLS 1.3, TLS 1.2"},
    {43, "7f1c", kServer, "TLS 1.3 draft 28"},
    {44, "0003 010203", kClient, "3 bytes"},
    {45, "02 01 00", kClient, "psk_dhe_ke, psk_ke"},
    {47, "0008 0002 3000 0002 3000", kClient, "2 names"},
    {48, "0006 02 550f 0001 07", HelloKind::certificate_request, "1 filter"},
    {49, "", kClient, ""},
    {50, "0002 0403", kClient, "ecdsa_secp256r1_sha256"},
    {51, "000e 3a3a 0001 00 001d 0005 0102030405", kClient, "GREASE 1 byte, x25519 5 bytes"},
    {51, "001d 0002 0102", kServer, "x25519 2 bytes"},
    {51, "0018", HelloKind::hello_retry_request, "secp384r1"},
    {54, "03 010203", kClient, "3 bytes"},
    {57, "01048000", kClient, "4 bytes"},
    {58, "02 01", kClient, "new 2, resumption 1"},
    {58, "01", kEncrypted, "1 ticket"},
    {62, "02 0180", kClient, "flags 0180"},
    {0x3374, "", kClient, ""},
    {0x3374, "08 737064792f332e31 08 687474702f312e31", kServer, "spdy/3.1, http/1.1"},
    {0x4469, "0003 02 6832", kClient, "h2"},
    {0x44cd, "0003 02 6832", kClient, "h2"},
    {0x44cd, "010203", kEncrypted, "3 bytes"},
    {0x754f, "", kClient, ""},
    {0x7550, "", kClient, ""},
    {0xfd00, "04 000a 0033", kClient, "supported_groups, key_share"},
    {0xfe0d, "00 0001 0001 2a 0003 010203 0004 01020304", kClient,
     "outer, HKDF-SHA256, AES-128-GCM, config 42, enc 3 bytes, payload 4 bytes"},
    {0xfe0d, "01", kClient, "inner"},
    {0xfe0d, "0102030405060708", HelloKind::hello_retry_request, "8 bytes"},
    {0xfe0d, "0007 fe0d 0003 010203", kEncrypted, "1 retry configuration"},
    {0xff01, "00", kClient, "first handshake"},
    {0xff01, "0c 0102030405060708090a0b0c", kClient, "renegotiation, 12 bytes"},
    {0xffce, "1301 001d 0002 0102 0003 010203 0004 01020304", kClient,
     "TLS_AES_128_GCM_SHA256, x25519 2 bytes, digest 3 bytes, encrypted name 4 bytes"},
    {0xffce, "0102", kEncrypted, "2 bytes"},
    {0x5500, "000100020002", kClient, "6 bytes"},
    {0x1234, "", kClient, ""},
    {0x1234, "0102ff", kClient, "3 bytes: 0102ff"},
    {0x1a1a, "00", kClient, "1 byte: 00"},
};

TEST(DescribeExtension, InWords) {
  for (const Sample& sample : kSamples) {
    const auto words =
        describe_extension(ExtensionType{sample.type}, from_hex(sample.hex), sample.kind);
    ASSERT_TRUE(words.ok()) << sample.type << ' ' << describe(words.error());
    EXPECT_EQ(*words, sample.words) << sample.type;
  }
}

/// Extensions that may hold anything, and ends where a shorter body is complete, too.
bool any_length_is_good(const Sample& sample) {
  const ExtensionType type{sample.type};
  const bool answer = sample.kind == kEncrypted || sample.kind == HelloKind::hello_retry_request;
  return sample.type == 21 || sample.type == 35 || known_name(type).empty() || sample.type == 57 ||
         sample.type == 0x5500 || (sample.type == 0x44cd && answer) ||
         (sample.type == 0xffce && answer) ||
         (sample.type == 0xfe0d && sample.kind == HelloKind::hello_retry_request);
}

bool may_be_empty(const Sample& sample) {
  return sample.type == 0 || sample.type == 18 || sample.type == 0x3374;
}

TEST(DescribeExtension, CutAtEveryByte) {
  for (const Sample& sample : kSamples) {
    if (any_length_is_good(sample)) continue;
    const ByteVector body = from_hex(sample.hex);
    for (std::size_t count = 0; count < body.size(); ++count) {
      const auto words =
          describe_extension(ExtensionType{sample.type}, Bytes(body).first(count), sample.kind);
      if (count == 0 && may_be_empty(sample)) continue;
      // Lists that end with their extension are whole after each of their items.
      if (sample.type == 0x3374 && count == 9) continue;
      if (sample.type == 5 && sample.kind == kClient && sample.hex.starts_with("02")) continue;
      ASSERT_FALSE(words.ok()) << sample.type << ' ' << count << ' ' << *words;
      EXPECT_LE(words.error().offset, count);
      EXPECT_FALSE(words.error().field.empty());
    }
  }
}

TEST(DescribeExtension, AByteTooManyIsAnError) {
  for (const Sample& sample : kSamples) {
    if (any_length_is_good(sample) || sample.type == 0x3374) continue;
    if (sample.type == 5 && sample.kind == kClient && sample.hex.starts_with("02")) continue;
    if (sample.type == 18 && sample.hex.empty()) continue;  // it would be a list
    if (sample.type == 0 && sample.hex.empty()) continue;
    ByteVector body = from_hex(sample.hex);
    body.push_back(0);
    const auto words = describe_extension(ExtensionType{sample.type}, body, sample.kind);
    ASSERT_FALSE(words.ok()) << sample.type << ' ' << *words;
    EXPECT_EQ(words.error().code, ParseErrorCode::trailing) << sample.type;
    EXPECT_EQ(words.error().field, field_name(ExtensionType{sample.type}));
  }
}

TEST(DescribeExtension, WhatIsForbiddenIsNamed) {
  const auto error = [](std::uint16_t type, const std::string& hex, HelloKind kind = kClient) {
    return describe_extension(ExtensionType{type}, from_hex(hex), kind).error();
  };
  EXPECT_EQ(error(16, "0003 02 6832 00"),
            (ParseError{ParseErrorCode::trailing, "application_layer_protocol_negotiation", 5}));
  EXPECT_EQ(error(16, "0001 00"), (ParseError{ParseErrorCode::bad_length, "ProtocolName", 3}));
  EXPECT_EQ(error(44, "0000"), (ParseError{ParseErrorCode::bad_length, "cookie", 2}));
  EXPECT_EQ(error(0xfe0d, "02"), (ParseError{ParseErrorCode::bad_value, "ECHClientHelloType", 1}));
  EXPECT_EQ(error(3, "0001 04"), (ParseError{ParseErrorCode::bad_value, "identifier_type", 3}));
  EXPECT_EQ(error(13, "0003 0403 08"),
            (ParseError{ParseErrorCode::truncated, "supported_signature_algorithms", 4}));
  EXPECT_EQ(error(23, "00"), (ParseError{ParseErrorCode::trailing, "extended_master_secret", 0}));
  EXPECT_EQ(error(17, "0008 01 0005 0000 0000 ff"),
            (ParseError{ParseErrorCode::trailing, "request", 9}));
}

TEST(DescribeExtension, TextIsBoundedAndPlainWhateverAPeerSent) {
  ByteVector names;
  for (int i = 0; i < 300; ++i) names = joined({names, {2, 0x1b, 0xff}});
  const auto words = describe_extension(kAlpn, vector_of(2, names), kClient);
  ASSERT_TRUE(words.ok());
  EXPECT_EQ(words->size(), ExtensionWords::kMax);
  EXPECT_TRUE(words->starts_with("\\x1b\\xff, \\x1b\\xff, "));
  EXPECT_TRUE(words->ends_with("..."));
  const auto many = describe_extension(ExtensionType{0x1234}, ByteVector(60000, 0xab), kClient);
  EXPECT_EQ(
      *many, "60000 bytes: " + [] {
        std::string hex;
        for (int i = 0; i < 32; ++i) hex += "ab";
        return hex + "...";
      }());
}

TEST(ExtensionWords, AreCutAtTheirLimitAndNotBefore) {
  ExtensionWords words;
  words.add(std::string(ExtensionWords::kMax, 'a'));
  EXPECT_FALSE(words.full());
  words.join("b");
  EXPECT_TRUE(words.full());
  EXPECT_EQ(words.take(), std::string(ExtensionWords::kMax - 3, 'a') + "...");
}

}  // namespace
}  // namespace visavis::inspect

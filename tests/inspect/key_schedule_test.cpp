#include "inspect/decrypt/key_schedule.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/support/hello_builder.h"

namespace visavis::inspect {
namespace {

Secret secret(std::string_view hex) {
  const test::ByteVector bytes = test::from_hex(hex);
  return {bytes.begin(), bytes.end()};
}

HelloRandom random_of(std::string_view hex) {
  const test::ByteVector bytes = test::from_hex(hex);
  HelloRandom random{};
  std::copy(bytes.begin(), bytes.end(), random.begin());
  return random;
}

CipherParameters cipher(std::uint16_t suite) {
  const auto found = cipher_parameters(CipherSuite{suite});
  EXPECT_TRUE(found);
  return found.value_or(CipherParameters{});
}

/// In the order of RFC 5246 6.3.
Secret joined(const KeyBlock& keys) {
  Secret all;
  for (const Secret* part : {&keys.client.mac_key, &keys.server.mac_key, &keys.client.key,
                             &keys.server.key, &keys.client.iv, &keys.server.iv})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

/// NIST CAVS "TLS Key Derivation Function" vectors (SP 800-135), as in OpenSSL's own tests: the key
/// block of 104 bytes is that of TLS_RSA_WITH_AES_128_CBC_SHA in TLS 1.0.
TEST(KeyBlock, OfTls10AndTls11EqualsNistsVector) {
  const Secret master = secret(
      "2f6962dfbc744c4b2138bb6b3d33054c5ecc14f24851d9896395a44ab3964efc"
      "2090c5bf51a0891209f46c1e1e998f62");
  const HelloRandom server =
      random_of("67267e650eb32444119d222a368c191af3082888dc35afe8368e638c828874be");
  const HelloRandom client =
      random_of("d58a7b1cd4fedaa232159df652ce188f9d997e061b9bf48e83b62990440931f6");
  const Secret block = secret(
      "3088825988e77fce68d19f756e18e43eb7fe672433504feaf99b3c503d9091b164f166db301d70c9"
      "fc0870b4a94563907bee1a61fb786cb717576890bcc51cb9ead97e01d0a2fea99c953377b195205f"
      "f07b369589178796edc963fd80fdbe518a2fc1c35c18ae8d");
  const auto tls10 = derive_key_block(master, client, server, kTls10, cipher(0x002f));
  ASSERT_TRUE(tls10);
  EXPECT_EQ(tls10->client.mac_key.size(), 20U);
  EXPECT_EQ(tls10->server.key.size(), 16U);
  EXPECT_EQ(tls10->server.iv.size(), 16U);
  EXPECT_TRUE(joined(*tls10) == block);
  // From TLS 1.1 on an IV goes with each record.
  const auto tls11 = derive_key_block(master, client, server, kTls11, cipher(0x002f));
  ASSERT_TRUE(tls11);
  EXPECT_TRUE(tls11->client.iv.empty());
  EXPECT_TRUE(joined(*tls11) == Secret(block.begin(), block.begin() + 72));
}

TEST(KeyBlock, OfTls12EqualsNistsVector) {
  const Secret master = secret(
      "202c88c00f84a17a20027079604787461176455539e705be730890602c289a50"
      "01e34eeb3a043e5d52a65e66125188bf");
  const HelloRandom server =
      random_of("ae6c806f8ad4d80784549dff28a4b58fd837681a51d928c3e30ee5ff14f39868");
  const HelloRandom client =
      random_of("62e1fd91f23f558a605f28478c58cf72637b89784d959df7e946d3f07bd1b616");
  const Secret block = secret(
      "d06139889fffac1e3a71865f504aa5d0d2a2e89506c6f2279b670c3e1b74f531016a2530c51a3a0f"
      "7e1d6590d0f0566b2f387f8d11fd4f731cdd572d2eae927f6f2f81410b25e6960be68985add6c384"
      "45ad9f8c64bf8068bf9a6679485d966f1ad6f68b43495b10a683755ea2b858d70ccac7ec8b053c6b"
      "d41ca299d4e51928");
  const struct {
    std::uint16_t suite;
    std::size_t mac, key, iv;
  } cases[] = {{0x009c, 0, 16, 4},   // TLS_RSA_WITH_AES_128_GCM_SHA256
               {0xc0a0, 0, 16, 4},   // TLS_RSA_WITH_AES_128_CCM_8
               {0xcca8, 0, 32, 12},  // TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
               {0x003d, 32, 32, 0},  // TLS_RSA_WITH_AES_256_CBC_SHA256
               {0x000a, 20, 24, 0},  // TLS_RSA_WITH_3DES_EDE_CBC_SHA
               {0x0005, 20, 16, 0},  // TLS_RSA_WITH_RC4_128_SHA
               {0x003b, 32, 0, 0}};  // TLS_RSA_WITH_NULL_SHA256
  for (const auto& one : cases) {
    const auto keys = derive_key_block(master, client, server, kTls12, cipher(one.suite));
    ASSERT_TRUE(keys) << one.suite;
    for (const DirectionKeys* side : {&keys->client, &keys->server}) {
      EXPECT_EQ(side->mac_key.size(), one.mac) << one.suite;
      EXPECT_EQ(side->key.size(), one.key) << one.suite;
      EXPECT_EQ(side->iv.size(), one.iv) << one.suite;
    }
    const Secret all = joined(*keys);
    ASSERT_LE(all.size(), block.size());
    EXPECT_TRUE(std::equal(all.begin(), all.end(), block.begin())) << one.suite;
  }
}

/// RFC 8448 section 3: the keys of all four secrets.
TEST(TrafficKeys, EqualThoseOfRfc8448) {
  const struct {
    const char* secret;
    const char* key;
    const char* iv;
  } cases[] = {{"b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
                "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30"},
               {"b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
                "dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f"},
               {"a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
                "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984"},
               {"9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
                "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9"}};
  for (const auto& one : cases) {
    const auto keys = derive_traffic_keys(secret(one.secret), cipher(0x1301));
    ASSERT_TRUE(keys);
    EXPECT_TRUE(keys->key == secret(one.key)) << one.key;
    EXPECT_TRUE(keys->iv == secret(one.iv)) << one.iv;
    EXPECT_TRUE(keys->mac_key.empty());
  }
}

TEST(CipherParameters, AreThoseOfTheSuitesName) {
  EXPECT_EQ(cipher(0x1302).hash, "SHA384");
  EXPECT_EQ(cipher(0x1303).cipher, "ChaCha20-Poly1305");
  EXPECT_EQ(cipher(0x1305).mode, CipherMode::ccm8);
  EXPECT_EQ(cipher(0xc030).hash, "SHA384");
  EXPECT_EQ(cipher(0xc030).mac_bytes, 0U);
  EXPECT_EQ(cipher(0xc028).mac, "SHA384");
  EXPECT_EQ(cipher(0xc028).hash, "SHA384");
  EXPECT_EQ(cipher(0x002f).hash, "SHA256") << "the PRF's, though the MAC's is SHA-1";
  EXPECT_EQ(cipher(0x0004).mac_bytes, 16U);
  constexpr std::uint16_t kNone[] = {0x0000, 0x0003, 0x0009, 0x00ff, 0x5600, 0x1306,
                                     0x00c6, 0xc100, 0xc0b4, 0x0a0a, 0x13ff, 0xffff};
  for (const std::uint16_t none : kNone) EXPECT_FALSE(cipher_parameters(CipherSuite{none})) << none;
}

TEST(KeySchedule, SaysSoWhereOpensslRefuses) {
  CipherParameters unknown = cipher(0x1301);
  unknown.hash = "NO-SUCH-HASH";
  EXPECT_FALSE(derive_traffic_keys(Secret(32, 1), unknown));
  EXPECT_TRUE(next_traffic_secret(Secret(32, 1), unknown).empty());
  EXPECT_FALSE(derive_key_block(Secret(48, 1), {}, {}, kTls12, unknown));
  EXPECT_EQ(ERR_peek_error(), 0U) << "the error queue is left as it was";
}

}  // namespace
}  // namespace visavis::inspect

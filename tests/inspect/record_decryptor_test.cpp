#include "inspect/decrypt/record_decryptor.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/support/hello_builder.h"

/// Records made without our code: by RFC 5246 6.2.3 in 30 lines of Python with the package
/// `cryptography` 48.0 (3DES, AES) and by `openssl enc -aria-128-cbc -nopad`. Keys are 00 01 02
/// ..., MAC keys 64 65 66 ..., IVs 32 33 34 ... (hex).
namespace visavis::inspect {
namespace {

Secret counting(std::uint8_t first, std::size_t count) {
  Secret bytes(count);
  for (std::uint8_t& byte : bytes) byte = first++;
  return bytes;
}

std::unique_ptr<RecordDecryptor> make(std::uint16_t suite, ProtocolVersion version,
                                      bool encrypt_then_mac = false) {
  const auto cipher = cipher_parameters(CipherSuite{suite});
  if (!cipher) return nullptr;
  const bool aead = cipher->mac_bytes == 0;
  const std::size_t iv = aead ? (version < kTls13 ? 4 : 12) : cipher->block_bytes;
  return RecordDecryptor::make(
      version, *cipher,
      {counting(100, cipher->mac_bytes), counting(0, cipher->key_bytes), counting(50, iv)},
      encrypt_then_mac);
}

std::string opened(RecordDecryptor& decryptor, ContentType type, ProtocolVersion version,
                   Bytes fragment) {
  const auto record = decryptor.decrypt(type, version, fragment);
  if (!record) return "refused";
  EXPECT_EQ(record->type, type);
  return {record->plaintext.begin(), record->plaintext.end()};
}

constexpr std::uint16_t k3Des = 0x000a;
constexpr std::uint16_t kAes256Sha256 = 0x003d;
constexpr std::uint16_t kAriaSha256 = 0xc03c;

const test::ByteVector kChained[] = {
    test::from_hex("1f7c3638ee0d421b7a02c5e461852ca718bc5540cbd3cbf32229e7dbcf91460c"
                   "bca7334ecbbd4c48"),
    test::from_hex("ae0372051702361165c253bcdb4b05d437b8b95be63c210b"),
    test::from_hex(
        "a10c3ac979012332446504d2dbc8cb53c5fb98dbf62d1ea290d1f4b2023412eedc7d9992d2f211a1"
        "fbd96c2e8c3787a5bdac5954b8964a76")};
const test::ByteVector k3DesTls12 = test::from_hex(
    "323334353637383924e00b121928a3d3e662134a1315c5203b4a793371b6839911"
    "0a9673e09ab240");
const test::ByteVector k3DesEtm = test::from_hex(
    "323334353637383924e00b121928a3d31c0609aa9f17c3bd745d221de48c487d09"
    "f14bf4733fb7b61a9a2aad");
const test::ByteVector kAria = test::from_hex(
    "32333435363738393a3b3c3d3e3f4041"
    "1e9bebd15a3108154cb471c01aaed0f74be62a928ffc046106ecf574d2e3cc587574703282b072d6682eba4d22db"
    "c34d");
const test::ByteVector kLongPadding = test::from_hex(
    "32333435363738393a3b3c3d3e3f404184655071853710cecb21c6488b7ac5ae4572fedc925dc0537e7a2c4f9a"
    "f23c3c290dc9ce5077ebc12eddd7656d84e0b06827589297e7a57eb65d9a4bfebceecb04be8c8f0095b3f7b5de"
    "99fe6d4b9bac838fea5fdf53d0a6b1aff0db6323172cad9ef2ca8eca86c83e9e0719abce739c4c8ec082f70a6b"
    "ab2a05366798815f4342f9682318d70b96034c9cceebddaf20acb7951e901a949dc5363c237feb09f9a257436b"
    "a35b17f652fac0f30fa32b9810fae20e7ee07b0cb5afe4fcaeaca920cfaf603a0a9be37ed68d927d8f8d4d3dd7"
    "eb516164057fab63a22f157e2bfb14899d645c3836e07aa3890903c44c7474b45fa37bb30f8c446e90edb3928f"
    "34ae");

TEST(RecordDecryptor, ChainsTheRecordsOfTls10) {
  const auto decryptor = make(k3Des, kTls10);
  ASSERT_TRUE(decryptor);
  EXPECT_EQ(opened(*decryptor, kHandshake, kTls10, kChained[0]), "first message");
  EXPECT_EQ(opened(*decryptor, kApplicationData, kTls10, kChained[1]), "");
  EXPECT_EQ(opened(*decryptor, kApplicationData, kTls10, kChained[2]),
            "the second record, and it is longer");
}

struct Case {
  const char* name;
  std::uint16_t suite;
  bool encrypt_then_mac;
  const test::ByteVector* record;
};
const Case kCases[] = {{"3DES", k3Des, false, &k3DesTls12},
                       {"3DES, encrypt-then-MAC", k3Des, true, &k3DesEtm},
                       {"ARIA", kAriaSha256, false, &kAria},
                       {"AES, longest padding", kAes256Sha256, false, &kLongPadding}};

TEST(RecordDecryptor, OpensRecordsWithAnIvOfTheirOwn) {
  for (const Case& one : kCases) {
    const auto decryptor = make(one.suite, kTls12, one.encrypt_then_mac);
    ASSERT_TRUE(decryptor) << one.name;
    EXPECT_EQ(opened(*decryptor, kApplicationData, kTls12, *one.record), "explicit") << one.name;
  }
}

TEST(RecordDecryptor, RefusesEveryFlippedBitAndEveryCut) {
  for (const Case& one : kCases) {
    const test::ByteVector& whole = *one.record;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      test::ByteVector wrong = whole;
      wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const auto decryptor = make(one.suite, kTls12, one.encrypt_then_mac);
      const std::string seen = opened(*decryptor, kApplicationData, kTls12, wrong);
      // What MAC-then-encrypt does not cover is the padding; its length alone is looked at, as an
      // observer needs no secret kept from a padding oracle.
      const bool in_padding = !one.encrypt_then_mac && seen == "explicit";
      EXPECT_TRUE(in_padding || seen == "refused") << one.name << ", bit " << bit;
    }
    for (std::size_t count = 0; count < whole.size(); ++count) {
      const auto decryptor = make(one.suite, kTls12, one.encrypt_then_mac);
      EXPECT_EQ(opened(*decryptor, kApplicationData, kTls12, Bytes(whole).first(count)), "refused")
          << one.name << ", cut to " << count;
    }
  }
  EXPECT_EQ(ERR_peek_error(), 0U) << "the error queue is left as it was";
}

TEST(RecordDecryptor, CoversTypeVersionAndNumber) {
  for (const Case& one : kCases) {
    EXPECT_EQ(
        opened(*make(one.suite, kTls12, one.encrypt_then_mac), kHandshake, kTls12, *one.record),
        "refused");
    EXPECT_EQ(opened(*make(one.suite, kTls12, one.encrypt_then_mac), kApplicationData, kTls11,
                     *one.record),
              "refused");
    const auto decryptor = make(one.suite, kTls12, one.encrypt_then_mac);
    opened(*decryptor, kApplicationData, kTls12, *one.record);
    EXPECT_EQ(opened(*decryptor, kApplicationData, kTls12, *one.record), "refused") << "once more";
  }
}

TEST(RecordDecryptor, GoesOnBehindARecordThatDoesNotOpen) {
  const auto decryptor = make(k3Des, kTls10);
  test::ByteVector wrong = kChained[1];
  wrong[3] ^= 1;
  opened(*decryptor, kHandshake, kTls10, kChained[0]);
  EXPECT_EQ(opened(*decryptor, kApplicationData, kTls10, wrong), "refused");
  EXPECT_EQ(opened(*decryptor, kApplicationData, kTls10, kChained[2]),
            "the second record, and it is longer");
}

/// The first record of RFC 8448's server: all of it but the wrong ways to read it.
TEST(RecordDecryptor, TakesTheInnerTypeOfTls13) {
  const auto cipher = cipher_parameters(CipherSuite{0x1301});
  const auto hex = [](const char* text) {
    const test::ByteVector bytes = test::from_hex(text);
    return Secret(bytes.begin(), bytes.end());
  };
  const DirectionKeys keys{
      {}, hex("9f02283b6c9c07efc26bb9f2ac92e356"), hex("cf782b88dd83549aadf1e984")};
  // Record 2 of the direction: record 0 is the ticket, 1 the application data.
  const test::ByteVector close = test::from_hex("b58fd67166ebf599d24720cfbe7efa7a8864a9");
  const auto decryptor = RecordDecryptor::make(kTls13, *cipher, keys, false);
  ASSERT_TRUE(decryptor);
  for (int before = 0; before < 2; ++before)
    EXPECT_FALSE(decryptor->decrypt(kApplicationData, kTls12, close));
  const auto record = decryptor->decrypt(kApplicationData, kTls12, close);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->type, kAlert);
  EXPECT_EQ(test::ByteVector(record->plaintext.begin(), record->plaintext.end()),
            (test::ByteVector{1, 0}));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(RecordDecryptor, SaysWhatThisOpensslDoesNotHave) {
  EXPECT_FALSE(make(0x0005, kTls12)) << "RC4 is in the legacy provider";
  EXPECT_FALSE(make(0x0096, kTls12)) << "so is SEED";
  EXPECT_EQ(ERR_peek_error(), 0U);
  const auto cipher = cipher_parameters(CipherSuite{0x009c});
  EXPECT_FALSE(RecordDecryptor::make(kTls12, *cipher, {{}, Secret(15), Secret(4)}, false))
      << "a key of the wrong size";
}

}  // namespace
}  // namespace visavis::inspect

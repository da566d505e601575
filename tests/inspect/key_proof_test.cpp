#include "inspect/compare/key_proof.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "inspect/compare/leg_summary.h"
#include "tests/support/test_certificates.h"

namespace visavis::inspect {
namespace {

using testing::TestCertificate;
using testing::TestKey;

constexpr SignatureScheme kRsaSha256{0x0401};
constexpr SignatureScheme kEcdsaSha256{0x0403};

/// RFC 5246 7.4.3, made by OpenSSL: a signature over both randoms and the parameters.
std::vector<std::uint8_t> sign(const TestCertificate& signer, const EVP_MD* digest,
                               const std::vector<std::uint8_t>& data) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t length = 0;
  std::vector<std::uint8_t> signature;
  if (EVP_DigestSignInit(context, nullptr, digest, nullptr, signer.key()) == 1 &&
      EVP_DigestSign(context, nullptr, &length, data.data(), data.size()) == 1) {
    signature.resize(length);
    EVP_DigestSign(context, signature.data(), &length, data.data(), data.size());
    signature.resize(length);
  }
  EVP_MD_CTX_free(context);
  return signature;
}

class KeyProof : public ::testing::Test {
 protected:
  /// A handshake that broke off behind the ServerKeyExchange, signed with `signer`'s key.
  static Transcript broken_off(const TestCertificate& shown, const TestCertificate& signer,
                               SignatureScheme scheme, const EVP_MD* digest = EVP_sha256(),
                               ProtocolVersion version = kTls12) {
    Transcript transcript;
    transcript.client_hello.emplace();
    transcript.client_hello->random.fill(0xc1);
    transcript.server_hello.emplace();
    transcript.server_hello->legacy_version = version;
    transcript.server_hello->random.fill(0x5e);
    transcript.certificates = {shown.der()};
    const std::vector<std::uint8_t> parameters{3, 0, 29, 4, 1, 2, 3, 4};
    std::vector<std::uint8_t> data(32, 0xc1);
    data.insert(data.end(), 32, 0x5e);
    data.insert(data.end(), parameters.begin(), parameters.end());
    transcript.key_exchange_signature =
        KeyExchangeSignature{parameters, sign(signer, digest, data)};
    if (version >= kTls12) transcript.signature = scheme;
    return transcript;
  }
  static TestCertificate certificate(TestKey key) {
    testing::CertificateSpec spec = testing::leaf_spec();
    spec.key = key;
    return testing::make_certificate(spec);
  }
  TestCertificate rsa_ = certificate(TestKey::rsa_2048);
  TestCertificate other_rsa_ = certificate(TestKey::rsa_2048);
  TestCertificate ec_ = certificate(TestKey::ec_p256);
};

TEST_F(KeyProof, TheRightKeyAndAnother) {
  EXPECT_EQ(key_proof(broken_off(rsa_, rsa_, kRsaSha256)), "valid");
  EXPECT_EQ(key_proof(broken_off(ec_, ec_, kEcdsaSha256)), "valid");
  EXPECT_EQ(key_proof(broken_off(rsa_, other_rsa_, kRsaSha256)), "invalid");
  EXPECT_EQ(key_proof(broken_off(rsa_, ec_, kEcdsaSha256)), "wrong-key");
  EXPECT_EQ(key_proof(broken_off(rsa_, rsa_, SignatureScheme{0xfefe})), "not-checked");
  EXPECT_EQ(summarize_leg(broken_off(rsa_, other_rsa_, kRsaSha256)).key_proof, "invalid");
}

TEST_F(KeyProof, BeforeTls12) {
  // RFC 4346 4.7: RSA signs MD5 and SHA-1 together, without naming a scheme.
  EXPECT_EQ(key_proof(broken_off(rsa_, rsa_, {}, EVP_md5_sha1(), kTls10)), "valid");
  EXPECT_EQ(key_proof(broken_off(rsa_, other_rsa_, {}, EVP_md5_sha1(), kTls10)), "invalid");
}

TEST_F(KeyProof, AnythingElseThatWasSignedIsAnothers) {
  Transcript transcript = broken_off(rsa_, rsa_, kRsaSha256);
  transcript.server_hello->random[0] ^= 1;
  EXPECT_EQ(key_proof(transcript), "invalid");
  transcript = broken_off(rsa_, rsa_, kRsaSha256);
  transcript.key_exchange_signature->parameters.push_back(0);
  EXPECT_EQ(key_proof(transcript), "invalid");
  transcript = broken_off(rsa_, rsa_, kRsaSha256);
  transcript.certificates = {{0x30, 0x00}};
  EXPECT_EQ(key_proof(transcript), "not-checked");
}

TEST_F(KeyProof, SaysNothingWhereNothingWasSignedOrAllWasTaken) {
  Transcript transcript = broken_off(rsa_, other_rsa_, kRsaSha256);
  transcript.established = true;
  EXPECT_FALSE(key_proof(transcript));
  transcript.established = false;
  transcript.key_exchange_signature.reset();
  EXPECT_FALSE(key_proof(transcript));
  EXPECT_FALSE(key_proof(Transcript{}));
}

/// In TLS 1.3 it is our library that tells.
TEST_F(KeyProof, Tls13IsOurLibrarysWord) {
  Transcript transcript = broken_off(rsa_, rsa_, kRsaSha256);
  transcript.server_hello->selected_version = kTls13;
  EXPECT_FALSE(key_proof(transcript));
  transcript.failure = "refused by our TLS library: bad signature (0x0a00007b)";
  EXPECT_EQ(key_proof(transcript), "invalid");
  transcript.failure = "refused by our TLS library: digest check failed (0x0a000095)";
  EXPECT_FALSE(key_proof(transcript));
}

}  // namespace
}  // namespace visavis::inspect

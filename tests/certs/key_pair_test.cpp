#include "certs/key_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestChain;

std::string problem_of(const std::function<void()>& load) {
  try {
    load();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

std::string encrypted_pem(evp_pkey_st* key) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  const unsigned char pass[] = "secret";
  PEM_write_bio_PrivateKey(out.get(), key, EVP_aes_128_cbc(), pass, 6, nullptr, nullptr);
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

TEST(KeyPair, NewKeys) {
  const PkeyPtr ec = make_ec_p256_key();
  EXPECT_EQ(EVP_PKEY_get_base_id(ec.get()), EVP_PKEY_EC);
  EXPECT_EQ(EVP_PKEY_get_bits(ec.get()), 256);
  const PkeyPtr rsa = make_rsa_2048_key();
  EXPECT_EQ(EVP_PKEY_get_base_id(rsa.get()), EVP_PKEY_RSA);
  EXPECT_EQ(EVP_PKEY_get_bits(rsa.get()), 2048);
  EXPECT_NE(EVP_PKEY_eq(ec.get(), make_ec_p256_key().get()), 1);
}

TEST(KeyPair, LoadsACertificateWithChainAndKey) {
  const TemporaryDirectory directory;
  const TestChain chain = make_chain();
  const auto certificates = directory.write("c.pem", chain.leaf.pem() + chain.intermediate.pem());
  const auto key = directory.write("k.pem", chain.leaf.key_pem());
  const CertifiedKey pair = load_certified_key(certificates, key);
  EXPECT_EQ(certificate_der(*pair.certificate), chain.leaf.der());
  ASSERT_EQ(pair.chain.size(), 1U);
  EXPECT_EQ(certificate_der(*pair.chain[0]), chain.intermediate.der());
  EXPECT_EQ(EVP_PKEY_eq(pair.key.get(), chain.leaf.key()), 1);
}

TEST(KeyPair, BothMayLieInOneFile) {
  const TemporaryDirectory directory;
  const auto leaf = make_certificate(leaf_spec());
  const auto file = directory.write("both.pem", leaf.key_pem() + leaf.pem());
  EXPECT_EQ(certificate_der(*load_certified_key(file, file).certificate), leaf.der());
}

TEST(KeyPair, ProblemsAreOneLineThatNamesFileAndCause) {
  const TemporaryDirectory directory;
  const TestChain chain = make_chain();
  const auto certificate = directory.write("c.pem", chain.leaf.pem());
  const auto key = directory.write("k.pem", chain.leaf.key_pem());
  const auto other = directory.write("other.pem", chain.root.key_pem());
  const auto junk = directory.write("junk.pem", "hello");
  const auto der =
      directory.write("c.der", std::string(chain.leaf.der().begin(), chain.leaf.der().end()));
  const auto encrypted = directory.write("e.pem", encrypted_pem(chain.leaf.key()));
  const auto missing = directory.path() / "missing.pem";
  std::string broken_text = chain.leaf.pem();
  broken_text[broken_text.find('\n') + 10] = '!';
  const auto broken = directory.write("b.pem", chain.root.pem() + broken_text);
  const auto nothing =
      directory.write("n.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

  ERR_clear_error();
  const auto problem = [](const auto& certificates, const auto& keys) {
    const std::string text = problem_of([&] { (void)load_certified_key(certificates, keys); });
    EXPECT_EQ(text.find('\n'), std::string::npos);
    return text;
  };
  EXPECT_EQ(problem(certificate, key), "");
  EXPECT_THAT(problem(missing, key), AllOf(HasSubstr("missing.pem"), HasSubstr("No such file")));
  EXPECT_THAT(problem(certificate, missing), HasSubstr("missing.pem"));
  EXPECT_EQ(problem(junk, key),
            junk.string() + ": neither PEM nor DER; it begins with 68 65 6c 6c");
  EXPECT_EQ(
      problem(certificate, certificate),
      certificate.string() + ": no private key in it; it holds: a certificate, CN=www.example.com");
  EXPECT_EQ(problem(key, key), key.string() + ": no certificate in it; it holds: a private key");
  EXPECT_EQ(problem(der, key), "") << "DER is as good as PEM";
  EXPECT_EQ(problem(certificate, other),
            other.string() + ": the private key does not fit CN=www.example.com in " +
                certificate.string());
  const auto chained = directory.write("chain.pem", chain.leaf.pem() + chain.root.pem());
  EXPECT_EQ(problem(chained, other), other.string() +
                                         ": the private key does not fit CN=www.example.com in " +
                                         chained.string() + ", but CN=Test Root behind it");
  EXPECT_EQ(problem(certificate, encrypted),
            encrypted.string() +
                ": its private key: encrypted (AES-128-CBC), and no password can be given here; "
                "decrypt it first");
  EXPECT_EQ(problem(broken, key),
            broken.string() + ": CERTIFICATE block at line 11: its base64 is broken");
  EXPECT_EQ(problem(nothing, key),
            nothing.string() +
                ": certificate 1 (line 1): not an X.509 certificate in DER: Certificate at byte 0: "
                "tag 0x00 where SEQUENCE should be");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(KeyPair, PemOfAKeyReadsBack) {
  const TemporaryDirectory directory;
  const PkeyPtr key = make_ec_p256_key();
  const auto file = directory.write("k.pem", private_key_pem(*key));
  EXPECT_EQ(EVP_PKEY_eq(load_private_key(file).get(), key.get()), 1);
}

TEST(KeyPair, SubjectKeyIdIsTheOneOfTheExtension) {
  const auto leaf = make_certificate(leaf_spec());
  EXPECT_EQ(hex(subject_key_id(*leaf.certificate())), read_certificate(leaf.der()).subject_key_id);
}

}  // namespace
}  // namespace visavis::certs

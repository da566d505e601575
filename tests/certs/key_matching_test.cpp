#include "certs/key_matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "certs/key_fit.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;
using visavis::testing::TestKey;

Der key_der(evp_pkey_st* key) {
  Der der(static_cast<std::size_t>(i2d_PrivateKey(key, nullptr)));
  unsigned char* at = der.data();
  i2d_PrivateKey(key, &at);
  return der;
}

PkeyPtr key_of(int kind, const Der& der) {
  const unsigned char* at = der.data();
  return PkeyPtr(d2i_PrivateKey(kind, nullptr, &at, static_cast<long>(der.size())));
}

/// The private half of one key with the public half of another.
PkeyPtr forged_ec_key(evp_pkey_st* private_half, evp_pkey_st* public_half) {
  // ECPrivateKey (RFC 5915 3): SEQUENCE, version in 3 bytes, OCTET STRING of 32.
  constexpr std::ptrdiff_t kScalar = 2 + 3 + 2;
  Der der = key_der(public_half);
  const Der other = key_der(private_half);
  std::copy_n(other.begin() + kScalar, 32, der.begin() + kScalar);
  return key_of(EVP_PKEY_EC, der);
}

TEST(KeyFit, EveryKindOfKey) {
  for (const TestKey kind :
       {TestKey::ec_p256, TestKey::ec_p384, TestKey::rsa_2048, TestKey::ed25519}) {
    CertificateSpec spec = root_spec();
    spec.key = kind;
    const TestCertificate one = make_certificate(spec);
    const TestCertificate two = make_certificate(spec);
    ERR_clear_error();
    EXPECT_EQ(key_fit(*one.certificate(), *one.key()), KeyFit::fits);
    EXPECT_EQ(key_fit(*one.certificate(), *two.key()), KeyFit::another);
    EXPECT_EQ(ERR_peek_error(), 0U);
  }
  const TestCertificate ec = make_certificate(root_spec());
  CertificateSpec spec = root_spec();
  spec.key = TestKey::rsa_2048;
  EXPECT_EQ(key_fit(*ec.certificate(), *make_certificate(spec).key()), KeyFit::another);
}

TEST(KeyFit, AForgedPublicHalfIsCaught) {
  const TestCertificate victim = make_certificate(root_spec());
  const TestCertificate other = make_certificate(root_spec());
  const PkeyPtr forged = forged_ec_key(other.key(), victim.key());
  ASSERT_TRUE(forged);
  // What others check is satisfied.
  EXPECT_EQ(X509_check_private_key(victim.certificate(), forged.get()), 1);
  ERR_clear_error();
  EXPECT_EQ(key_fit(*victim.certificate(), *forged), KeyFit::forged);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(KeyFit, ADamagedRsaKeyIsCaught) {
  CertificateSpec spec = root_spec();
  spec.key = TestKey::rsa_2048;
  const TestCertificate certificate = make_certificate(spec);
  Der der = key_der(certificate.key());
  // RSAPrivateKey (RFC 8017 A.1.2): behind modulus and exponent, all is private.
  for (std::size_t at = der.size() / 4; at < der.size(); at += 64) der[at] ^= 1;
  const PkeyPtr damaged = key_of(EVP_PKEY_RSA, der);
  ASSERT_TRUE(damaged);
  EXPECT_EQ(X509_check_private_key(certificate.certificate(), damaged.get()), 1);
  EXPECT_EQ(key_fit(*certificate.certificate(), *damaged), KeyFit::forged);
}

/// Files in memory.
CredentialSource file(const std::string& name, const std::vector<const TestCertificate*>& list,
                      const std::vector<evp_pkey_st*>& keys = {}) {
  CredentialSource source{"--cert", name, {"PEM", {}, {}, "", {}}};
  for (const TestCertificate* each : list)
    source.contents.certificates.push_back(share(each->certificate()));
  for (evp_pkey_st* key : keys) source.contents.keys.push_back(share(key));
  return source;
}

CredentialSource key_file(const std::string& name, evp_pkey_st* key) {
  CredentialSource source = file(name, {}, {key});
  source.option = "--key";
  return source;
}

template <class... Sources>
std::vector<CredentialSource> all(Sources... sources) {
  std::vector<CredentialSource> list;
  (list.push_back(std::move(sources)), ...);
  return list;
}

/// "LEAF <- ISSUER <- …" of each pair.
std::vector<std::string> pairs(const Matched& matched) {
  std::vector<std::string> lines;
  for (const CertifiedKey& pair : matched.pairs) {
    EXPECT_EQ(key_fit(*pair.certificate, *pair.key), KeyFit::fits);
    std::string line = certificate_label(*pair.certificate);
    for (const X509Ptr& issuer : pair.chain) line += " <- " + certificate_label(*issuer);
    lines.push_back(line);
  }
  return lines;
}

std::string problem(const std::vector<CredentialSource>& certificates,
                    const std::vector<CredentialSource>& keys = {}) {
  try {
    (void)match_keys(certificates, keys);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TestCertificate lone(const std::string& name, evp_pkey_st* key = nullptr) {
  CertificateSpec spec = leaf_spec(name);
  return make_certificate(spec, nullptr, key);
}

TEST(MatchKeys, TheChainIsPutInOrderWhateverTheFilesOrder) {
  const TestChain chain = make_chain();
  const auto& [root, middle, leaf] = chain;
  std::vector<const TestCertificate*> order{&leaf, &middle, &root};
  do {
    EXPECT_THAT(pairs(match_keys(all(file("c", order, {leaf.key()})), {})),
                ElementsAre("CN=www.example.com <- CN=Test Intermediate <- CN=Test Root"));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(MatchKeys, KeysFindTheirCertificatesInAnyOrder) {
  const TestCertificate a = lone("a.test");
  const TestCertificate b = lone("b.test");
  const TestCertificate c = lone("c.test");
  EXPECT_THAT(pairs(match_keys(all(file("a", {&a}), file("b", {&b}, {b.key()}), file("c", {&c})),
                               all(key_file("kc", c.key()), key_file("ka", a.key())))),
              ElementsAre("CN=a.test", "CN=b.test", "CN=c.test"));
  EXPECT_THAT(pairs(match_keys(all(file("both", {&a, &b}, {b.key(), a.key()})), {})),
              ElementsAre("CN=a.test", "CN=b.test"));
}

TEST(MatchKeys, OneKeyMayServeSeveralFiles) {
  const TestCertificate old = lone("a.test");
  const TestCertificate renewed = lone("a.test", old.key());
  const auto matched =
      match_keys(all(file("old", {&old}), file("new", {&renewed})), all(key_file("k", old.key())));
  EXPECT_EQ(matched.pairs.size(), 2U);
  EXPECT_THAT(matched.notes, IsEmpty());
}

TEST(MatchKeys, ForeignCaCertificatesAreNotedAndLeftOut) {
  const TestChain chain = make_chain();
  CertificateSpec spec = root_spec();
  spec.common_name = "Stray";
  const TestCertificate stray = make_certificate(spec);
  const Matched matched =
      match_keys(all(file("c.pem", {&chain.leaf, &stray, &chain.intermediate, &chain.leaf},
                          {chain.leaf.key()})),
                 {});
  EXPECT_THAT(pairs(matched), ElementsAre("CN=www.example.com <- CN=Test Intermediate"));
  EXPECT_THAT(matched.notes, ElementsAre("--cert: c.pem: CN=Stray is not in the chain of what is "
                                         "served, and is not sent"));
}

TEST(MatchKeys, ACertificateWithoutAKey) {
  const TestCertificate a = lone("a.test");
  const std::string windows =
      "on Windows export a PFX with \"Yes, export the private key\"; Schannel calls a certificate "
      "without one event 36869)";
  EXPECT_EQ(
      problem(all(file("a.pem", {&a}))),
      "--cert: a.pem: CN=a.test has no private key, neither here nor in a key file (" + windows);
  CredentialSource p7b = file("a.p7b", {&a});
  p7b.contents.form = "PKCS #7";
  EXPECT_EQ(problem(all(std::move(p7b))),
            "--cert: a.p7b: CN=a.test has no private key, neither here nor in a key file (a P7B "
            "never holds one; " +
                windows);
  CredentialSource locked = file("a.pem", {&a});
  locked.contents.key_problem = "its private key: encrypted";
  EXPECT_EQ(problem(all(std::move(locked))), "--cert: a.pem: its private key: encrypted");
}

TEST(MatchKeys, TheKeyOfAnotherCertificate) {
  const TestCertificate a = lone("a.test");
  const TestCertificate b = lone("b.test");
  const TestCertificate other = lone("other.test");
  EXPECT_EQ(problem(all(file("a.pem", {&a}), file("b.pem", {&b}, {b.key()})),
                    all(key_file("k.pem", other.key()))),
            "--key: k.pem: the private key of another certificate: it does not fit CN=a.test "
            "(a.pem), CN=b.test (b.pem)");
  EXPECT_EQ(
      problem(all(file("a.pem", {&a}), file("b.pem", {&b})), all(key_file("k.pem", b.key()))),
      "--cert: a.pem: no private key fits CN=a.test; the one in k.pem fits CN=b.test (b.pem)");
  EXPECT_EQ(problem(all(file("two.pem", {&a, &b}, {b.key()}))),
            "--cert: two.pem: no private key fits CN=a.test; the one in two.pem fits CN=b.test "
            "(two.pem)");
  EXPECT_EQ(problem(all(file("a.pfx", {&a}, {other.key()}))),
            "--cert: a.pfx: no private key fits CN=a.test; the one in a.pfx is that of another "
            "certificate");
  std::vector<const TestCertificate*> many(5, &a);
  EXPECT_EQ(problem(all(file("m", many)), all(key_file("k", b.key()))),
            "--key: k: the private key of another certificate: it does not fit CN=a.test (m), "
            "CN=a.test (m), CN=a.test (m) and 2 more");
}

TEST(MatchKeys, TheKeyOfTheIssuer) {
  const TestChain chain = make_chain();
  EXPECT_EQ(problem(all(file("c.pem", {&chain.leaf, &chain.intermediate})),
                    all(key_file("ca.key", chain.intermediate.key()))),
            "--cert: c.pem: no private key fits CN=www.example.com; the one in ca.key fits CN=Test "
            "Intermediate (c.pem)");
  // A CA that issued none of the others may be served.
  EXPECT_THAT(pairs(match_keys(all(file("ca.pem", {&chain.root}, {chain.root.key()})), {})),
              ElementsAre("CN=Test Root"));
  // With both keys the leaf is served, and the issuer belongs to its chain.
  EXPECT_THAT(pairs(match_keys(all(file("c.pem", {&chain.intermediate, &chain.leaf},
                                        {chain.intermediate.key(), chain.leaf.key()})),
                               {})),
              ElementsAre("CN=www.example.com <- CN=Test Intermediate"));
}

TEST(MatchKeys, AForgedKey) {
  const TestCertificate victim = lone("a.test");
  const PkeyPtr forged = forged_ec_key(lone("b.test").key(), victim.key());
  EXPECT_EQ(problem(all(file("a.pem", {&victim})), all(key_file("k.pem", forged.get()))),
            "--key: k.pem: a damaged or forged private key: its public half is that of CN=a.test "
            "(a.pem), but what it signs does not verify");
}

TEST(MatchKeys, FilesWithoutWhatTheyWereGivenFor) {
  const TestCertificate a = lone("a.test");
  EXPECT_EQ(problem(all(file("k.pem", {}, {a.key()}))),
            "--cert: k.pem: no certificate in it; it holds: a private key");
  CredentialSource request = file("r.pem", {});
  request.contents.others = {"CERTIFICATE REQUEST"};
  EXPECT_EQ(problem(all(std::move(request))),
            "--cert: r.pem: no certificate in it; it holds: CERTIFICATE REQUEST");
  CredentialSource wrong = file("c.pem", {&a});
  wrong.option = "--key";
  EXPECT_EQ(problem(all(file("a.pem", {&a})), all(std::move(wrong))),
            "--key: c.pem: no private key in it; it holds: a certificate, CN=a.test");
  CredentialSource locked = file("k.pem", {});
  locked.option = "--key";
  locked.contents.key_problem = "its private key: encrypted";
  EXPECT_EQ(problem(all(file("a.pem", {&a})), all(std::move(locked))),
            "--key: k.pem: its private key: encrypted");
}

TEST(MatchKeys, ACertificateWithoutASubjectIsNamedByItsNumber) {
  CertificateSpec spec = leaf_spec();
  spec.common_name = "";
  const TestCertificate nameless = make_certificate(spec);
  EXPECT_THAT(certificate_label(*nameless.certificate()),
              ::testing::MatchesRegex("the certificate with serial number [0-9a-f]+"));
}

}  // namespace
}  // namespace visavis::certs

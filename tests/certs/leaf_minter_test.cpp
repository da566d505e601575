#include "certs/leaf_minter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "certs/digest.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::kDay;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;
using visavis::testing::TestKey;

CertificateFacts facts_of(const Leaf& leaf) {
  return read_certificate(certificate_der(*leaf.certificate));
}

class LeafMinterTest : public ::testing::Test {
 protected:
  CertificateFacts mint_for(const Der& backend, const std::string& server_name = "",
                            const std::string& address = "") {
    return facts_of(*minter_.mint({backend, server_name, address, LeafKey::ecdsa_p256}));
  }

  TemporaryDirectory directory_;
  Authority authority_ = Authority::open(directory_.path() / "ca");
  LeafMinter minter_{authority_};
};

TEST_F(LeafMinterTest, ALeafHasAllThatATlsServerNeeds) {
  const TestChain backend = make_chain();
  const auto leaf = minter_.mint({backend.leaf.der(), "www.example.com", "", LeafKey::ecdsa_p256});
  const CertificateFacts facts = facts_of(*leaf);
  EXPECT_EQ(facts.parse_problem, "");
  EXPECT_EQ(facts.subject, "CN=www.example.com");
  EXPECT_EQ(facts.issuer, authority_.facts().subject);
  EXPECT_THAT(facts.san, ElementsAre("DNS:www.example.com"));
  EXPECT_EQ(facts.key, "EC P-256");
  EXPECT_EQ(facts.signature, "ecdsa-with-SHA256");
  EXPECT_FALSE(facts.ca);
  EXPECT_THAT(facts.key_usages, ElementsAre("digitalSignature"));
  EXPECT_THAT(facts.extended_key_usages, ElementsAre("serverAuth"));
  EXPECT_EQ(facts.subject_key_id, hex(subject_key_id(*leaf->certificate)));
  EXPECT_EQ(facts.authority_key_id, authority_.facts().subject_key_id);
  EXPECT_EQ(leaf->id, facts.sha256);
  EXPECT_EQ(leaf->not_after_s, facts.not_after_s);
  EXPECT_THAT(leaf->chain, IsEmpty());
  EXPECT_EQ(X509_check_private_key(leaf->certificate.get(), leaf->key.get()), 1);
  EXPECT_GE(X509_get_ext_by_NID(leaf->certificate.get(), NID_basic_constraints, -1), 0);
}

TEST_F(LeafMinterTest, AnRsaLeafServesStaticRsaSuitesToo) {
  const auto leaf = minter_.mint({{}, "www.example.com", "", LeafKey::rsa_2048});
  const CertificateFacts facts = facts_of(*leaf);
  EXPECT_EQ(facts.key, "RSA 2048");
  EXPECT_THAT(facts.key_usages, ElementsAre("digitalSignature", "keyEncipherment"));
  EXPECT_EQ(X509_check_private_key(leaf->certificate.get(), leaf->key.get()), 1);
}

TEST_F(LeafMinterTest, EveryLeafIsTrustedUnderTheAuthority) {
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(authority_.certificate());
  ChainCheck check(stores);
  for (const LeafKey key : {LeafKey::ecdsa_p256, LeafKey::rsa_2048})
    for (const std::string host : {"www.example.com", "192.0.2.7", "2001:db8::7"}) {
      const bool address = host != "www.example.com";
      const auto leaf =
          minter_.mint({{}, address ? std::string() : host, address ? host : std::string(), key});
      const auto verdict =
          check.check({certificate_der(*leaf->certificate)}, host, minter_.now_s());
      EXPECT_TRUE(verdict->trusted) << host;
      EXPECT_THAT(verdict->certificate_problems, ElementsAre(IsEmpty())) << host;
    }
}

TEST_F(LeafMinterTest, StrictRulesOfRfc5280AreMet) {
  X509StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), authority_.certificate());
  const auto leaf = minter_.mint({{}, "www.example.com", "", LeafKey::ecdsa_p256});
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf->certificate.get(), nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  EXPECT_EQ(X509_verify_cert(context.get()), 1)
      << X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

TEST_F(LeafMinterTest, NamesOfTheBackendAndOfTheClientOnce) {
  CertificateSpec spec = leaf_spec("www.example.com");
  spec.organization = "Example";
  spec.san = {"DNS:www.example.com", "DNS:*.example.org",   "IP:192.0.2.1",
              "URI:https://x/",      "DNS:WWW.EXAMPLE.COM", "email:a@b"};
  const Der backend = make_chain(spec).leaf.der();
  const CertificateFacts facts = mint_for(backend, "Other.Example", "192.0.2.9");
  EXPECT_EQ(facts.subject, "CN=www.example.com,O=Example");
  EXPECT_THAT(facts.san, ElementsAre("DNS:www.example.com", "DNS:*.example.org", "IP:192.0.2.1",
                                     "DNS:Other.Example", "IP:192.0.2.9"));
  EXPECT_THAT(mint_for(backend, "www.example.com", "192.0.2.1").san,
              ElementsAre("DNS:www.example.com", "DNS:*.example.org", "IP:192.0.2.1"));
}

TEST_F(LeafMinterTest, WithoutABackendCertificate) {
  EXPECT_EQ(mint_for({}, "a.example").subject, "CN=a.example");
  EXPECT_THAT(mint_for({}, "a.example").san, ElementsAre("DNS:a.example"));
  EXPECT_EQ(mint_for({}, "", "2001:db8::1").subject, "CN=2001:db8::1");
  EXPECT_THAT(mint_for({}, "", "2001:db8::1").san, ElementsAre("IP:2001:db8::1"));
  EXPECT_EQ(mint_for({}).subject, "O=visavis");
  EXPECT_THAT(mint_for({}).san, ElementsAre("DNS:visavis.invalid"));
}

TEST_F(LeafMinterTest, ABackendWithoutAlternativeNamesIsNamedByItsCn) {
  CertificateSpec spec = leaf_spec("old.example.com");
  spec.san.clear();
  EXPECT_THAT(mint_for(make_certificate(spec).der()).san, ElementsAre("DNS:old.example.com"));
  spec.common_name = "192.0.2.1";
  EXPECT_THAT(mint_for(make_certificate(spec).der()).san, ElementsAre("IP:192.0.2.1"));
  spec.common_name = "WMSvc SHA2 SERVER01";
  EXPECT_THAT(mint_for(make_certificate(spec).der(), "a.example").san,
              ElementsAre("DNS:a.example"));
}

TEST_F(LeafMinterTest, NamesThatCannotBeWrittenAreLeftOut) {
  for (const std::string& name :
       {std::string("a\0b.example", 11), std::string("b\xc3\xbc.example"), std::string("a b"),
        std::string("DNS:x,IP:1.2.3.4"), std::string(300, 'a'), std::string("..")}) {
    const CertificateFacts facts = mint_for({}, name, "192.0.2.1");
    EXPECT_THAT(facts.san, ElementsAre("IP:192.0.2.1"));
    EXPECT_EQ(facts.subject, "O=visavis");
  }
  EXPECT_THAT(mint_for({}, "192.0.2.1").san, ElementsAre("IP:192.0.2.1"));
  EXPECT_THAT(mint_for({}, "a.example", "no address").san, ElementsAre("DNS:a.example"));
  EXPECT_THAT(mint_for({}, "a.example.").san, ElementsAre("DNS:a.example"));
}

TEST_F(LeafMinterTest, ANameTooLongForTheSubjectIsStillAnAlternativeName) {
  const std::string name = std::string(60, 'a') + ".example.com";
  const CertificateFacts facts = mint_for({}, name);
  EXPECT_EQ(facts.subject, "O=visavis");
  EXPECT_THAT(facts.san, ElementsAre("DNS:" + name));
}

TEST_F(LeafMinterTest, AnEmptySubjectMakesTheAlternativeNamesCritical) {
  CertificateSpec spec = leaf_spec();
  spec.common_name.clear();
  const auto leaf = minter_.mint({make_chain(spec).leaf.der(), "", "", LeafKey::ecdsa_p256});
  EXPECT_EQ(facts_of(*leaf).subject, "");
  const int at = X509_get_ext_by_NID(leaf->certificate.get(), NID_subject_alt_name, -1);
  ASSERT_GE(at, 0);
  EXPECT_EQ(X509_EXTENSION_get_critical(X509_get_ext(leaf->certificate.get(), at)), 1);
}

TEST_F(LeafMinterTest, HostileBackendCertificates) {
  ERR_clear_error();
  const Der junk(100, 0x30);
  EXPECT_EQ(mint_for(junk, "a.example").subject, "CN=a.example");
  CertificateSpec spec = leaf_spec();
  spec.extensions = {{"subjectAltName", "DER:30:08:82:06:61:00:62:2e:1b:80"}};
  spec.san.clear();
  EXPECT_THAT(mint_for(make_certificate(spec).der(), "a.example").san,
              ElementsAre("DNS:www.example.com", "DNS:a.example"));
  spec.san.clear();
  spec.extensions.clear();
  for (int i = 0; i < 600; ++i) spec.san.push_back("DNS:h" + std::to_string(i) + ".example");
  const CertificateFacts many = mint_for(make_certificate(spec).der(), "a.example");
  EXPECT_EQ(many.san.size(), 513U);
  EXPECT_THAT(many.san, Contains("DNS:a.example"));
  // Its subject is our CA's: the leaf would look self-issued.
  EXPECT_EQ(mint_for(certificate_der(*authority_.certificate()), "a.example").subject,
            "CN=a.example");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(LeafMinterTest, ValidityIsShortAndWithinTheAuthoritys) {
  const auto now = std::time(nullptr);
  const CertificateFacts facts = mint_for({}, "a.example");
  EXPECT_LT(facts.not_after_s - facts.not_before_s, 200 * kDay);
  EXPECT_NEAR(static_cast<double>(facts.not_before_s), static_cast<double>(now - kDay), 60);
  EXPECT_GT(facts.not_after_s, now + 190 * kDay);

  CertificateSpec spec = root_spec();
  spec.not_before_s = now - 10;
  spec.not_after_s = now + kDay;
  const TestCertificate root = make_certificate(spec);
  const Authority brief = Authority::load(directory_.write("c.pem", root.pem()),
                                          directory_.write("k.pem", root.key_pem()));
  LeafMinter minter(brief);
  const CertificateFacts bounded = facts_of(*minter.mint({{}, "a.example", "", {}}));
  EXPECT_EQ(bounded.not_before_s, spec.not_before_s);
  EXPECT_EQ(bounded.not_after_s, spec.not_after_s);
  LeafMinter late(brief, [&] { return spec.not_after_s; });
  EXPECT_THROW((void)late.mint({{}, "a.example", "", {}}), std::runtime_error);
}

TEST_F(LeafMinterTest, SerialNumbersDifferAndKeysAreShared) {
  std::set<std::string> serials;
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const auto leaf = minter_.mint({{}, "a.example", "", LeafKey::ecdsa_p256});
    const CertificateFacts facts = facts_of(*leaf);
    EXPECT_LE(facts.serial.size(), 34U);
    EXPECT_NE(facts.serial[0], '-');
    serials.insert(facts.serial);
    ids.insert(leaf->id);
  }
  EXPECT_EQ(serials.size(), 20U);
  EXPECT_EQ(ids.size(), 20U);
  const auto one = minter_.mint({{}, "a.example", "", LeafKey::ecdsa_p256});
  const auto other = minter_.mint({{}, "b.example", "", LeafKey::ecdsa_p256});
  EXPECT_EQ(one->key, other->key);
}

TEST_F(LeafMinterTest, AnIntermediateAuthorityIsSentAlongButNoRoot) {
  const TestChain chain = make_chain();
  const Authority authority =
      Authority::load(directory_.write("c.pem", chain.intermediate.pem() + chain.root.pem()),
                      directory_.write("k.pem", chain.intermediate.key_pem()));
  LeafMinter minter(authority);
  const auto leaf = minter.mint({{}, "a.example", "", LeafKey::ecdsa_p256});
  ASSERT_EQ(leaf->chain.size(), 1U);
  EXPECT_EQ(X509_cmp(leaf->chain[0].get(), chain.intermediate.certificate()), 0);
}

TEST_F(LeafMinterTest, AuthoritiesOfOtherKindsSignToo) {
  for (const TestKey kind : {TestKey::rsa_2048, TestKey::ed25519}) {
    CertificateSpec spec = root_spec();
    spec.key = kind;
    spec.key_ids = false;  // the authority key id is then the hash of its key
    const TestCertificate root = make_certificate(spec);
    const Authority authority = Authority::load(directory_.write("c.pem", root.pem()),
                                                directory_.write("k.pem", root.key_pem()));
    LeafMinter minter(authority);
    const auto leaf = minter.mint({{}, "a.example", "", LeafKey::ecdsa_p256});
    EXPECT_EQ(X509_verify(leaf->certificate.get(), root.key()), 1);
    EXPECT_EQ(facts_of(*leaf).authority_key_id, hex(subject_key_id(*root.certificate())));
  }
}

TEST_F(LeafMinterTest, KeysArePreparedWhileOthersMint) {
  std::thread preparing([&] { minter_.prepare_keys(); });
  std::vector<std::thread> minting;
  for (int t = 0; t < 3; ++t)
    minting.emplace_back([&, t] {
      const LeafKey key = t == 0 ? LeafKey::rsa_2048 : LeafKey::ecdsa_p256;
      EXPECT_NE(minter_.mint({{}, "a.example", "", key}), nullptr);
    });
  preparing.join();
  for (std::thread& thread : minting) thread.join();
}

TEST_F(LeafMinterTest, ItOutlivesTheAuthority) {
  std::unique_ptr<LeafMinter> minter;
  {
    const Authority authority = Authority::open(directory_.path() / "ca");
    minter = std::make_unique<LeafMinter>(authority);
  }
  EXPECT_NE(minter->mint({{}, "a.example", "", LeafKey::ecdsa_p256}), nullptr);
}

}  // namespace
}  // namespace visavis::certs

#include "certs/chain_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/certs/chain_judge.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::CertificateSpec;
using visavis::testing::Der;
using visavis::testing::intermediate_spec;
using visavis::testing::kDay;
using visavis::testing::kNow;
using visavis::testing::kValidFrom;
using visavis::testing::kValidUntil;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;
using visavis::testing::TestKey;

TEST(ChainCheck, AHealthyChain) {
  const TestChain chain = make_chain();
  const ChainVerdict verdict = judge(chain.sent(), &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_EQ(verdict.stores[0].name, "system");
  EXPECT_EQ(verdict.valid_from_s, kValidFrom);
  EXPECT_EQ(verdict.valid_until_s, kValidUntil);
}

TEST(ChainCheck, EveryKindOfKey) {
  for (const TestKey key : {TestKey::rsa_2048, TestKey::ec_p384, TestKey::ed25519}) {
    CertificateSpec leaf = leaf_spec();
    CertificateSpec middle = intermediate_spec();
    leaf.key = middle.key = key;
    const TestChain chain = make_chain(leaf, middle);
    expect_healthy(judge(chain.sent(), &chain.root));
  }
}

TEST(ChainCheck, AMissingIntermediate) {
  const TestChain chain = make_chain();
  const ChainVerdict verdict = judge({chain.leaf.der()}, &chain.root);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_THAT(codes(verdict), ElementsAre("0 UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
                                          "0 UNABLE_TO_VERIFY_LEAF_SIGNATURE"));
  EXPECT_EQ(verdict.problems[0].hresult, "0x800b010a");
  EXPECT_TRUE(verdict.incomplete);
  EXPECT_EQ(verdict.missing_issuer, "CN=Test Intermediate");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty()));
}

TEST(ChainCheck, AMissingRoot) {
  const TestChain chain = make_chain();
  const ChainVerdict verdict = judge(chain.sent(), nullptr);
  EXPECT_THAT(codes(verdict), ElementsAre("1 UNABLE_TO_GET_ISSUER_CERT_LOCALLY"));
  EXPECT_TRUE(verdict.incomplete);
  EXPECT_EQ(verdict.missing_issuer, "CN=Test Root");
}

TEST(ChainCheck, AMissingIntermediateDoesNotHideAnExpiredLeaf) {
  CertificateSpec spec = leaf_spec();
  spec.not_after_s = kNow - 1;
  const TestChain chain = make_chain(spec);
  const ChainVerdict verdict = judge({chain.leaf.der()}, &chain.root);
  EXPECT_THAT(codes(verdict), Contains("0 UNABLE_TO_GET_ISSUER_CERT_LOCALLY"));
  EXPECT_THAT(codes(verdict), Contains("0 CERT_HAS_EXPIRED"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("expired")));
}

TEST(ChainCheck, ARootSentInVain) {
  const TestChain chain = make_chain();
  auto sent = chain.sent();
  sent.push_back(chain.root.der());
  const ChainVerdict verdict = judge(sent, nullptr);
  EXPECT_THAT(codes(verdict), ElementsAre("2 SELF_SIGNED_CERT_IN_CHAIN"));
  EXPECT_EQ(verdict.problems[0].hresult, "0x800b0109");
  EXPECT_FALSE(verdict.incomplete);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(IsEmpty(), IsEmpty(), ElementsAre("self-signed")));
}

TEST(ChainCheck, ATrustedRootSentIsHarmless) {
  const TestChain chain = make_chain();
  auto sent = chain.sent();
  sent.push_back(chain.root.der());
  const ChainVerdict verdict = judge(sent, &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(IsEmpty(), IsEmpty(), ElementsAre("root-sent")));
}

TEST(ChainCheck, ALoneSelfSignedCertificate) {
  const TestCertificate leaf = make_certificate(leaf_spec());
  ChainVerdict verdict = judge({leaf.der()}, nullptr);
  EXPECT_THAT(codes(verdict), ElementsAre("0 DEPTH_ZERO_SELF_SIGNED_CERT"));
  EXPECT_FALSE(verdict.incomplete);
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("self-signed")));
  verdict = judge({leaf.der()}, &leaf);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty()));
}

TEST(ChainCheck, WrongOrder) {
  const TestChain chain = make_chain();
  const ChainVerdict verdict =
      judge({chain.leaf.der(), chain.root.der(), chain.intermediate.der()}, &chain.root);
  expect_healthy(verdict);  // OpenSSL sorts; others do not
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(IsEmpty(), ElementsAre("root-sent", "out-of-order"),
                          ElementsAre("out-of-order")));
}

TEST(ChainCheck, AnUnrelatedCertificateIsJudgedToo) {
  const TestChain chain = make_chain();
  CertificateSpec stray = intermediate_spec();
  stray.common_name = "Stray";
  stray.not_after_s = kNow - kDay;
  stray.key = TestKey::rsa_1024;
  const TestCertificate other_root = make_certificate(root_spec());
  const TestCertificate extra = make_certificate(stray, &other_root);
  const ChainVerdict verdict =
      judge({chain.leaf.der(), extra.der(), chain.intermediate.der()}, &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(IsEmpty(), ElementsAre("expired", "weak-key", "not-in-path"), IsEmpty()));
}

TEST(ChainCheck, DuplicatesAndJunk) {
  const TestChain chain = make_chain();
  const ChainVerdict verdict = judge({chain.leaf.der(), chain.leaf.der(), Der{1, 2, 3},
                                      chain.intermediate.der(), chain.intermediate.der()},
                                     &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems,
              ElementsAre(IsEmpty(), ElementsAre("duplicate"), ElementsAre("unreadable"), IsEmpty(),
                          ElementsAre("duplicate")));
}

TEST(ChainCheck, NoChainAndNoLeaf) {
  const TestChain chain = make_chain();
  ChainVerdict verdict = judge({}, &chain.root);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_THAT(codes(verdict), IsEmpty());
  verdict = judge({Der{0x30}, chain.intermediate.der()}, &chain.root);
  EXPECT_FALSE(verdict.trusted);
  EXPECT_THAT(codes(verdict), ElementsAre("0 UNSPECIFIED"));
  EXPECT_THAT(verdict.stores[0].problems, ElementsAre("X509_V_ERR_UNSPECIFIED"));
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(ElementsAre("unreadable"), IsEmpty()));
}

TEST(ChainCheck, AnIssuerOfTheSameNameWithAnotherKey) {
  const TestChain chain = make_chain();
  const TestCertificate namesake = make_certificate(intermediate_spec(), &chain.root);
  // The key identifiers differ: it is not the issuer, so the issuer is missing.
  const ChainVerdict verdict = judge({chain.leaf.der(), namesake.der()}, &chain.root);
  EXPECT_TRUE(verdict.incomplete);
  EXPECT_EQ(verdict.missing_issuer, "CN=Test Intermediate");
  EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), ElementsAre("not-in-path")));
}

TEST(ChainCheck, ACrossSignedChainIsCompleteByEitherWay) {
  // leaf <- intermediate <- modern root, which the store has, and which an old root signed too.
  const TestChain chain = make_chain();
  CertificateSpec old_spec = root_spec();
  old_spec.common_name = "Old Root";
  const TestCertificate old_root = make_certificate(old_spec);
  const TestCertificate cross = make_certificate(root_spec(), &old_root, chain.root.key());
  auto sent = chain.sent();
  sent.push_back(cross.der());
  for (const TestCertificate* trusted :
       std::initializer_list<const TestCertificate*>{&chain.root, &old_root}) {
    const ChainVerdict verdict = judge(sent, trusted);
    expect_healthy(verdict);
    EXPECT_THAT(verdict.certificate_problems, ElementsAre(IsEmpty(), IsEmpty(), IsEmpty()));
  }
  const ChainVerdict verdict = judge(sent, nullptr);
  EXPECT_TRUE(verdict.incomplete);
  EXPECT_EQ(verdict.missing_issuer, "CN=Old Root");
}

TEST(ChainCheck, NamedStoresHaveTheirOwnVerdict) {
  const TemporaryDirectory directory;
  const TestChain chain = make_chain();
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain.root.certificate());
  stores.add_named("java", directory.write("o.pem", make_certificate(root_spec()).pem()));
  stores.add_named("android", directory.write("r.pem", chain.root.pem()));
  ChainCheck check(stores);
  const auto verdict = check.check(chain.sent(), kHost, kNow);
  expect_healthy(*verdict);
  EXPECT_THAT(
      verdict->stores,
      ElementsAre(StoreVerdict{"system", true, {}},
                  StoreVerdict{"java", false, {"X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"}},
                  StoreVerdict{"android", true, {}}));
}

TEST(ChainCheck, RemembersUntilADateTurns) {
  CertificateSpec spec = leaf_spec();
  spec.not_before_s = kNow;
  spec.not_after_s = kNow + kDay;
  const TestChain chain = make_chain(spec);
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain.root.certificate());
  ChainCheck check(stores);
  const auto sent = chain.sent();
  const auto verdict = check.check(sent, kHost, kNow);
  EXPECT_EQ(check.check(sent, kHost, kNow + kDay - 1), verdict);
  EXPECT_EQ(check.check(sent, "WWW.example.com.", kNow), verdict);
  EXPECT_EQ(check.check(chain_sha256(sent), sent, kHost, kNow), verdict);
  EXPECT_EQ(check.size(), 1U);
  EXPECT_FALSE(check.check(sent, kHost, kNow + kDay)->trusted);
  EXPECT_FALSE(check.check(sent, kHost, kNow - 1)->trusted);
  EXPECT_EQ(check.size(), 1U);
  EXPECT_NE(check.check(sent, "b.example", kNow), verdict);
  EXPECT_EQ(check.size(), 2U);
}

TEST(ChainCheck, TheChainAsSentIsTheKey) {
  const TestChain chain = make_chain();
  const Der joined = [&] {
    Der both = chain.leaf.der();
    both.insert(both.end(), chain.intermediate.der().begin(), chain.intermediate.der().end());
    return both;
  }();
  EXPECT_NE(chain_sha256(chain.sent()), chain_sha256({joined}));
  EXPECT_NE(chain_sha256(chain.sent()), chain_sha256({chain.intermediate.der(), chain.leaf.der()}));
  EXPECT_EQ(chain_sha256(chain.sent()), chain_sha256(chain.sent()));
}

TEST(ChainCheck, IsBounded) {
  const TestChain chain = make_chain();
  TrustStores stores(SystemStore::skip);
  ChainCheck check(stores, 4);
  for (int i = 0; i < 20; ++i)
    (void)check.check(chain.sent(), "h" + std::to_string(i) + ".example", kNow);
  EXPECT_EQ(check.size(), 4U);
}

TEST(ChainCheck, AChainWithoutEndIsCut) {
  const TestChain chain = make_chain();
  auto sent = chain.sent();
  for (std::uint8_t i = 0; i < 110; ++i) sent.push_back({0x30, i});
  const ChainVerdict verdict = judge(sent, &chain.root);
  expect_healthy(verdict);
  EXPECT_THAT(verdict.certificate_problems[kMaxCheckedCertificates - 1], ElementsAre("unreadable"));
  EXPECT_THAT(verdict.certificate_problems[kMaxCheckedCertificates], ElementsAre("not-checked"));
}

TEST(ChainCheck, ALongChainIsFollowedAsFarAsOpenSslDoes) {
  const TestCertificate root = make_certificate(root_spec());
  std::vector<Der> sent;
  std::vector<TestCertificate> issuers;
  for (int i = 0; i < 100; ++i) {
    CertificateSpec spec = intermediate_spec();
    spec.common_name = "CA " + std::to_string(i);
    issuers.push_back(make_certificate(spec, issuers.empty() ? &root : &issuers.back()));
  }
  sent.push_back(make_certificate(leaf_spec(), &issuers.back()).der());
  for (auto issuer = issuers.rbegin(); issuer != issuers.rend(); ++issuer)
    sent.push_back(issuer->der());
  sent.push_back(root.der());
  const ChainVerdict verdict = judge(sent, &root);
  EXPECT_TRUE(verdict.trusted);
  EXPECT_THAT(verdict.problems, IsEmpty());
  EXPECT_EQ(verdict.missing_issuer, "");
}

/// OpenSSL finds no issuer for such a leaf, and no key usage: neither is missing.
TEST(ChainCheck, ALeafWithAnExtensionTwiceOrBrokenIsUnreadable) {
  const TestCertificate root = make_certificate(root_spec());
  CertificateSpec twice = leaf_spec();
  twice.extensions = {{"subjectAltName", "DNS:www.example.com"}};
  CertificateSpec broken = leaf_spec();
  broken.san.clear();
  broken.extensions = {{"subjectAltName", "DER:30:03:82:20:61"}};
  for (const CertificateSpec& spec : {twice, broken}) {
    const ChainVerdict verdict = judge({make_certificate(spec, &root).der()}, &root);
    EXPECT_FALSE(verdict.trusted);
    EXPECT_EQ(verdict.missing_issuer, "");
    EXPECT_THAT(verdict.certificate_problems[0], ElementsAre("unreadable"));
    ASSERT_EQ(verdict.problems.size(), 1U);
    EXPECT_EQ(verdict.problems[0].code, "X509_V_ERR_UNSPECIFIED");
  }
}

TEST(ChainCheck, LookAlikesCostNoMoreThanTheLimit) {
  // Sixty certificates of one name without key identifiers: each may be each one's issuer.
  CertificateSpec spec = intermediate_spec();
  spec.key_ids = false;
  const TestCertificate first = make_certificate(spec);
  std::vector<Der> sent;
  for (int i = 0; i < 60; ++i) sent.push_back(make_certificate(spec, &first).der());
  const ChainVerdict verdict = judge(sent, nullptr);
  EXPECT_FALSE(verdict.trusted);
}

TEST(ChainCheck, ManyThreads) {
  const TestChain chain = make_chain();
  TrustStores stores(SystemStore::skip);
  stores.add_certificate(chain.root.certificate());
  ChainCheck check(stores, 2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string host = (i + t) % 2 == 0 ? kHost : "b" + std::to_string(i) + ".example";
        EXPECT_EQ(check.check(chain.sent(), host, kNow)->trusted, host == kHost);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace visavis::certs

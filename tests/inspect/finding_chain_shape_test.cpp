#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

/// What is wrong with how a chain is put together: order, root, strangers, CAs, what nobody reads.
namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using ::testing::HasSubstr;
using testing::intermediate_spec;
using testing::kDay;
using testing::kNow;
using testing::leaf_spec;
using testing::make_certificate;
using testing::make_chain;
using ::testing::Not;
using testing::root_spec;
using testing::TestCertificate;
using testing::TestChain;

/// LongChain has two intermediates: leaf, "CN=Lower CA", "CN=Test Intermediate", root.
struct LongChain {
  TestCertificate root = make_certificate(root_spec());
  TestCertificate upper = make_certificate(intermediate_spec(), &root);
  TestCertificate lower = make_certificate(lower_spec(), &upper);
  TestCertificate leaf = make_certificate(leaf_spec(), &lower);

  static CertificateSpec lower_spec() {
    CertificateSpec spec = intermediate_spec();
    spec.common_name = "Lower CA";
    return spec;
  }
  [[nodiscard]] SessionReport sent(const std::vector<const TestCertificate*>& others) const {
    return judged(others).session();
  }
  [[nodiscard]] Judged judged(const std::vector<const TestCertificate*>& others) const {
    std::vector<testing::Der> all{leaf.der()};
    for (const TestCertificate* other : others) all.push_back(other->der());
    return {all, &root};
  }
};

TEST(FindingWrongOrderChain, IntermediatesAreSwapped) {
  const LongChain chain;
  const SessionReport session = chain.sent({&chain.upper, &chain.lower});
  EXPECT_EQ(lines(session), (Lines{"wrong-order-chain backend warning proven"}));
  const auto finding = diagnose_wrong_order_chain(session);
  EXPECT_EQ(finding->presented, "a path over the certificates number 1, 3, 2");
  EXPECT_THAT(finding->cause, HasSubstr("'CN=Lower CA'"));
  EXPECT_THAT(finding->cause, HasSubstr("Mbed TLS"));
  EXPECT_THAT(finding->cause, HasSubstr("own certificate is fine"));
}

/// A client that refuses a chain that is otherwise right: its order may be why.
TEST(FindingWrongOrderChain, IsLikelyTheCauseWhereTheClientRefuses) {
  const LongChain chain;
  const Judged judged = chain.judged({&chain.upper, &chain.lower});
  EXPECT_EQ(lines(judged.passed()), (Lines{"wrong-order-chain backend warning proven"}));
  EXPECT_EQ(lines(judged.passed(48)), (Lines{"wrong-order-chain backend error likely"}));
}

TEST(FindingWrongOrderChain, NearMisses) {
  const LongChain chain;
  EXPECT_EQ(lines(chain.sent({&chain.lower, &chain.upper})), Lines{});
  // A stranger between does not disturb the order of the others.
  const TestCertificate stray = make_certificate(root_spec());
  EXPECT_EQ(lines(chain.sent({&chain.lower, &stray, &chain.upper})),
            (Lines{"unrelated-certificates backend info proven"}));
}

TEST(FindingRootIncluded, IsWorthALine) {
  const LongChain chain;
  const SessionReport session = chain.sent({&chain.lower, &chain.upper, &chain.root});
  EXPECT_EQ(lines(session), (Lines{"root-included backend info proven"}));
  EXPECT_THAT(diagnose_root_included(session)->presented, HasSubstr("(number 4 of those sent)"));
}

/// untrusted-root has said of it what there is to say.
TEST(FindingRootIncluded, NotWhereNobodyTrustsIt) {
  const LongChain chain;
  Judged judged = chain.judged({&chain.lower, &chain.upper, &chain.root});
  judged.root = nullptr;
  EXPECT_EQ(lines(judged.session()), (Lines{"untrusted-root backend error likely"}));
}

TEST(FindingUnrelatedCertificates, StrangersAndTwins) {
  const LongChain chain;
  const TestCertificate stray = make_certificate(leaf_spec("other.example.com"));
  SessionReport session = chain.sent({&chain.lower, &chain.upper, &stray, &chain.lower});
  EXPECT_EQ(lines(session), (Lines{"unrelated-certificates backend info proven"}));
  auto finding = diagnose_unrelated_certificates(session);
  EXPECT_EQ(finding->title, "The backend sends certificates that are not part of its chain");
  EXPECT_THAT(finding->cause, HasSubstr("Sent before already: the issuer's certificate 'CN=Lower"));
  EXPECT_EQ(finding->presented, "2 certificates of 5 that nobody needs");
  session = chain.sent({&chain.lower, &chain.upper, &chain.upper});
  EXPECT_EQ(lines(session), (Lines{"unrelated-certificates backend info proven"}));
  EXPECT_EQ(diagnose_unrelated_certificates(session)->title,
            "The backend sends a certificate twice");
}

TEST(FindingUnrelatedCertificates, AHundredAreCountedNotListed) {
  const LongChain chain;
  std::vector<TestCertificate> strays;
  std::vector<const TestCertificate*> others{&chain.lower, &chain.upper};
  strays.reserve(97);
  for (int i = 0; i < 97; ++i) {
    strays.push_back(make_certificate(leaf_spec("x" + std::to_string(i) + ".example.com")));
    others.push_back(&strays.back());
  }
  const auto finding = diagnose_unrelated_certificates(chain.sent(others));
  ASSERT_TRUE(finding);
  EXPECT_THAT(finding->cause, HasSubstr("; and 94 more"));
  EXPECT_LT(finding->cause.size(), 1500U);
}

/// The intermediate of another CA: the right one is missing, and both are said.
TEST(FindingUnrelatedCertificates, TheWrongIntermediateIsSent) {
  const LongChain chain;
  const TestCertificate wrong = make_certificate(intermediate_spec());
  EXPECT_EQ(lines(chain.sent({&wrong})), (Lines{"incomplete-chain backend error likely",
                                                "unrelated-certificates backend info proven"}));
}

TEST(FindingCaAsLeaf, IsAWarningForFirefox) {
  CertificateSpec ca = leaf_spec();
  ca.ca = true;
  ca.key_usage = "digitalSignature,keyCertSign";
  const TestChain chain = make_chain(ca);
  const Judged judged{chain.sent(), &chain.root};
  EXPECT_EQ(lines(judged.session()), (Lines{"ca-as-leaf backend warning proven"}));
  EXPECT_THAT(diagnose_ca_as_leaf(judged.session())->cause, HasSubstr("Firefox refuses"));
  EXPECT_EQ(lines(judged.passed(42)), (Lines{"ca-as-leaf backend error likely"}));
}

/// What `openssl req -x509` makes: trusted by hand it is a CA's, else self-signed says it all.
TEST(FindingCaAsLeaf, SelfSigned) {
  CertificateSpec ca = leaf_spec();
  ca.ca = true;
  ca.key_usage = "digitalSignature,keyCertSign";
  const TestCertificate leaf = make_certificate(ca);
  EXPECT_EQ(lines(Judged{{leaf.der()}, &leaf}.session()),
            (Lines{"ca-as-leaf backend warning proven"}));
  EXPECT_EQ(lines(Judged{{leaf.der()}}.session()), (Lines{"self-signed backend error likely"}));
}

TEST(FindingPathLength, ACaBelowOneThatMayHaveNone) {
  CertificateSpec limited = intermediate_spec();
  limited.path_length = 0;
  const TestCertificate root = make_certificate(root_spec());
  const TestCertificate upper = make_certificate(limited, &root);
  const TestCertificate lower = make_certificate(LongChain::lower_spec(), &upper);
  const TestCertificate leaf = make_certificate(leaf_spec(), &lower);
  const SessionReport session = Judged{{leaf.der(), lower.der(), upper.der()}, &root}.session();
  EXPECT_EQ(lines(session), (Lines{"path-length backend error proven"}));
  const auto finding = diagnose_path_length(session);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_PATH_LENGTH_EXCEEDED");
  EXPECT_EQ(finding->codes.hresult, "0x80096019");
  EXPECT_EQ(finding->presented,
            "the issuer's certificate 'CN=Test Intermediate' (number 3 of those sent), at depth 2");
  // A leaf right below it is what pathlen:0 allows.
  const TestCertificate direct = make_certificate(leaf_spec(), &upper);
  EXPECT_EQ(lines(Judged{{direct.der(), upper.der()}, &root}.session()), Lines{});
}

TEST(FindingPathLength, OfTheRootInTheStore) {
  CertificateSpec limited = root_spec();
  limited.path_length = 0;
  const TestChain chain = make_chain(leaf_spec(), intermediate_spec(), limited);
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"path-length backend error proven"}));
  EXPECT_THAT(diagnose_path_length(session)->presented,
              HasSubstr("a certificate of the trust store"));
}

TEST(FindingNameConstraint, OutsideAndForbidden) {
  for (const std::string constraint :
       {"critical,permitted;DNS:example.org", "critical,excluded;DNS:example.com"}) {
    CertificateSpec limited = intermediate_spec();
    limited.extensions = {{"nameConstraints", constraint}};
    const TestChain chain = make_chain(leaf_spec(), limited);
    const SessionReport session = Judged{chain.sent(), &chain.root}.session();
    EXPECT_EQ(lines(session), (Lines{"name-constraint backend error proven"})) << constraint;
    const auto finding = diagnose_name_constraint(session);
    EXPECT_EQ(finding->codes.hresult, "0x800b0114");
    EXPECT_THAT(finding->presented, HasSubstr("DNS:www.example.com"));
  }
  CertificateSpec limited = intermediate_spec();
  limited.extensions = {{"nameConstraints", "critical,permitted;DNS:example.com"}};
  const TestChain chain = make_chain(leaf_spec(), limited);
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{});
}

TEST(FindingUnknownCriticalExtension, OfLeafAndIssuer) {
  CertificateSpec leaf = leaf_spec();
  leaf.extensions = {{"1.2.3.4", "critical,DER:05:00"}};
  TestChain chain = make_chain(leaf);
  SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"unknown-critical-extension backend error proven"}));
  EXPECT_EQ(diagnose_unknown_critical_extension(session)->codes.hresult, "0x800b0105");
  EXPECT_THAT(diagnose_unknown_critical_extension(session)->cause, Not(HasSubstr("is fine")));

  CertificateSpec issuer = intermediate_spec();
  issuer.extensions = leaf.extensions;
  chain = make_chain(leaf_spec(), issuer);
  session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"unknown-critical-extension backend error proven"}));
  EXPECT_THAT(diagnose_unknown_critical_extension(session)->cause,
              HasSubstr("(number 2 of those sent)"));
  EXPECT_THAT(diagnose_unknown_critical_extension(session)->cause, HasSubstr("is fine"));

  leaf.extensions = {{"1.2.3.4", "DER:05:00"}};  // unknown, but not critical
  chain = make_chain(leaf);
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{});
}

/// As AddTrust and DST Root CA X3 were sent.
TEST(FindingExpiredCrossSignedRoot, IsAWarningBesideAValidChain) {
  const TestChain chain = make_chain();
  CertificateSpec old_root = root_spec();
  old_root.common_name = "Old Root";
  const TestCertificate old = make_certificate(old_root);
  CertificateSpec cross_spec = root_spec();
  cross_spec.not_after_s = kNow - kDay;
  const TestCertificate cross = make_certificate(cross_spec, &old, chain.root.key());
  std::vector<testing::Der> sent = chain.sent();
  sent.push_back(cross.der());
  const Judged judged{sent, &chain.root};
  EXPECT_EQ(lines(judged.session()), (Lines{"expired-cross-signed-root backend warning likely"}));
  const auto finding = diagnose_expired_cross_signed_root(judged.session());
  EXPECT_THAT(finding->cause, HasSubstr("issued by 'CN=Old Root"));
  EXPECT_THAT(finding->cause, HasSubstr("OpenSSL 1.0.1 and 1.0.2"));
  // An old client that is there, and refuses.
  EXPECT_EQ(lines(judged.passed(45)), (Lines{"expired-cross-signed-root backend error likely"}));
  // A cross-signed root that is still valid is how it should be.
  cross_spec.not_after_s = kNow + kDay;
  sent.back() = make_certificate(cross_spec, &old, chain.root.key()).der();
  EXPECT_EQ(lines(Judged{sent, &chain.root}.session()), Lines{});
}

TEST(FindingUnreadableCertificate, LeafAndIssuer) {
  const TestChain chain = make_chain();
  std::vector<testing::Der> sent = chain.sent();
  sent[0].resize(100);
  SessionReport session = Judged{sent, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"unreadable-certificate backend error proven"}));
  EXPECT_THAT(diagnose_unreadable_certificate(session)->presented, HasSubstr("at byte"));
  sent = chain.sent();
  sent[1].resize(100);
  session = Judged{sent, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"unreadable-certificate backend error proven"}))
      << "not incomplete-chain: the issuer may have been sent";
  EXPECT_EQ(diagnose_unreadable_certificate(session)->title,
            "A certificate in the backend's chain can't be read");
}

/// The alert is explained; what is merely unusual is the cause only where somebody breaks off.
TEST(FindingUnreadableCertificate, ExplainsTheClientsAlert) {
  const TestChain chain = make_chain();
  std::vector<testing::Der> sent = chain.sent();
  sent[0].push_back(0);
  EXPECT_EQ(lines(Judged{sent, &chain.root}.session()), Lines{});
  EXPECT_EQ(lines(Judged{sent, &chain.root}.passed(50)),
            (Lines{"unreadable-certificate backend error proven"}));
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.passed(50)),
            (Lines{"alert-unexplained both error likely"}));
}

}  // namespace
}  // namespace visavis::inspect

#include <gtest/gtest.h>

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

/// self-signed, untrusted-root and incomplete-chain exclude each other; on real certificates.
namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using testing::Der;
using testing::make_certificate;
using testing::make_chain;
using testing::TestCertificate;
using testing::TestChain;

CertificateSpec named(CertificateSpec spec, const std::string& common_name) {
  spec.common_name = common_name;
  return spec;
}

TEST(FindingTrust, AHealthyChainHasNone) {
  const TestChain chain = make_chain();
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{});
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.passed()), Lines{});
  std::vector<Der> with_root = chain.sent();
  with_root.push_back(chain.root.der());
  EXPECT_EQ(lines(Judged{with_root, &chain.root}.session()),
            (Lines{"root-included backend info proven"}))
      << "needless, but harmless";
}

TEST(FindingSelfSigned, TheLeafIsItsOwnIssuer) {
  const TestCertificate leaf = make_certificate(testing::leaf_spec());
  const SessionReport session = Judged{{leaf.der()}}.session();
  EXPECT_EQ(lines(session), (Lines{"self-signed backend error likely"}));
  const auto finding = diagnose_self_signed(session);
  EXPECT_EQ(finding->codes.x509, session.backend_leg->chain->problems.front().code);
  EXPECT_EQ(finding->codes.hresult, session.backend_leg->chain->problems.front().hresult);
  EXPECT_NE(finding->presented.find(session.backend_leg->certificates[0].sha256),
            std::string::npos);
  EXPECT_EQ(lines(Judged{{leaf.der()}, &leaf}.session()), Lines{}) << "it was given to us";
}

TEST(FindingSelfSigned, UnknownCaIsTheClientsOwnWord) {
  const TestCertificate leaf = make_certificate(testing::leaf_spec());
  const SessionReport session = Judged{{leaf.der()}}.passed(48);
  EXPECT_EQ(lines(session), (Lines{"self-signed backend error proven"}));
  EXPECT_EQ(diagnose_self_signed(session)->judged_by, "client-alert");
  EXPECT_EQ(lines(Judged{{leaf.der()}}.passed(42)), (Lines{"self-signed backend error likely"}));
}

TEST(FindingUntrustedRoot, TheRootIsSentAndUnknown) {
  const TestChain chain = make_chain();
  std::vector<Der> sent = chain.sent();
  sent.push_back(chain.root.der());
  const SessionReport session = Judged{sent}.session();
  EXPECT_EQ(lines(session), (Lines{"untrusted-root backend error likely"}));
  const auto finding = diagnose_untrusted_root(session);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN");
  EXPECT_EQ(finding->codes.hresult, "0x800b0109") << "CERT_E_UNTRUSTEDROOT, the IIS article's";
  EXPECT_EQ(lines(Judged{sent}.passed(48)), (Lines{"untrusted-root backend error proven"}));
}

/// A root that we don't know, beside a cross-signed way up to one that we do.
TEST(FindingUntrustedRoot, IsNoneWhereAnotherWayIsTrusted) {
  const TestCertificate known = make_certificate(named(testing::root_spec(), "Known Root"));
  const TestCertificate unknown = make_certificate(named(testing::root_spec(), "Unknown Root"));
  const TestCertificate issuer = make_certificate(testing::intermediate_spec(), &unknown);
  const TestCertificate cross =
      make_certificate(testing::intermediate_spec(), &known, issuer.key());
  const TestCertificate leaf = make_certificate(testing::leaf_spec(), &issuer);
  Judged judged{{leaf.der(), cross.der(), issuer.der(), unknown.der()}, &known};
  EXPECT_EQ(lines(judged.session()), Lines{});
  judged.host = "other.example.com";
  judged.backend = "10.0.0.5:443";
  EXPECT_EQ(lines(judged.session()), (Lines{"name-mismatch backend error proven"}));
}

/// A backend that sends its intermediate and rightly leaves out its private root.
TEST(FindingUntrustedRoot, TheRootIsNotSentAndUnknown) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), named(testing::intermediate_spec(), "Example Server CA"),
                 named(testing::root_spec(), "Example Trust"));
  const SessionReport session = Judged{chain.sent()}.session();
  EXPECT_EQ(lines(session), (Lines{"untrusted-root backend error likely"}));
  EXPECT_NE(diagnose_untrusted_root(session)->cause.find("the backend forgot it"),
            std::string::npos)
      << "nobody can see which it is";
  EXPECT_EQ(diagnose_untrusted_root(session)->codes.x509,
            "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
}

TEST(FindingUntrustedRoot, ALeafIssuedByARootItself) {
  const TestCertificate root = make_certificate(named(testing::root_spec(), "Corp Root CA"));
  const TestCertificate leaf = make_certificate(testing::leaf_spec(), &root);
  EXPECT_EQ(lines(Judged{{leaf.der()}}.session()), (Lines{"untrusted-root backend error likely"}));
}

TEST(FindingIncompleteChain, TheIntermediateIsNotSent) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), named(testing::intermediate_spec(), "Example CA 7"));
  const SessionReport session = Judged{{chain.leaf.der()}, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"incomplete-chain backend error likely"}));
  EXPECT_EQ(lines(Judged{{chain.leaf.der()}, &chain.root}.passed(48)),
            (Lines{"incomplete-chain backend error proven"}));
}

TEST(FindingIncompleteChain, ASecondIntermediateThatSaysWhatItIs) {
  const TestCertificate root = make_certificate(testing::root_spec());
  const TestCertificate upper =
      make_certificate(named(testing::intermediate_spec(), "Policy Intermediate"), &root);
  const TestCertificate lower =
      make_certificate(named(testing::intermediate_spec(), "Lower CA"), &upper);
  const TestCertificate leaf = make_certificate(testing::leaf_spec(), &lower);
  const SessionReport session = Judged{{leaf.der(), lower.der()}, &root}.session();
  EXPECT_EQ(lines(session), (Lines{"incomplete-chain backend error likely"}));
  EXPECT_EQ(diagnose_incomplete_chain(session)->presented, "a chain that ends at 'CN=Lower CA'");
}

TEST(FindingTrust, StrayCertificatesDoNotMakeAChain) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), named(testing::intermediate_spec(), "Example CA 7"));
  const TestCertificate stray = make_certificate(named(testing::root_spec(), "Stray"));
  const SessionReport session = Judged{{chain.leaf.der(), stray.der()}, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"incomplete-chain backend error likely",
                                   "unrelated-certificates backend info proven"}));
  EXPECT_EQ(diagnose_incomplete_chain(session)->presented,
            "a chain that ends at 'CN=www.example.com'");
}

TEST(FindingTrust, AnotherStoreThatAcceptsItIsNamed) {
  const TestChain chain = make_chain();
  Judged judged{chain.sent()};
  judged.corporate_root = &chain.root;
  const SessionReport session = judged.session();
  ASSERT_EQ(session.backend_leg->chain->stores.size(), 2U);
  const auto finding = diagnose_untrusted_root(session);
  ASSERT_TRUE(finding);
  EXPECT_NE(finding->cause.find("'corporate' accepts"), std::string::npos);
}

TEST(FindingTrust, IndependentProblemsAreFindingsOfTheirOwn) {
  CertificateSpec leaf = testing::leaf_spec("other.example.com");
  leaf.not_after_s = testing::kNow - testing::kDay;
  leaf.extended_key_usage = "clientAuth";
  const TestCertificate alone = make_certificate(leaf);
  EXPECT_EQ(lines(Judged{{alone.der()}}.session()),
            (Lines{"expired backend error proven", "name-mismatch backend error proven",
                   "self-signed backend error likely", "wrong-usage backend error proven"}));
  const TestChain chain = make_chain(leaf);
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()),
            (Lines{"expired backend error proven", "name-mismatch backend error proven",
                   "wrong-usage backend error proven"}));
}

TEST(FindingTrust, NamesThatSayWhatTheyAre) {
  LegReport leg;
  leg.certificates = {certificate_of("CN=leaf", "CN=x")};
  leg.chain.emplace();
  EXPECT_FALSE(lacks_root(leg)) << "nothing is missing";
  const std::pair<const char*, bool> names[] = {{"CN=Corp Root CA", true},
                                                {"CN=ROOT R1,O=Example", true},
                                                {"O=Example,CN=Example root", true},
                                                {"CN=R3,O=Root Networks", false},
                                                {"CN=Example Issuing Root CA", false},
                                                {"CN=Sub CA 1", false},
                                                {"CN=Example CA", false},
                                                {"", false}};
  for (const auto& [name, root] : names) {
    leg.chain->missing_issuer = name;
    EXPECT_EQ(lacks_root(leg), root) << name;
  }
  leg.certificates.push_back(certificate_of("CN=x", "CN=Example CA"));
  leg.chain->missing_issuer = "CN=Example CA";
  EXPECT_TRUE(lacks_root(leg)) << "who sends one issuer will have sent all";
  leg.certificates[1].problems = {"not-in-path"};
  EXPECT_FALSE(lacks_root(leg));
}

TEST(FindingTrust, NothingIsJudgedWithoutCertificatesOrVerdict) {
  const TestCertificate leaf = make_certificate(testing::leaf_spec());
  SessionReport session = Judged{{leaf.der()}}.session();
  session.backend_leg->chain.reset();
  EXPECT_EQ(lines(session), Lines{});
  session = Judged{{leaf.der()}}.session();
  session.backend_leg->certificates.clear();
  EXPECT_EQ(lines(session), Lines{}) << "a resumed leg";
  for (const auto rule : {diagnose_self_signed, diagnose_untrusted_root, diagnose_wrong_usage,
                          diagnose_name_mismatch, diagnose_incomplete_chain})
    EXPECT_FALSE(rule(SessionReport{}));
}

/// The client's alert is about our certificate there, not about the backend's.
TEST(FindingTrust, WhereWeEndTheTlsTheClientConfirmsNothing) {
  const TestCertificate leaf = make_certificate(testing::leaf_spec());
  SessionReport session = Judged{{leaf.der()}}.session();
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).server_hello(0x0304, 0x1301);
  client.certificate({certificate_of("CN=www.example.com", "CN=visavis CA")}).alert("client", 48);
  session.client_leg = client.leg();
  EXPECT_EQ(lines(session), (Lines{"client-rejected-our-certificate proxy error proven",
                                   "self-signed backend error likely"}));
}

/// What was found for a chain that lacks an issuer, and what was not.
TEST(FindingIncompleteChain, SaysWhatWasFetched) {
  const TestChain chain = make_chain();
  SessionReport session = Judged{{chain.leaf.der()}, &chain.root}.session();
  ChainReport& judged = *session.backend_leg->chain;
  judged.fetch_problem = "http://ca.example/x: HTTP status 404";
  EXPECT_EQ(lines(session), (Lines{"incomplete-chain backend error likely"}));
  EXPECT_NE(diagnose_incomplete_chain(session)->cause.find(
                " It could not be fetched: http://ca.example/x: HTTP status 404."),
            std::string::npos);
  judged.fetch_problem.clear();
  judged.found_issuer = FoundIssuerReport{
      "CN=Test Intermediate", std::string(64, 'a'), "aia", "http://ca.example/x", false, true};
  EXPECT_EQ(lines(session), (Lines{"incomplete-chain backend error proven"}));
  const std::string cause = diagnose_incomplete_chain(session)->cause;
  EXPECT_NE(cause.find("was fetched from http://ca.example/x, as browsers do"), std::string::npos);
  EXPECT_NE(cause.find("With it the chain is trusted."), std::string::npos);
  // A root is nothing that the backend has to send.
  judged.found_issuer->self_issued = true;
  judged.found_issuer->trusted = false;
  EXPECT_EQ(lines(session), (Lines{"untrusted-root backend error likely"}));
  EXPECT_NE(diagnose_untrusted_root(session)->cause.find("It was fetched from http://ca.example/x"),
            std::string::npos);
}

Der with_flipped_signature(Der der) {
  der.back() ^= 1U;
  return der;
}

TEST(FindingBadSignature, IsNamedWithDepthAndSubject) {
  const TestChain chain = make_chain();
  const Der leaf = with_flipped_signature(chain.leaf.der());
  SessionReport session = Judged{{leaf, chain.intermediate.der()}, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"bad-signature backend error proven"}));
  auto finding = diagnose_bad_signature(session);
  EXPECT_NE(finding->cause.find("The backend's own certificate 'CN=www.example.com'"),
            std::string::npos);
  EXPECT_NE(finding->presented.find("at depth 0, issuer 'CN=Test Intermediate'"),
            std::string::npos);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_CERT_SIGNATURE_FAILURE");
  EXPECT_EQ(finding->codes.hresult, "0x80096004");
  const Der issuer = with_flipped_signature(chain.intermediate.der());
  session = Judged{{chain.leaf.der(), issuer}, &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"bad-signature backend error proven"}));
  finding = diagnose_bad_signature(session);
  EXPECT_NE(finding->cause.find("The issuer's certificate 'CN=Test Intermediate' (number 2"),
            std::string::npos);
  EXPECT_NE(finding->cause.find("The backend's own certificate is fine."), std::string::npos);
}

TEST(FindingBadSignature, TheClientsOwnWord) {
  const TestChain chain = make_chain();
  const Judged judged{{with_flipped_signature(chain.leaf.der()), chain.intermediate.der()},
                      &chain.root};
  for (const std::uint8_t alert : {std::uint8_t{51}, std::uint8_t{42}}) {
    const SessionReport session = judged.passed(alert);
    EXPECT_EQ(lines(session), (Lines{"bad-signature backend error proven"})) << int{alert};
    EXPECT_EQ(diagnose_bad_signature(session)->judged_by, "client-alert");
  }
  EXPECT_EQ(diagnose_bad_signature(judged.passed(46))->judged_by, "proxy-check");
}

/// What no path leads over, and a root's own.
TEST(FindingBadSignature, NearMisses) {
  const TestChain chain = make_chain();
  const TestCertificate other =
      make_certificate(named(testing::intermediate_spec(), "Other"), &chain.root);
  std::vector<Der> sent = chain.sent();
  sent.push_back(with_flipped_signature(other.der()));
  EXPECT_EQ(lines(Judged{sent, &chain.root}.session()),
            (Lines{"unrelated-certificates backend info proven"}));
  EXPECT_FALSE(diagnose_bad_signature(Judged{chain.sent()}.session())) << "an unknown root";
  EXPECT_FALSE(diagnose_bad_signature(Judged{chain.sent(), &chain.root}.session()));
}

}  // namespace
}  // namespace visavis::inspect

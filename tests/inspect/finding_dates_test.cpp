#include <gtest/gtest.h>

#include "inspect/findings/certificate_dates.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

/// expired and not-yet-valid, on real certificates.
namespace visavis::inspect {
namespace {

using testing::CertificateSpec;
using testing::kDay;
using testing::kNow;
using testing::make_certificate;
using testing::make_chain;
using testing::TestChain;

CertificateSpec until(CertificateSpec spec, std::int64_t not_after_s) {
  spec.not_after_s = not_after_s;
  return spec;
}

CertificateSpec from(CertificateSpec spec, std::int64_t not_before_s) {
  spec.not_before_s = not_before_s;
  return spec;
}

TEST(FindingDates, ReadsRfc3339) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_time("2027-01-15T08:00:00Z"), kNow);
  EXPECT_EQ(parse_time("2027-01-15T08:00:00.250Z"), kNow);
  EXPECT_EQ(parse_time("2049-12-31T00:00:00Z"), testing::kValidUntil);
  EXPECT_EQ(parse_time("2000-02-29T12:30:15Z"), 951827415);
  EXPECT_EQ(parse_time("9999-12-31T23:59:59Z"), 253402300799);
  EXPECT_EQ(parse_time("0000-01-01T00:00:00Z"), -62167219200);
  for (const char* wrong :
       {"", "Z", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15T08:00:00+01:00",
        "2027-01-15T08:00:00+01Z", "2027-13-15T08:00:00Z", "2027-00-15T08:00:00Z",
        "2027-01-32T08:00:00Z", "-027-01-15T08:00:00Z", "2027-01-15 08:00:00Z",
        "20x7-01-15T08:00:00Z", "2027-01-15T08:00:-1Z"})
    EXPECT_FALSE(parse_time(wrong)) << wrong;
}

TEST(FindingDates, DurationsAreRoundedDown) {
  EXPECT_EQ(duration_words(0), "0 seconds");
  EXPECT_EQ(duration_words(1), "1 second");
  EXPECT_EQ(duration_words(119), "1 minute");
  EXPECT_EQ(duration_words(2 * 3600 - 1), "119 minutes");
  EXPECT_EQ(duration_words(2 * 3600), "2 hours");
  EXPECT_EQ(duration_words(2 * kDay - 1), "47 hours");
  EXPECT_EQ(duration_words(59 * kDay + 1), "59 days");
}

TEST(FindingExpired, TheLeaf) {
  const TestChain chain = make_chain(until(testing::leaf_spec(), kNow - 59 * kDay));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"expired backend error proven"}));
  const auto finding = diagnose_expired(session);
  EXPECT_EQ(finding->title, "The backend's certificate expired 59 days ago");
  EXPECT_EQ(finding->presented,
            "the backend's own certificate 'CN=www.example.com' was valid from "
            "2020-01-01T00:00:00Z to 2026-11-17T08:00:00Z");
  EXPECT_NE(finding->cause.find("by the proxy's clock (2027-01-15T08:00:00.250Z)"),
            std::string::npos);
  EXPECT_EQ(finding->codes.x509, "X509_V_ERR_CERT_HAS_EXPIRED");
  EXPECT_EQ(finding->codes.hresult, session.backend_leg->chain->problems.front().hresult);
  EXPECT_EQ(finding->codes.firefox, "SEC_ERROR_EXPIRED_CERTIFICATE");
}

/// OpenSSL, curl and Java use one sentence for both: depth and subject are what helps.
TEST(FindingExpired, AnIntermediateIsNotTheLeaf) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), until(testing::intermediate_spec(), kNow - 3 * kDay));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"expired backend error proven"}));
  const auto finding = diagnose_expired(session);
  EXPECT_EQ(finding->title,
            "The certificate of an issuer in the backend's chain expired 3 days ago");
  EXPECT_NE(finding->presented.find("number 2 of those sent"), std::string::npos);
  EXPECT_EQ(finding->codes.firefox, "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE");
  EXPECT_NE(finding->remedy.find("need not be renewed"), std::string::npos);
}

TEST(FindingExpired, TheRootOfOurStoreIsNotWhatTheBackendSent) {
  const TestChain chain = make_chain(testing::leaf_spec(), testing::intermediate_spec(),
                                     until(testing::root_spec(), kNow - kDay));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"expired backend error likely"}));
  EXPECT_EQ(diagnose_expired(session)->presented, "an expired certificate of the trust store");
}

TEST(FindingExpired, WhenAllHaveExpiredTheClockIsASuspect) {
  const TestChain chain = make_chain();
  Judged judged{chain.sent(), &chain.root};
  judged.now_s = testing::kValidUntil + 400 * kDay;
  judged.started = "2051-02-04T00:00:00.000Z";
  const SessionReport session = judged.session();
  EXPECT_EQ(lines(session), (Lines{"expired backend error likely"}));
  EXPECT_NE(diagnose_expired(session)->cause.find("make sure that the proxy's clock is right"),
            std::string::npos);
}

TEST(FindingExpired, TheClientSaysSoItself) {
  const TestChain chain = make_chain(until(testing::leaf_spec(), kNow - kDay));
  const Judged judged{chain.sent(), &chain.root};
  const SessionReport session = judged.passed(45);
  EXPECT_EQ(lines(session), (Lines{"expired backend error proven"})) << "the alert is explained";
  EXPECT_EQ(diagnose_expired(session)->judged_by, "client-alert");
  EXPECT_EQ(diagnose_expired(session)->evidence.size(), 2U);
  EXPECT_EQ(diagnose_expired(judged.passed(46))->judged_by, "proxy-check")
      << "certificate_unknown does not say what is wrong";
  EXPECT_EQ(lines(judged.passed(46)), (Lines{"expired backend error proven"}));
  EXPECT_EQ(lines(judged.passed()), (Lines{"expired backend error proven"}));
}

/// An intermediate that was renewed with the same key, and both are sent.
TEST(FindingExpired, BesideItsReplacementIsAWarning) {
  const TestChain chain = make_chain();
  const auto old = make_certificate(until(testing::intermediate_spec(), kNow - kDay), &chain.root,
                                    chain.intermediate.key());
  const Judged judged{{chain.leaf.der(), old.der(), chain.intermediate.der()}, &chain.root};
  ASSERT_TRUE(judged.session().backend_leg->chain->trusted);
  EXPECT_EQ(lines(judged.session()), (Lines{"expired backend warning likely"}));
}

TEST(FindingExpired, AnUnrelatedCertificateIsNoFault) {
  const TestChain chain = make_chain();
  const auto stray = make_certificate(until(testing::leaf_spec("old.example.com"), kNow - kDay));
  std::vector<testing::Der> sent = chain.sent();
  sent.push_back(stray.der());
  EXPECT_EQ(lines(Judged{sent, &chain.root}.session()),
            (Lines{"unrelated-certificates backend info proven"}));
}

TEST(FindingNotYetValid, TheLeafAndHowLongItTakes) {
  const TestChain chain = make_chain(from(testing::leaf_spec(), kNow + 3 * 3600));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"not-yet-valid backend error proven"}));
  const auto finding = diagnose_not_yet_valid(session);
  EXPECT_EQ(finding->title, "The backend's certificate is not yet valid: it begins in 3 hours");
  EXPECT_NE(finding->cause.find("wrong by hours"), std::string::npos);
  EXPECT_EQ(finding->codes.hresult, "0x800b0101") << "Windows has one code for both ends";
  EXPECT_EQ(finding->codes.firefox, "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE");
}

TEST(FindingNotYetValid, AnIntermediateFarAhead) {
  const TestChain chain =
      make_chain(testing::leaf_spec(), from(testing::intermediate_spec(), kNow + 90 * kDay));
  const SessionReport session = Judged{chain.sent(), &chain.root}.session();
  EXPECT_EQ(lines(session), (Lines{"not-yet-valid backend error proven"}));
  const auto finding = diagnose_not_yet_valid(session);
  EXPECT_EQ(finding->cause.find("wrong by hours"), std::string::npos);
  EXPECT_NE(finding->title.find("of an issuer"), std::string::npos);
  EXPECT_EQ(finding->codes.firefox, "MOZILLA_PKIX_ERROR_NOT_YET_VALID_ISSUER_CERTIFICATE");
}

TEST(FindingNotYetValid, WhenNoneIsValidTheClockIsASuspect) {
  const TestChain chain = make_chain();
  Judged judged{chain.sent(), &chain.root};
  judged.now_s = 0;
  judged.started = "1970-01-01T00:00:00.000Z";  // a machine without a battery
  const SessionReport session = judged.session();
  EXPECT_EQ(lines(session), (Lines{"not-yet-valid backend error likely"}));
  EXPECT_NE(diagnose_not_yet_valid(session)->cause.find("make sure that the proxy's clock"),
            std::string::npos);
}

TEST(FindingDates, NearMisses) {
  const TestChain chain = make_chain(until(testing::leaf_spec(), kNow + 1));
  EXPECT_EQ(lines(Judged{chain.sent(), &chain.root}.session()), Lines{}) << "its last second";
  const TestChain young = make_chain(from(testing::leaf_spec(), kNow));
  EXPECT_EQ(lines(Judged{young.sent(), &young.root}.session()), Lines{}) << "its first second";
  EXPECT_FALSE(diagnose_expired(SessionReport{}));
  EXPECT_FALSE(diagnose_not_yet_valid(SessionReport{}));
  // The certificates that we show the client are ours.
  SessionReport session = Judged{chain.sent(), &chain.root}.session();
  session.client_leg->certificates = {certificate_of("CN=a", "CN=b")};
  session.client_leg->certificates[0].problems = {"expired"};
  EXPECT_EQ(lines(session), Lines{});
}

}  // namespace
}  // namespace visavis::inspect

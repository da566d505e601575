#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/key_exchange.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

// static-rsa-only and dhe-only: suites that work here, and that some clients lack. And what
// no-common-cipher says of an offer with one key exchange.
namespace visavis::inspect {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

using Suites = std::initializer_list<std::uint16_t>;
using Change = void (*)(LegReport&);

constexpr std::uint16_t kStaticRsa = 0x009c;
constexpr std::uint16_t kDhe = 0x009e;
const Lines kRsaOnly{"static-rsa-only backend warning likely"};
const Lines kDheOnly{"dhe-only backend warning likely"};

/// TLS 1.3 and 1.2 as curl offers them, with `chosen` as the answer in TLS 1.2.
LegScript agreed(std::uint16_t chosen, LegScript leg = LegScript::direct_leg()) {
  leg.hello({0x1301, 0x1302, 0xc02b, 0xc02f, 0xc013, 0x009e, 0x009c, 0x0033, 0x0035},
            {0x0304, 0x0303, 0x0302, 0x0301});
  leg->client_hello->groups = {code_point(NamedGroup{29}), code_point(NamedGroup{23})};
  leg->client_hello->sig_algs = {code_point(SignatureScheme{0x0403}),
                                 code_point(SignatureScheme{0x0804}),
                                 code_point(SignatureScheme{0x0401})};
  leg.server_hello(0x0303, chosen).established();
  return leg;
}

TEST(KeyExchange, IsInTheSuitesName) {
  const std::pair<std::uint16_t, KeyExchange> suites[] = {
      {0x1301, KeyExchange::by_group},   {0xc02f, KeyExchange::ecdhe},
      {0xc02b, KeyExchange::ecdhe},      {0xcca8, KeyExchange::ecdhe},
      {0x009e, KeyExchange::dhe},        {0x0032, KeyExchange::dhe},
      {0x002f, KeyExchange::static_rsa}, {0x000a, KeyExchange::static_rsa},
      {0x0003, KeyExchange::static_rsa}, {0x0062, KeyExchange::static_rsa},
      {0x00a8, KeyExchange::pre_shared}, {0x00aa, KeyExchange::pre_shared},
      {0x00ac, KeyExchange::pre_shared}, {0xc035, KeyExchange::pre_shared},
      {0xccac, KeyExchange::pre_shared}, {0xd001, KeyExchange::pre_shared},
      {0x00a6, KeyExchange::anonymous},  {0xc018, KeyExchange::anonymous},
      {0xc031, KeyExchange::other},      {0x001e, KeyExchange::other},
      {0xc01d, KeyExchange::other},      {0xfefe, KeyExchange::other}};
  for (const auto& [suite, exchange] : suites) {
    const CodePoint point = code_point(CipherSuite{suite});
    EXPECT_EQ(key_exchange(point), exchange) << point.name.view();
  }
}

TEST(FindingStaticRsaOnly, TheBackendTakesItFromABetterOffer) {
  for (const std::uint16_t suite : Suites{0x009c, 0x009d, 0x003c, 0x002f, 0x0035})
    EXPECT_EQ(lines(passed_session(agreed(suite).leg())), kRsaOnly) << suite;
  const auto finding = diagnose_static_rsa_only(passed_session(agreed(kStaticRsa).leg()));
  EXPECT_EQ(line(finding), "backend warning likely proxy-check");
  EXPECT_THAT(finding->cause, HasSubstr("Go since 1.22, Java since 24 and Python's"));
  const SessionReport ours =
      session_of(std::nullopt, agreed(kStaticRsa, LegScript::backend_leg()).leg());
  EXPECT_EQ(line(diagnose_static_rsa_only(ours)), "backend warning likely proxy-check");
}

TEST(FindingDheOnly, TheBackendTakesItFromABetterOffer) {
  for (const std::uint16_t suite : Suites{0x009e, 0x009f, 0x0033, 0x0039, 0xccaa})
    EXPECT_EQ(lines(passed_session(agreed(suite).leg())), kDheOnly) << suite;
  const auto finding = diagnose_dhe_only(passed_session(agreed(kDhe).leg()));
  EXPECT_THAT(finding->cause, HasSubstr("Chrome, Edge, Firefox, Safari and Go do not"));
}

/// 3DES by static RSA is both: nobody offers it, and Go would not even with another cipher.
TEST(FindingStaticRsaOnly, BesideAWeakCipher) {
  EXPECT_EQ(
      lines(passed_session(agreed(0x000a).leg())),
      (Lines{"weak-cipher backend warning proven", "static-rsa-only backend warning likely"}));
}

/// None of these shows that the backend has nothing better.
TEST(FindingKeyExchangeOnly, NearMisses) {
  const std::pair<const char*, Change> changes[] = {
      {"the client has no TLS 1.3: the backend may",
       [](LegReport& leg) { leg.client_hello->supported_versions = {code_point(kTls12)}; }},
      {"the client lists no versions",
       [](LegReport& leg) { leg.client_hello->supported_versions.reset(); }},
      {"no ECDHE is offered",
       [](LegReport& leg) {
         std::erase_if(leg.client_hello->ciphers, [](const CodePoint& suite) {
           return key_exchange(suite) == KeyExchange::ecdhe;
         });
       }},
      {"ECDHE for an ECDSA certificate only, and the backend's is RSA",
       [](LegReport& leg) {
         std::erase_if(leg.client_hello->ciphers, [](const CodePoint& suite) {
           return suite.id == 0xc02f || suite.id == 0xc013;
         });
       }},
      {"ECDHE of TLS 1.2 only, and the backend has TLS 1.1",
       [](LegReport& leg) {
         std::erase_if(leg.client_hello->ciphers,
                       [](const CodePoint& suite) { return suite.id == 0xc013; });
         leg.established->version = code_point(ProtocolVersion{0x0302});
       }},
      {"no group that all have",
       [](LegReport& leg) { leg.client_hello->groups = {code_point(NamedGroup{29})}; }},
      {"no signature of RSA but SHA-1",
       [](LegReport& leg) {
         leg.client_hello->sig_algs = {code_point(SignatureScheme{0x0403}),
                                       code_point(SignatureScheme{0x0201})};
       }},
      {"no list of schemes", [](LegReport& leg) { leg.client_hello->sig_algs.reset(); }},
      {"a resumed session: its suite was chosen then",
       [](LegReport& leg) { leg.established->resumed = true; }},
      {"it did not come about", [](LegReport& leg) { leg.outcome = "failed"; }},
      {"no hello", [](LegReport& leg) { leg.client_hello.reset(); }}};
  for (const std::uint16_t suite : {kStaticRsa, kDhe})
    for (const auto& [what, change] : changes) {
      LegScript leg = agreed(suite);
      change(*leg.operator->());
      EXPECT_EQ(lines(passed_session(leg.leg())), Lines{}) << what;
    }
  for (const std::uint16_t suite : Suites{0xc02f, 0xc013, 0x00a8, 0x0032})
    EXPECT_EQ(lines(passed_session(agreed(suite).leg())), Lines{}) << suite;
  EXPECT_EQ(line(diagnose_static_rsa_only(SessionReport{})), "none");
  EXPECT_EQ(line(diagnose_dhe_only(SessionReport{})), "none");
}

/// Up to TLS 1.1 ECDHE has CBC suites only.
TEST(FindingKeyExchangeOnly, AnOldVersionIsJudgedByItsOwnSuites) {
  LegScript leg = agreed(0x0035);
  leg->established->version = code_point(kTls10);
  EXPECT_EQ(lines(passed_session(leg.leg())), kRsaOnly);
  leg->client_hello->groups.reset();
  EXPECT_EQ(lines(passed_session(leg.leg())), kRsaOnly) << "RFC 8422 4: any group may be chosen";
}

FindingReport refused(Suites suites, std::initializer_list<std::uint16_t> versions = {}) {
  LegScript leg = LegScript::direct_leg();
  leg.hello(suites, versions).alert("backend", 40).close("backend", "fin");
  leg->client_hello->groups = {code_point(NamedGroup{23})};
  leg->client_hello->sig_algs = {code_point(SignatureScheme{0x0403}),
                                 code_point(SignatureScheme{0x0804})};
  const SessionReport session = passed_session(leg.leg());
  const auto finding = diagnose_no_common_cipher(session);
  EXPECT_EQ(line(finding), "both error likely backend-alert");
  if (!finding) return {};
  expect_complete(*finding);
  return *finding;
}

TEST(FindingNoCommonCipher, NamesTheKeyExchangeThatAllSuitesShare) {
  struct Case {
    Suites suites;
    const char* title;
    const char* reason;
  };
  const Case cases[] = {
      {{0x009c, 0x002f, 0x0035}, ": the client has static RSA suites only", "no forward secrecy"},
      {{0x009e, 0x0033}, ": the client has DHE suites only", "nginx where no ssl_dhparam is set"},
      {{0x00a8, 0xc035, 0x00ac},
       ": the client has pre-shared key (PSK) suites only",
       "a backend that has certificates only"},
      {{0x00a6, 0xc018}, ": the client has anonymous suites only", "proves who it is"}};
  for (const auto& [suites, title, reason] : cases) {
    const FindingReport finding = refused(suites);
    EXPECT_THAT(finding.title, EndsWith(title));
    EXPECT_THAT(finding.cause, HasSubstr(reason));
  }
  const FindingReport psk = refused({0x00a8});
  EXPECT_THAT(psk.cause, Not(HasSubstr("SHA-1"))) << "nothing is signed there";
  EXPECT_THAT(psk.remedy, HasSubstr("pre-shared key"));
}

TEST(FindingNoCommonCipher, NamesTheKeyExchangeThatAnOldBackendMayHave) {
  const std::string title = "share no usable cipher suite";
  const FindingReport go = refused({0x1301, 0xc02b, 0xc02f}, {0x0304, 0x0303});
  EXPECT_THAT(go.title, EndsWith(title));
  EXPECT_THAT(go.cause, HasSubstr("Up to TLS 1.2 the client exchanges keys by ECDHE only: an old "
                                  "backend that has nothing but static RSA (TLS_RSA_WITH_*) or DHE "
                                  "suites shares none with it."));
  const FindingReport python = refused({0x1301, 0xc02f, 0x009e}, {0x0304, 0x0303});
  EXPECT_THAT(python.cause, HasSubstr("by ECDHE or DHE only: an old backend that has nothing but "
                                      "static RSA (TLS_RSA_WITH_*) suites"));
  for (const Suites& all : {Suites{0xc02f, 0x009e, 0x002f}, Suites{0xc02f, 0xc031}}) {
    const FindingReport finding = refused(all);
    EXPECT_THAT(finding.title, EndsWith(title));
    EXPECT_THAT(finding.cause, Not(HasSubstr("exchanges keys")));
    EXPECT_THAT(finding.cause, HasSubstr("pre-shared keys (PSK) only"));
  }
  EXPECT_THAT(refused({0x1302}, {0x0304}).cause, Not(HasSubstr("exchanges keys")));
}

/// What the two differ in where a first record can't be verified.
TEST(FindingRecordMacFailure, NamesThePreSharedKey) {
  for (const auto& [suite, named] : {std::pair{0x00aa, true}, std::pair{0x009e, false}}) {
    LegScript leg = LegScript::direct_leg();
    const auto number = static_cast<std::uint16_t>(suite);
    leg.hello({number}).server_hello(0x0303, number).alert("backend", 20).close("backend", "fin");
    const auto finding = diagnose_record_mac_failure(passed_session(leg.leg()));
    ASSERT_EQ(line(finding), "both error likely backend-alert");
    EXPECT_EQ(finding->cause.find("pre-shared key (PSK)") != std::string::npos, named);
  }
}

}  // namespace
}  // namespace visavis::inspect

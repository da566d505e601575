// Client and backend that share no suite: mostly the backend's bare handshake_failure, which says
// little, and so must we. Once it is a suite that nobody offered, which the client refuses.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kHandshakeFailure = 40;
constexpr int kCurlHandshakeFailed = 35;
const std::string kLikely = "no-common-cipher both error likely";
const std::string kAlertRecord = "15030300020228";  // fatal (2), handshake_failure (40)

class NoCommonCipher : public ::testing::TestWithParam<Mode> {
 protected:
  /// The pair fails without visavis, and in the same way with it; `story` is what visavis says.
  Session expect_refused(const Backend& backend, const Credentials& credentials,
                         const Asking& client, const Lines& expected) const {
    const Spoken direct = directly(backend, credentials, client);
    EXPECT_NE(direct.exit_code, 0);
    const Seen seen = through(GetParam(), backend, credentials, client);
    EXPECT_EQ(seen.spoken.exit_code, direct.exit_code) << seen.spoken.errors;
    EXPECT_THAT(story(seen.session), ElementsAreArray(expected));
    EXPECT_THAT(agreed(seen.session), IsEmpty());
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/evidence/0/leg"),
              GetParam() == Mode::terminate ? "backend_leg" : "direct_leg");
    return seen.session;
  }
  [[nodiscard]] Lines refused(bool repeated = true) const {
    return refused_hello(GetParam(), kLikely, kHandshakeFailure, repeated);
  }

  TemporaryDirectory folder_;
  Credentials rsa_ = make_credentials(folder_, TestKey::rsa_2048);
  Credentials ecdsa_ = make_credentials(folder_, TestKey::ec_p256);
};

TEST_P(NoCommonCipher, IsTheAlertOfNginx) {
  const Nginx nginx(rsa_, {.versions = {"1.2"}, .suites = "AES128-SHA:@SECLEVEL=0"});
  const Asking client = curl_with({"--tls-max", "1.2", "--ciphers", "AES256-SHA:@SECLEVEL=0"});
  const Recorder direct(nginx.port());
  ASSERT_EQ(directly(direct, rsa_, client).exit_code, kCurlHandshakeFailed);
  ASSERT_EQ(to_hex(direct.bytes(0, "s2c")), kAlertRecord);

  const ProxyProcess proxy(GetParam(), nginx, rsa_);
  const Recorder front(proxy.port());
  EXPECT_EQ(client({front.port(), proxy.visit().trusted}).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(to_hex(front.bytes(0, "s2c")), kAlertRecord) << "and nothing but it";
  const Session session = proxy.session();
  EXPECT_THAT(story(session), ElementsAreArray(refused()));
  expect_data(session, false);
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "backend-alert");
  EXPECT_EQ(word(session, "/findings/0/codes/alert"), "40");
  EXPECT_EQ(word(session, "/findings/0/presented"),
            "the client offers TLS_RSA_WITH_AES_256_CBC_SHA");
}

TEST_P(NoCommonCipher, IsTheAlertOfGnutlsToPython) {
  const GnutlsServer server(rsa_, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC");
  expect_refused(
      server, rsa_,
      python_with({"--min", "1.2", "--max", "1.2", "--ciphers", "AES128-SHA:@SECLEVEL=0"}),
      refused());
}

TEST_P(NoCommonCipher, IsTheAlertOfJavaToOpenssl) {
  const JavaServer server(rsa_, "http", {"1.2"});
  expect_refused(server, rsa_, openssl_with({"-cipher", "CAMELLIA256-SHA:@SECLEVEL=0", "-tls1_2"}),
                 refused());
}

TEST_P(NoCommonCipher, OfTls10AndOfTls13) {
  const OpensslServer old(rsa_, {"-www", "-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"});
  expect_refused(old, rsa_, openssl_with({"-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0"}),
                 refused());
  const OpensslServer modern(rsa_, {"-www", "-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"});
  expect_refused(modern, rsa_, openssl_with({"-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"}),
                 refused());
}

/// "ECDSA-capable" and "RSA" are parts of a suite up to TLS 1.2: the certificate must fit it.
TEST_P(NoCommonCipher, BecauseTheCertificateIsOfTheOtherKeyType) {
  const Nginx nginx(ecdsa_, {.versions = {"1.2"}});
  const std::string hint = "only certificate is ECDSA, while every offered suite needs an RSA one";
  Session session = expect_refused(
      nginx, ecdsa_, curl_with({"--tls-max", "1.2", "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256"}),
      refused());
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr(hint));
  // GnuTLS's hello has more that OpenSSL can't repeat.
  session = expect_refused(
      nginx, ecdsa_,
      gnutls_with({"--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:+ECDHE-RSA"}),
      refused(false));
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr(hint));

  const OpensslServer rsa(rsa_, {"-www", "-tls1_2"});
  session = expect_refused(
      rsa, rsa_, openssl_with({"-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"}), refused());
  EXPECT_THAT(word(session, "/findings/0/cause"),
              HasSubstr("only certificate is RSA, while every offered suite needs an ECDSA one"));
}

/// JSSE offers static ECDH suites, which OpenSSL has not: the refusal may be of our hello alone.
TEST_P(NoCommonCipher, MayBeOurOwnLimit) {
  const Nginx nginx(rsa_, {.versions = {"1.2"}, .suites = "CAMELLIA128-SHA"});
  const bool ours = GetParam() == Mode::terminate;
  Lines expected = refused(false);
  if (ours) expected.front() = "no-common-cipher proxy error likely";
  const Session session = expect_refused(
      nginx, rsa_, calling(Client::java, {.visit = {}, .versions = {"1.2"}}), expected);
  EXPECT_EQ(word(session, "/findings/0/presented").substr(0, 47),
            ours ? "a hello without TLS_ECDH_ECDSA_WITH_AES_256_GCM"
                 : "the client offers TLS_ECDHE_ECDSA_WITH_AES_256_");
}

/// A forwarder puts another suite into the ServerHello of a server that works.
class SuiteChanged : public NoCommonCipher {
 protected:
  [[nodiscard]] PythonPeer changed_to(const std::string& hex) const {
    return PythonPeer("forwarder.py", {"--to", std::to_string(server_.port()), "--change",
                                       "s2c:" + std::to_string(kSuiteOffset) + ':' + hex});
  }

  /// Record header, message header, version, random, session id with its length.
  static constexpr int kSuiteOffset = 5 + 4 + 2 + 32 + 1 + 32;
  OpensslServer server_{
      rsa_, {"-www", "-tls1_2", "-no_ticket", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"}};
};

/// Some old servers look at the second byte of a suite only: c0 2f (ECDHE, GCM) becomes 00 2f.
TEST_P(SuiteChanged, ToOneThatNobodyOfferedIsRefusedByTheClient) {
  const PythonPeer changer = changed_to("002f");
  struct Refuser {
    Asking client;
    std::string alert;       ///< its own
    std::string late_alert;  ///< what it sends when the proxy closes on it
  };
  const std::string suite = "ECDHE-RSA-AES128-GCM-SHA256";
  const Refuser refusers[] = {
      {curl_with({"--tls-max", "1.2", "--ciphers", suite}), "47", ""},
      {gnutls_with({"--priority",
                    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM"}),
       "40", "; client fatal 10"}};
  for (const Refuser& refuser : refusers) {
    ASSERT_EQ(directly(server_, rsa_, refuser.client).exit_code, 0) << "unchanged, it works";
    const Spoken direct = directly(changer, rsa_, refuser.client);
    ASSERT_NE(direct.exit_code, 0);
    const Seen seen = through(GetParam(), changer, rsa_, refuser.client);
    EXPECT_EQ(seen.spoken.exit_code, direct.exit_code) << seen.spoken.errors;
    const std::string proven = "no-common-cipher backend error proven";
    const std::string chosen = "; TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA; ";
    if (GetParam() == Mode::passthrough) {
      EXPECT_THAT(story(seen.session),
                  ElementsAre(proven, kFailsDirect,
                              closed_by_a_peer("direct_leg failed certificate",
                                               chosen + "client fatal " + refuser.alert)));
    } else {
      EXPECT_THAT(
          story(seen.session),
          ElementsAre(
              proven, kFailsBoth,
              "client_leg failed client_hello, closed by proxy fin" + refuser.late_alert,
              "backend_leg failed server_hello, closed by proxy fin" + chosen + "proxy fatal 47"));
    }
    EXPECT_THAT(agreed(seen.session), IsEmpty());
    expect_data(seen.session, false);
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    // Through the proxy the client never sees that ServerHello: what it says, it says of our FIN.
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"),
              GetParam() == Mode::passthrough ? "client-alert" : "proxy-check");
    EXPECT_THAT(word(seen.session, "/findings/0/cause"),
                HasSubstr("the backend may read only the second byte"));
  }
}

/// The two then use different keys: a failure of another kind.
TEST_P(SuiteChanged, ToAnotherThatIsOfferedIsNoLackOfOne) {
  const PythonPeer changer = changed_to("c013");
  const Asking client = curl_with({"--tls-max", "1.2", "--ciphers",
                                   "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:@SECLEVEL=0"});
  ASSERT_THAT(directly(changer, rsa_, client).errors, HasSubstr("alert bad record mac"));
  const Seen seen = through(GetParam(), changer, rsa_, client);
  EXPECT_THAT(seen.spoken.errors, HasSubstr("alert bad record mac"));
  const std::string found = "record-mac-failure both error likely";
  const std::string said = "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA; backend fatal 20";
  if (GetParam() == Mode::passthrough)
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(found, kFailsDirect, closed_by_a_peer("direct_leg failed certificate", said)));
  else
    EXPECT_THAT(story(seen.session),
                ElementsAre(found, kFailedUnknown,
                            "client_leg failed client_hello, closed by proxy fin; proxy fatal 20",
                            "backend_leg failed certificate, closed by proxy fin" + said));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
}

TEST_P(NoCommonCipher, IsNotFoundWhereOneIsShared) {
  const Nginx nginx(rsa_, {.versions = {"1.2"}, .suites = "AES128-SHA:AES256-SHA:@SECLEVEL=0"});
  expect_healthy(GetParam(), nginx, rsa_,
                 curl_with({"--tls-max", "1.2", "--ciphers", "CAMELLIA256-SHA:AES256-SHA"}));
  const Nginx ecdsa(ecdsa_, {.versions = {"1.2"}});
  expect_healthy(GetParam(), ecdsa, ecdsa_,
                 openssl_with({"-tls1_2", "-cipher",
                               "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"}));
}

INSTANTIATE_TEST_SUITE_P(In, NoCommonCipher, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });
INSTANTIATE_TEST_SUITE_P(In, SuiteChanged, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

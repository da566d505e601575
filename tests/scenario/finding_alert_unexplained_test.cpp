// Fatal alerts for which no other finding has an explanation: a party's own word must not go
// unsaid. And alerts that are none: what a client sends when it finds the connection closed.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"
#include "tests/support/openssl_files.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr int kNoSuchName = 112;  // unrecognized_name
constexpr int kNoProtocol = 120;  // no_application_protocol
constexpr int kFallback = 86;     // inappropriate_fallback
const std::string kLikely = "alert-unexplained both error likely";
const std::string kNoSite = "sni-refused both error proven";
const std::string kNoneShared = "alpn-mismatch both error proven";
const std::string kOldSuites = "DEFAULT:@SECLEVEL=0";

class AlertUnexplained : public ::testing::TestWithParam<Mode> {
 protected:
  /// The client gets the backend's alert in answer to its hello, directly and through visavis.
  /// `words`: how the client names it. `repeated`: our hello is the client's in all. `finding`:
  /// what explains it, so that it does not go unexplained.
  void expect_explained(const Backend& backend, const Asking& client, int alert,
                        const std::string& finding, const std::string& words,
                        bool repeated = true) const {
    const Spoken direct = directly(backend, credentials_, client);
    ASSERT_NE(direct.exit_code, 0);
    ASSERT_THAT(direct.errors, HasSubstr(words));
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.exit_code, direct.exit_code);
    EXPECT_THAT(seen.spoken.errors, HasSubstr(words));
    EXPECT_THAT(story(seen.session),
                ElementsAreArray(refused_hello(GetParam(), finding, alert, repeated)));
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "backend-alert");
    EXPECT_EQ(word(seen.session, "/findings/0/codes/alert"), std::to_string(alert));
  }
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(AlertUnexplained, OfNginxThatHasNoSiteForTheName) {
  for (const Version version : {"1.0", "1.2", "1.3"}) {
    SCOPED_TRACE("TLS " + version);
    const Nginx nginx(credentials_,
                      {.versions = {version}, .directives = "ssl_reject_handshake on;"});
    expect_explained(nginx, openssl_with({"-cipher", kOldSuites}), kNoSuchName, kNoSite,
                     "unrecognized name");
  }
}

TEST_P(AlertUnexplained, OfGnutlsThatHasNoSiteForTheName) {
  const GnutlsServer server(credentials_, "NORMAL:+VERS-ALL",
                            {"--http", "--sni-hostname", "localhost", "--sni-hostname-fatal"});
  Call call{.visit = {}, .versions = {"1.2", "1.3"}};
  expect_healthy(GetParam(), server, credentials_, calling(Client::node, call));
  call.visit.host = "www.example.test";
  expect_explained(server, calling(Client::node, call), kNoSuchName, kNoSite, "unrecognized name");
}

TEST_P(AlertUnexplained, OfServersThatHaveNoneOfTheProtocols) {
  const JavaServer java(credentials_, "http");
  expect_healthy(GetParam(), java, credentials_, openssl_with({"-alpn", "http/1.1"}));
  expect_explained(java, openssl_with({"-alpn", "foo"}), kNoProtocol, kNoneShared,
                   "no application protocol");
  const Nginx nginx(credentials_, {.http2 = true});
  expect_healthy(GetParam(), nginx, credentials_, openssl_with({"-alpn", "foo,http/1.1"}));
  expect_explained(nginx, openssl_with({"-alpn", "foo"}), kNoProtocol, kNoneShared,
                   "no application protocol");
  // curl pads its hello, which OpenSSL does not repeat: some servers mind the length.
  const GnutlsServer gnutls(credentials_, "NORMAL:+VERS-ALL",
                            {"--http", "--alpn", "foo", "--alpn-fatal"});
  expect_explained(gnutls, curl_with({}), kNoProtocol, kNoneShared, "no application protocol",
                   false);
}

/// RFC 7507: the mark of a client that has tried a higher version before.
TEST_P(AlertUnexplained, OfAClientThatFellBackWithoutNeed) {
  const Asking fallen = openssl_with({"-tls1_2", "-fallback_scsv"});
  const Nginx nginx(credentials_, {.versions = {"1.2", "1.3"}});
  expect_explained(nginx, fallen, kFallback, "no-common-version client error proven",
                   "inappropriate fallback");
  const Nginx old(credentials_, {.versions = {"1.0", "1.1", "1.2"}});
  expect_healthy(GetParam(), old, credentials_, fallen);
}

/// After the handshake alerts are encrypted: whoever does not end the TLS sees them not.
TEST_P(AlertUnexplained, AfterTheHandshakeWhereARecordWasDamaged) {
  const Nginx nginx(credentials_, {.versions = {"1.2"},
                                   .suites = "AES128-SHA:@SECLEVEL=0",
                                   .directives = "ssl_session_tickets off;"});
  // RSA key exchange and no tickets: a handshake of the same size every time.
  const Asking client = curl_with({"--tls-max", "1.2", "--ciphers", "AES128-SHA:@SECLEVEL=0"});
  const Session whole = through(GetParam(), nginx, credentials_, client).session;
  std::int64_t handshake_bytes = 0;
  for (const auto& record :
       whole.at(passes() ? "direct_leg" : "backend_leg").at("records").as_array()) {
    const auto& row = record.as_array();
    if (row[1].as_string() != "c2s") continue;
    if (row[2].as_int64() == 23) break;  // the request
    handshake_bytes += 5 + row[4].as_int64();
  }
  ASSERT_GT(handshake_bytes, 400);
  const std::string at = std::to_string(handshake_bytes + 25);
  const PythonPeer changer(
      "forwarder.py", {"--to", std::to_string(nginx.port()), "--change", "c2s:" + at + ":0000"});
  const Spoken direct = directly(changer, credentials_, client);
  ASSERT_THAT(direct.errors, HasSubstr("alert bad record mac"));

  const Seen seen = through(GetParam(), changer, credentials_, client);
  EXPECT_NE(seen.spoken.exit_code, 0);
  const std::string agreed = "; TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA";
  // The backend closes after its alert, the client upon it: which of the two is first is a race.
  if (passes())
    EXPECT_THAT(story(seen.session),
                ElementsAre("closed-after-request backend error likely", kFailsDirect,
                            closed_by_a_peer("direct_leg established finished", agreed)));
  else
    EXPECT_THAT(story(seen.session),
                ElementsAre("record-mac-failure network error likely", kFailedUnknown,
                            closed("client_leg established finished", "proxy", agreed),
                            closed("backend_leg established finished", "proxy",
                                   agreed + "; backend fatal 20")));
}

/// Servers close without a word when they have no certificate for a name; Java and GnuTLS answer
/// that with an alert to nobody. It must not be taken for the cause.
TEST_P(AlertUnexplained, IsNoneInAnswerToAClose) {
  const PythonPeer backend("mute_server.py", {"fin"});
  struct Answering {
    Asking client;
    std::string alert;
  };
  for (const Answering& each :
       {Answering{calling(Client::java, {}), "; client fatal 40"},
        Answering{gnutls_with({"--priority", "NORMAL"}), "; client fatal 10"},
        Answering{curl_with({}), ""}}) {
    SCOPED_TRACE(each.alert);
    ASSERT_NE(directly(backend, credentials_, each.client).exit_code, 0);
    const Seen seen = through(GetParam(), backend, credentials_, each.client);
    const std::string found = "no-server-hello backend error likely";
    const std::string gone = " failed client_hello, closed by backend fin";
    if (passes())
      EXPECT_THAT(story(seen.session),
                  ElementsAre(found, kFailsDirect, "direct_leg" + gone + each.alert));
    else
      EXPECT_THAT(story(seen.session),
                  ElementsAre(found, kFailedUnknown,
                              "client_leg failed client_hello, closed by proxy fin" + each.alert,
                              "backend_leg" + gone));
  }
}

INSTANTIATE_TEST_SUITE_P(In, AlertUnexplained, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

/// What the client thinks of the backend itself can be heard only in passthrough.
class AlertOfTheClient : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(AlertOfTheClient, ThatDoesNotTrustWhatWeTrust) {
  const TemporaryDirectory other_folder;
  const Credentials other = make_credentials(other_folder, TestKey::rsa_2048);
  struct Refuser {
    Client client;
    Version version;
    int alert;
    std::string leg;
  };
  const Refuser refusers[] = {{Client::curl, "1.0", 48, "failed certificate"},
                              {Client::openssl, "1.2", 48, "failed certificate"},
                              {Client::gnutls, "1.2", 42, "failed certificate"},
                              {Client::java, "1.2", 46, "failed certificate"},
                              // Its certificate is encrypted, the alert is not.
                              {Client::python, "1.3", 48, "failed server_hello"}};
  for (const Refuser& each : refusers) {
    SCOPED_TRACE(name(each.client));
    const Nginx nginx(credentials_, {.versions = {each.version}});
    const Asking distrusting = [&](const Visit& visit) {
      return calling(each.client, {})({visit.port, other.root});
    };
    ASSERT_NE(directly(nginx, credentials_, distrusting).exit_code, 0);
    const Seen seen = through(Mode::passthrough, nginx, credentials_, distrusting);
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(each.version == "1.3" ? kLikely : "alert-unexplained client error likely",
                    kFailsDirect,
                    closed_by_a_peer("direct_leg " + each.leg,
                                     "; TLS " + each.version + " TLS_[A-Z0-9_]+; client fatal " +
                                         std::to_string(each.alert))));
    EXPECT_EQ(word(seen.session, "/findings/0/title"),
              each.version == "1.3" ? "The client refuses the backend's certificate"
                                    : "The client does not trust the backend's certificate, though "
                                      "our trust store does");
  }
}

/// A Diffie-Hellman group of 1024 bits is too small at OpenSSL's security level 2.
TEST_F(AlertOfTheClient, ThatFindsTheGroupTooSmall) {
  const std::filesystem::path group = folder_.path() / "dh.pem";
  openssl({"dhparam", "-dsaparam", "-out", group.string(), "1024"});
  const Nginx nginx(credentials_, {.versions = {"1.2"},
                                   .suites = "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
                                   .directives = "ssl_dhparam " + group.string() + ";"});
  const Asking strict = curl_with({"--ciphers", "DEFAULT@SECLEVEL=2"});
  ASSERT_THAT(directly(nginx, credentials_, strict).errors, HasSubstr("dh key too small"));
  const Seen seen = through(Mode::passthrough, nginx, credentials_, strict);
  EXPECT_THAT(seen.spoken.errors, HasSubstr("dh key too small"));
  EXPECT_THAT(story(seen.session),
              ElementsAre("dh-too-small backend error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed certificate",
                                           "; TLS 1.2 TLS_DHE_RSA_WITH_AES_128_GCM_SHA256; "
                                           "client fatal 40")));
  EXPECT_THAT(word(seen.session, "/findings/0/cause"),
              HasSubstr("The backend's ServerKeyExchange has a 1024-bit prime"));
  const Seen taken = through(Mode::passthrough, nginx, credentials_,
                             curl_with({"--ciphers", "DEFAULT@SECLEVEL=1"}));
  EXPECT_EQ(taken.spoken.exit_code, 0) << taken.spoken.errors;
  EXPECT_THAT(findings(taken.session), ElementsAre("dh-too-small backend warning proven",
                                                   "dhe-only backend warning likely"));
}

}  // namespace
}  // namespace visavis::testing

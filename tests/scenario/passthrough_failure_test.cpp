// Pairs that fail, in passthrough: the direct failure itself, with both sides' own words.
#include <gtest/gtest.h>

#include "tests/scenario/passthrough_passage.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kCurlHandshakeFailed = 35;
constexpr int kCurlTimedOut = 28;

class PassthroughFailure : public ::testing::Test {
 protected:
  [[nodiscard]] Visit through(const Passage& passage) const {
    return {passage.front.port(), credentials_.root};
  }
  [[nodiscard]] std::vector<std::string> trusting() const {
    return {"--trust", credentials_.root.string()};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  std::string failed_ = "fails-direct proxied none direct failed by passthrough";
  std::string unknown_ = "unknown proxied none direct unknown by none";
};

TEST_F(PassthroughFailure, NoVersionInCommonIsTheBackendsOwnAlert) {
  const Nginx nginx(credentials_, NginxOptions{.versions = {"1.2"}});
  Passage passage(nginx.port(), trusting());
  const std::vector<std::string> old{"--tlsv1.0", "--tls-max", "1.1", "--ciphers",
                                     "DEFAULT:@SECLEVEL=0"};
  ASSERT_EQ(curl({nginx.port(), credentials_.root}, old).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(curl(through(passage), old).exit_code, kCurlHandshakeFailed);
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_EQ(to_hex(passage.front.bytes(0, "s2c")), "15030200020246") << "protocol_version (70)";
  EXPECT_EQ(verdict(session), failed_);
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_EQ(word(session, "/findings/0/evidence/0/leg"), "direct_leg");
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("backend fatal 70"));
  EXPECT_EQ(word(session, "/direct_leg/reached"), "client_hello");
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "failed");
  EXPECT_EQ(passage.proxy.stop(), 0);
}

TEST_F(PassthroughFailure, NoVersionInCommonIsTheClientsOwnAlert) {
  // gnutls-serv picks TLS 1.0 for a hello that lists later versions only.
  const GnutlsServer server(credentials_, "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT");
  Passage passage(server.port(), trusting());
  const std::vector<std::string> modern{"--tlsv1.2"};
  ASSERT_EQ(curl({server.port(), credentials_.root}, modern).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(curl(through(passage), modern).exit_code, kCurlHandshakeFailed);
  const Session session = passage.proxy.session();
  // The client is gone before it reads what the backend says to its alert.
  EXPECT_EQ(to_hex(passage.rear.bytes(0, "c2s")), to_hex(passage.front.bytes(0, "c2s")));
  EXPECT_THAT(passage.rear.bytes(0, "s2c"), ::testing::StartsWith(passage.front.bytes(0, "s2c")));
  EXPECT_EQ(verdict(session), failed_);
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_THAT(alerts(session, "direct_leg"), ::testing::Contains("client fatal 70"));
}

/// The client judges the backend's own certificate, and its alert is its own.
TEST_F(PassthroughFailure, ACertificateThatTheClientDoesNotTrust) {
  const TemporaryDirectory other;
  const Credentials unknown = make_credentials(other, TestKey::rsa_2048);
  const Nginx nginx(credentials_, NginxOptions{.versions = {"1.2"}});
  Passage passage(nginx.port(), trusting());
  EXPECT_EQ(curl({nginx.port(), unknown.root}).exit_code, 60);
  EXPECT_EQ(curl({passage.front.port(), unknown.root}).exit_code, 60);
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_EQ(verdict(session), failed_);
  EXPECT_THAT(alerts(session, "direct_leg"), ElementsAre("client fatal 48")) << "unknown_ca";
  EXPECT_EQ(word(session, "/direct_leg/chain/trusted"), "true")
      << "by the store that we were given";
  EXPECT_EQ(word(session, "/direct_leg/reached"), "certificate");
}

TEST_F(PassthroughFailure, RefusedIsPassedOnAsReset) {
  const std::uint16_t port = free_port();
  ProxyProcess proxy({"--mode", "passthrough", "--backend", "127.0.0.1:" + std::to_string(port)});
  const Recorder front(proxy.port());
  EXPECT_EQ(curl({port, credentials_.root}).exit_code, 7) << "could not connect";
  EXPECT_EQ(curl({front.port(), credentials_.root}).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(front.ends(0).front(), "s2c rst");
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("backend-unreachable backend error proven"));
  EXPECT_EQ(word(session, "/direct_leg/reached"), "none");
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "failed");
  EXPECT_EQ(word(session, "/direct_leg/client_hello"), "null") << "it was said to nobody";
  EXPECT_EQ(word(session, "/direct_leg/failure"),
            "connection refused by 127.0.0.1:" + std::to_string(port));
  EXPECT_EQ(word(session, "/direct_leg/events/1/what"), "connection refused");
  EXPECT_EQ(word(session, "/direct_leg/events/1/sender"), "backend");
  EXPECT_EQ(verdict(session), unknown_);
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(PassthroughFailure, ANameWithoutAnAddressIsSaid) {
  ProxyProcess proxy({"--mode", "passthrough", "--backend", "no-such-name.invalid:443"});
  const Recorder front(proxy.port());
  EXPECT_NE(curl({front.port(), credentials_.root}).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("backend-unreachable network error likely"));
  EXPECT_THAT(word(session, "/direct_leg/failure"),
              HasSubstr("the name 'no-such-name.invalid' has no address"));
  EXPECT_EQ(word(session, "/backend_address"), "null");
  EXPECT_EQ(verdict(session), unknown_);
}

struct Mute {
  std::string how;
  int exit_code;  ///< of a curl that waits for two seconds
  std::string ending;
  std::vector<std::string> findings;
};

void PrintTo(const Mute& mute, std::ostream* out) { *out << mute.how; }

class PassthroughMute : public PassthroughFailure, public ::testing::WithParamInterface<Mute> {};

TEST_P(PassthroughMute, BackendThatNeverSaysAServerHello) {
  const PythonPeer backend("mute_server.py", {GetParam().how});
  Passage passage(backend.port());
  const std::vector<std::string> patience{"--max-time", "2"};
  EXPECT_EQ(curl({backend.port(), credentials_.root}, patience).exit_code, GetParam().exit_code);
  EXPECT_EQ(curl(through(passage), patience).exit_code, GetParam().exit_code);
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_EQ(passage.front.bytes(0, "s2c"), "");
  EXPECT_EQ(ending(session, "direct_leg"), GetParam().ending);
  EXPECT_EQ(findings(session), GetParam().findings);
  EXPECT_EQ(verdict(session), failed_);
  EXPECT_EQ(passage.proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(From, PassthroughMute,
                         ::testing::Values(Mute{"fin",
                                                kCurlHandshakeFailed,
                                                "failed client_hello, closed by backend fin",
                                                {"no-server-hello backend error likely"}},
                                           Mute{"rst",
                                                kCurlHandshakeFailed,
                                                "failed client_hello, closed by backend rst",
                                                {"no-server-hello backend error likely"}},
                                           Mute{"silent",
                                                kCurlTimedOut,
                                                "failed client_hello, closed by client fin",
                                                {}}),
                         [](const auto& mute) { return mute.param.how; });

/// Nobody leaves: then the idle time-out ends it, and says whose silence it was.
TEST_F(PassthroughFailure, SilenceEndsWithTheIdleTimeout) {
  const PythonPeer backend("mute_server.py", {"silent"});
  Passage passage(backend.port(), {"--idle-timeout", "1"});
  EXPECT_EQ(curl(through(passage)).exit_code, kCurlHandshakeFailed);
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by proxy timeout");
  EXPECT_EQ(word(session, "/direct_leg/failure"), "nothing was sent within the idle time-out");
  EXPECT_THAT(findings(session), ElementsAre("no-server-hello backend error likely"));
}

TEST_F(PassthroughFailure, PlainHttpReachesTheBackend) {
  const Nginx nginx(credentials_);
  Passage passage(nginx.port(), trusting());
  const std::string url = "http://127.0.0.1:" + std::to_string(passage.front.port()) + "/";
  const Ran ran =
      run({{"curl", "-q", "--noproxy", "*", "--silent", "--show-error", "--max-time", "5", url}});
  EXPECT_THAT(ran.output, HasSubstr("plain HTTP request was sent to HTTPS port"));
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/direct_leg/first_bytes"), "plain HTTP request");
  EXPECT_THAT(findings(session), ElementsAre("plaintext-on-tls-port client error likely"));
  EXPECT_EQ(verdict(session), failed_);
}

/// The backend speaks first, and the client says nothing before: as in SMTP.
TEST_F(PassthroughFailure, AServerThatSpeaksFirstIsHeard) {
  const PythonPeer server("mute_server.py", {"banner", "220 mail.example ESMTP"});
  Passage passage(server.port(), {"--idle-timeout", "3"});
  const std::string url = "telnet://127.0.0.1:" + std::to_string(passage.front.port());
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--max-time", "1", url}});
  EXPECT_EQ(ran.output, "220 mail.example ESMTP\r\n");
  const Session session = passage.proxy.session();
  passage.expect_untouched(0, session);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), unknown_);
  EXPECT_EQ(word(session, "/direct_leg/first_bytes"), "SMTP or FTP banner");
}

/// With routes the hello is needed, and its time-out counts.
TEST_F(PassthroughFailure, WithRoutesTheHelloHasItsTimeout) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy({"--mode", "passthrough", "--route", "one.example.test=" + nginx.address(),
                      "--hello-timeout", "1"});
  const Recorder front(proxy.port());
  const std::string url = "telnet://127.0.0.1:" + std::to_string(front.port());
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--max-time", "8", url}});
  EXPECT_EQ(ran.output, "");
  EXPECT_EQ(front.ends(0).front(), "s2c fin");
  const Session session = proxy.session();
  EXPECT_EQ(ending(session, "direct_leg"), "failed none, closed by proxy timeout");
  EXPECT_THAT(findings(session), ElementsAre("handshake-timeout client info likely"));
  EXPECT_EQ(verdict(session), unknown_);
}

}  // namespace
}  // namespace visavis::testing

// Backends to which there is no connection, for each reason that the system can give. Nothing here
// leaves the machine.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr int kCurlNoConnection = 7;
constexpr int kCurlTimedOut = 28;

class BackendUnreachable : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] bool passes() const { return GetParam() == Mode::passthrough; }

  /// One visit of curl through visavis in front of `backend`; it fails.
  Session visited(const std::string& backend, std::vector<std::string> more = {}) const {
    std::vector<std::string> options{"--mode", name(GetParam()), "--backend", backend};
    options.insert(options.end(), more.begin(), more.end());
    const ProxyProcess proxy(options);
    EXPECT_NE(curl(proxy.visit()).exit_code, 0);
    return proxy.session();
  }

  /// No leg gets further than TCP. `finding` is "SIDE error CONFIDENCE"; `client` is how the proxy
  /// ends the client's connection, `backend` how the leg to the backend ended.
  [[nodiscard]] Lines unreachable(const std::string& finding, const std::string& client,
                                  const std::string& backend) const {
    const std::string found = "backend-unreachable " + finding;
    if (passes()) return {found, kPassedUnknown, "direct_leg failed none, " + backend};
    return {found, kFailedUnknown, "client_leg failed client_hello, closed by proxy " + client,
            "backend_leg failed none, " + backend};
  }

  /// The reason stands in the leg, in the finding and in its evidence.
  void expect_reason(const Session& session, const std::string& reason) const {
    const std::string leg = passes() ? "direct_leg" : "backend_leg";
    EXPECT_EQ(word(session, '/' + leg + "/failure"), reason);
    EXPECT_EQ(word(session, "/findings/0/presented"), reason);
    EXPECT_EQ(word(session, "/findings/0/judged_by"), "proxy-check");
    EXPECT_EQ(word(session, "/findings/0/evidence/0/leg"), leg);
    EXPECT_EQ(word(session, "/findings/0/evidence/0/what"), reason);
    EXPECT_EQ(word(session, '/' + leg + "/client_hello"), "null") << "it was said to nobody";
  }
};

TEST_P(BackendUnreachable, BecauseItRefuses) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const std::uint16_t port = free_port();
  const std::string address = "127.0.0.1:" + std::to_string(port);
  const Spoken direct = curl({port, credentials.root});
  ASSERT_EQ(direct.exit_code, kCurlNoConnection) << direct.errors;
  ASSERT_THAT(direct.errors, HasSubstr("Connection refused"));

  const Session session = visited(address);
  EXPECT_THAT(story(session),
              ElementsAreArray(unreachable("backend error proven", "rst", "not closed")));
  expect_reason(session, "connection refused by " + address);
  EXPECT_EQ(word(session, "/findings/0/codes/chrome"), "ERR_CONNECTION_REFUSED");
}

/// A service that is stopped while visavis runs.
TEST_P(BackendUnreachable, FromTheMomentOnThatItIsStopped) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  Nginx nginx(credentials);
  const ProxyProcess proxy(GetParam(), nginx, credentials);
  EXPECT_EQ(curl(proxy.visit()).exit_code, 0);
  nginx.process().signal(SIGTERM);
  ASSERT_TRUE(nginx.process().wait().has_value());
  ASSERT_EQ(curl({nginx.port(), credentials.root}).exit_code, kCurlNoConnection);
  EXPECT_NE(curl(proxy.visit()).exit_code, 0);
  const std::vector<Session> sessions = proxy.sessions_as_begun(2);
  EXPECT_THAT(findings(sessions[0]), ::testing::IsEmpty());
  EXPECT_EQ(verdict(sessions[0]), healthy(GetParam()));
  EXPECT_THAT(story(sessions[1]),
              ElementsAreArray(unreachable("backend error proven", "rst", "not closed")));
}

/// Its queue of connections is full: the kernel drops the SYN, as a firewall does.
TEST_P(BackendUnreachable, BecauseNothingAnswers) {
  const PythonPeer silent("full_listener.py");
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  ASSERT_EQ(curl({silent.port(), credentials.root}, {"--connect-timeout", "1"}).exit_code,
            kCurlTimedOut);
  const Session session = visited(silent.address(), {"--dial-timeout", "1"});
  EXPECT_THAT(story(session), ElementsAreArray(unreachable("network error likely", "fin",
                                                           "closed by proxy timeout")));
  expect_reason(session, "no answer from " + silent.address() + " within the dial time-out");
  EXPECT_EQ(word(session, "/findings/0/codes/chrome"), "ERR_CONNECTION_TIMED_OUT");
}

/// TCP has no way to the loopback network's broadcast address: connect(2) says ENETUNREACH at once.
TEST_P(BackendUnreachable, BecauseThereIsNoRoute) {
  const std::string address = "127.255.255.255:443";
  const Ran direct =
      run({{"curl", "-q", "--noproxy", "*", "--silent", "--verbose", "https://" + address + "/"}});
  ASSERT_EQ(direct.exit_code, kCurlNoConnection);
  ASSERT_THAT(direct.errors, HasSubstr("Network is unreachable"));
  const Session session = visited(address);
  EXPECT_THAT(story(session),
              ElementsAreArray(unreachable("network error likely", "rst", "not closed")));
  expect_reason(session, "no route to " + address);
  EXPECT_EQ(word(session, "/findings/0/codes/chrome"), "ERR_ADDRESS_UNREACHABLE");
}

/// A label of a name has 63 characters at most (RFC 1035 2.3.4), so that nobody has to be asked for
/// this one.
TEST_P(BackendUnreachable, BecauseTheNameIsUnknown) {
  const std::string host = std::string(64, 'x') + ".example";
  const Ran direct = run({{"curl", "-q", "--noproxy", "*", "--silent", "https://" + host + "/"}});
  ASSERT_EQ(direct.exit_code, 6) << "could not resolve host";
  const Session session = visited(host + ":443");
  EXPECT_THAT(story(session),
              ElementsAreArray(unreachable("network error likely", "rst", "not closed")));
  expect_reason(session, "the name '" + host + "' has no address: Host not found (authoritative)");
  EXPECT_EQ(word(session, "/findings/0/codes/chrome"), "ERR_NAME_NOT_RESOLVED");
  EXPECT_EQ(word(session, "/backend_address"), "null");
}

/// RST is a refusal only in answer to the SYN.
TEST_P(BackendUnreachable, IsNotFoundWhereTheResetFollowsTheHello) {
  const PythonPeer backend("mute_server.py", {"rst"});
  const Session session = visited(backend.address());
  const std::string gone = " failed client_hello, closed by backend rst";
  const std::string found = "no-server-hello backend error likely";
  if (passes())
    EXPECT_THAT(story(session), ElementsAre(found, kFailsDirect, "direct_leg" + gone));
  else
    EXPECT_THAT(story(session), ElementsAre(found, kFailedUnknown,
                                            "client_leg failed client_hello, closed by proxy rst",
                                            "backend_leg" + gone));
}

INSTANTIATE_TEST_SUITE_P(In, BackendUnreachable, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

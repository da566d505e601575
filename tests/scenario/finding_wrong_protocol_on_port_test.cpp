// A backend that speaks something else than TLS on the port: which, and who says so.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kCurlHandshakeFailed = 35;

class WrongProtocol : public ::testing::TestWithParam<Mode> {
 protected:
  /// curl fails directly, and in the same way through visavis, which says what it found instead.
  void expect_found(const Backend& backend, const std::string& finding,
                    const std::string& presented, bool proven = true) const {
    const Asking client = curl_with({});
    const Spoken direct = directly(backend, credentials_, client);
    ASSERT_EQ(direct.exit_code, kCurlHandshakeFailed) << direct.errors;
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.exit_code, direct.exit_code) << seen.spoken.errors;
    EXPECT_THAT(findings(seen.session), ElementsAre(finding));
    EXPECT_THAT(word(seen.session, "/findings/0/presented"), HasSubstr(presented));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    const std::string failed = proven ? kFailsBoth : kFailedUnknown;
    EXPECT_EQ(verdict(seen.session), GetParam() == Mode::passthrough ? kFailsDirect : failed);
    const std::string leg = GetParam() == Mode::passthrough ? "direct_leg" : "backend_leg";
    EXPECT_EQ(word(seen.session, '/' + leg + "/outcome"), "not-tls");
    EXPECT_EQ(word(seen.session, '/' + leg + "/server_hello"), "null");
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

const std::string kProven = "wrong-protocol-on-port backend error proven";

TEST_P(WrongProtocol, OfAWebServerWithoutTls) {
  const Nginx nginx(credentials_, NginxOptions{.tls = false});
  expect_found(nginx, kProven, "plain HTTP response: HTTP/1.1 400 Bad Request");
}

TEST_P(WrongProtocol, OfServersThatGreet) {
  for (const std::string banner :
       {"SSH-2.0-OpenSSH_9.2p1 Debian-2", "220 mail.example ESMTP", "* OK IMAP4rev1 ready",
        "+OK POP3 ready", "RFB 003.008", "-ERR wrong number of arguments"}) {
    SCOPED_TRACE(banner);
    const PythonPeer backend("mute_server.py", {"banner", banner});
    expect_found(backend, kProven, banner);
  }
}

TEST_P(WrongProtocol, OfBytesWithoutANameIsOnlyLikely) {
  const PythonPeer backend("mute_server.py", {"banner", "what do you want?"});
  expect_found(backend, "wrong-protocol-on-port backend error likely", "unknown bytes", false);
}

TEST_P(WrongProtocol, IsNotSaidOfAHealthyPair) {
  expect_healthy(GetParam(), Nginx(credentials_), credentials_, curl_with({}));
}

INSTANTIATE_TEST_SUITE_P(In, WrongProtocol, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

/// A port that speaks plain, and a client that does too: nothing is wrong.
TEST(WrongProtocolOnPort, IsNotSaidWhereNobodySpeaksTls) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const Nginx nginx(credentials, NginxOptions{.tls = false});
  const ProxyProcess proxy(Mode::passthrough, nginx, credentials);
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent",
                        "http://127.0.0.1:" + std::to_string(proxy.port()) + "/"}});
  ASSERT_EQ(ran.output, "hello from nginx\n");
  EXPECT_THAT(findings(proxy.session()), ::testing::IsEmpty());
}

}  // namespace
}  // namespace visavis::testing

// The client speaks without TLS, or something that is no TLS at all.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Plaintext : public ::testing::Test {
 protected:
  /// curl to the port with http:// instead of https://.
  static Spoken plain_curl(std::uint16_t port) {
    Spoken spoken;
    const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--show-error", "--max-time",
                          "5", "http://127.0.0.1:" + std::to_string(port) + "/"}});
    spoken.exit_code = ran.exit_code;
    spoken.body = ran.output;
    spoken.errors = ran.errors;
    return spoken;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_F(Plaintext, FromTheClientIsTheClientsFault) {
  const Nginx nginx(credentials_);
  const Spoken direct = plain_curl(nginx.port());
  ASSERT_THAT(direct.body, ::testing::HasSubstr("plain HTTP request was sent to HTTPS port"));
  ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
  const Spoken proxied = plain_curl(proxy.port());
  EXPECT_NE(proxied.exit_code, 0);

  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("plaintext-on-tls-port client error proven"));
  EXPECT_EQ(word(session, "/client_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/backend_leg"), "null") << "nothing was said to the backend";
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  EXPECT_THAT(word(session, "/findings/0/presented"), ::testing::HasSubstr("HTTP request"));

  // The next one, with TLS, is not harmed.
  EXPECT_EQ(curl(proxy.visit()).exit_code, 0);
  EXPECT_EQ(verdict(proxy.session(2)), "healthy proxied ok direct ok by offer");
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(Plaintext, IsNotSaidOfBytesWithoutAName) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
  const Ran ran =
      run({python("raw_client.py", {"garbage", "--port", std::to_string(proxy.port())})});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(word(session, "/client_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/client_leg/first_bytes"), "unknown bytes");
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
}

/// A PROXY header in front of TLS is no plaintext client, but it is not TLS either.
TEST_F(Plaintext, ProxyHeaderIsCalledByItsName) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
  const Ran ran = run({python("raw_client.py", {"proxy", "--port", std::to_string(proxy.port())})});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("plaintext-on-tls-port client error proven"));
  EXPECT_EQ(word(session, "/client_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/client_leg/first_bytes"), "PROXY protocol header");
}

TEST_F(Plaintext, IsNotSaidOfAHealthyPair) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  EXPECT_THAT(findings(proxy.session()), IsEmpty());
}

}  // namespace
}  // namespace visavis::testing

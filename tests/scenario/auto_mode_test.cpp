// --mode auto: a client whose TLS our library can't end is passed through, and no other. GnuTLS
// still has RC4, which OpenSSL 3.0 has not.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kRc4 =
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+ARCFOUR-128:-KX-ALL:+ECDHE-RSA:+RSA";
const std::string kNoSuite = "our TLS library (OpenSSL 3.0) has none of the offered suites";

class AutoMode : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> to(const Backend& backend, const std::string& mode) const {
    return {"--backend", backend.address(), "--trust", credentials_.root.string(), "--mode",
            mode,        "--twin",          "auto"};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  std::filesystem::path page_ = folder_.write("page", "HTTP/1.0 200 OK\r\n\r\nhello from RC4\n");
  GnutlsServer rc4_{credentials_, kRc4, {"--http", "--httpdata", page_.string()}};
};

TEST_F(AutoMode, PassesThroughWhatOurLibraryCantEnd) {
  const std::vector<std::string> client{"--priority", kRc4};
  ASSERT_EQ(gnutls_client({rc4_.port(), credentials_.root}, client).exit_code, 0);
  const Recorder backend(rc4_.port());
  ProxyProcess proxy(to(backend, "auto"));
  const PythonPeer cut("splitter.py", {"--to", std::to_string(proxy.port()), "--first", "50"});
  const Spoken through = gnutls_client({cut.port(), credentials_.root}, client);
  EXPECT_EQ(through.exit_code, 0) << through.errors;
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/mode"), "passthrough");
  EXPECT_EQ(word(session, "/passed_through_because"), kNoSuite);
  EXPECT_EQ(word(session, "/mirror/hello"), "untouched");
  EXPECT_EQ(word(session, "/twin"), "null");
  EXPECT_THAT(story(session),
              ElementsAre("weak-cipher backend warning proven",
                          "healthy proxied none direct ok by passthrough",
                          StartsWith("direct_leg established finished, closed by ")));
  EXPECT_EQ(word(session, "/direct_leg/established/cipher/name"), "TLS_ECDHE_RSA_WITH_RC4_128_SHA");

  // One connection, and the hello in the client's own segments.
  ASSERT_EQ(backend.connections(), 1U);
  const std::string hello = word(session, "/direct_leg/client_hello/segments");
  EXPECT_THAT(hello, StartsWith("[50,"));
  EXPECT_EQ(word(session, "/direct_leg/client_hello/segments_exact"), "true");
  EXPECT_THAT(word(session, "/direct_leg/raw/c2s"),
              StartsWith(to_hex(backend.bytes(0, "c2s")).substr(0, 200)));
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(AutoMode, EndsTheTlsOfAllOthers) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy(to(nginx, "auto"));
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/mode"), "terminate");
  EXPECT_EQ(word(session, "/passed_through_because"), "null");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(word(session, "/verdict/class"), "healthy");
  EXPECT_NE(word(session, "/client_leg/established"), "null");
}

TEST_F(AutoMode, RoutesByTheNameThatWasRead) {
  const Recorder backend(rc4_.port());
  const ProxyProcess proxy({"--route", std::string(kHost) + '=' + backend.address(), "--trust",
                            credentials_.root.string(), "--mode", "auto"});
  EXPECT_EQ(gnutls_client({proxy.port(), credentials_.root}, {"--priority", kRc4}).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/mode"), "passthrough");
  EXPECT_EQ(word(session, "/backend"), backend.address());
  EXPECT_EQ(verdict(session), "healthy proxied none direct ok by passthrough");
  EXPECT_EQ(backend.connections(), 1U);
}

/// A client of SSL 3.0 alone, before a backend that has no SSL 3.0 either: its own alert.
TEST_F(AutoMode, PassesSslv3Through) {
  const Nginx nginx(credentials_);
  const Recorder backend(nginx.port());
  const ProxyProcess proxy(to(backend, "auto"));
  const std::string body = R"(\x03\x00)" + std::string(32, 'r') + R"(\x00\x00\x02\x00\x2f\x01\x00)";
  const std::string hello = R"(\x16\x03\x00\x00\x2d\x01\x00\x00\x29)" + body;
  const auto answer = [&](std::uint16_t port) {
    return run({python("raw_client.py", {"--port", std::to_string(port), "say", "--text", hello})})
        .output;
  };
  const std::string direct = answer(nginx.port());
  ASSERT_THAT(direct, StartsWith("1503"));
  EXPECT_EQ(answer(proxy.port()), direct);
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/mode"), "passthrough");
  EXPECT_EQ(word(session, "/passed_through_because"),
            "our TLS library (OpenSSL 3.0) has none of the offered versions");
  EXPECT_EQ(verdict(session), kFailsDirect);
  EXPECT_EQ(backend.connections(), 1U);
}

/// Told to terminate, we refuse such a client, and its twin tells that it is our doing.
TEST_F(AutoMode, IsAnothersThanTerminate) {
  const Recorder backend(rc4_.port());
  const ProxyProcess proxy(to(backend, "terminate"));
  EXPECT_NE(gnutls_client({proxy.port(), proxy.ca_certificate()}, {"--priority", kRc4}).exit_code,
            0);
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/mode"), "terminate");
  EXPECT_EQ(verdict(session), "proxy-introduces proxied failed direct ok by twin");
  EXPECT_THAT(alerts(session, "client_leg"), ElementsAre("proxy fatal 40"));
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(word(session, "/verdict/headline"),
              StartsWith("The proxy is the cause, not the backend: "));
  EXPECT_EQ(backend.connections(), 2U);
}

}  // namespace
}  // namespace visavis::testing

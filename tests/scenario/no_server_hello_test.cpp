// A backend that takes the connection and the ClientHello, and never says a ServerHello.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCurlTimedOut = 28;
constexpr int kCurlHandshakeFailed = 35;

struct Mute {
  std::string how;     ///< what mute_server.py does
  int exit_code;       ///< of a direct curl that waits one second
  std::string ending;  ///< of the backend leg
};

void PrintTo(const Mute& mute, std::ostream* out) { *out << mute.how; }

class NoServerHello : public ::testing::TestWithParam<Mute> {};

TEST_P(NoServerHello, IsFoundAndPassedOn) {
  const PythonPeer backend("mute_server.py", {GetParam().how});
  const Recorder direct(backend.port());
  ProxyProcess proxy(
      {"--backend", backend.address(), "--handshake-timeout", "1", "--twin", "auto"});
  const Recorder through(proxy.port());
  const Spoken straight = curl({direct.port(), proxy.ca_certificate()}, {"--max-time", "1"});
  ASSERT_EQ(straight.exit_code, GetParam().exit_code) << straight.errors;
  const Spoken proxied = curl({through.port(), proxy.ca_certificate()});
  EXPECT_EQ(proxied.exit_code, kCurlHandshakeFailed) << proxied.errors;

  EXPECT_EQ(direct.bytes(0, "s2c"), "");
  EXPECT_EQ(through.bytes(0, "s2c"), "") << "not one byte that the backend did not send";
  if (GetParam().how == "silent") {
    // Directly the client leaves; through the proxy it is told when the proxy gives up.
    EXPECT_EQ(direct.ends(0).front(), "c2s fin");
    EXPECT_EQ(through.ends(0).front(), "s2c fin");
  } else {
    EXPECT_EQ(through.ends(0).front(), direct.ends(0).front());
    EXPECT_EQ(through.ends(0).front(), "s2c " + GetParam().how);
  }

  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("no-server-hello backend error likely"));
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by twin");
  EXPECT_EQ(ending(session, "backend_leg"), GetParam().ending);
  EXPECT_EQ(ending(session, "direct_leg"), GetParam().ending) << "the client's own hello";
  EXPECT_EQ(word(session, "/client_leg/server_hello"), "null");
  EXPECT_EQ(word(session, "/client_leg/reached"), "client_hello");
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(From, NoServerHello,
                         ::testing::Values(Mute{"fin", kCurlHandshakeFailed,
                                                "failed client_hello, closed by backend fin"},
                                           Mute{"rst", kCurlHandshakeFailed,
                                                "failed client_hello, closed by backend rst"},
                                           Mute{"silent", kCurlTimedOut,
                                                "failed client_hello, closed by proxy timeout"}),
                         [](const auto& mute) { return mute.param.how; });

TEST(NoServerHelloButAnAlert, IsAnAnswer) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const OpensslServer backend(credentials,
                              {"-www", "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"});
  const std::vector<std::string> client{"--tls-max", "1.2", "--ciphers", "AES256-SHA:@SECLEVEL=0"};
  const Recorder direct(backend.port());
  ASSERT_EQ(curl({direct.port(), credentials.root}, client).exit_code, kCurlHandshakeFailed);
  const ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials.root.string()});
  const Recorder through(proxy.port());
  EXPECT_EQ(curl({through.port(), proxy.ca_certificate()}, client).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(to_hex(direct.bytes(0, "s2c")), "15030300020228");
  EXPECT_EQ(to_hex(through.bytes(0, "s2c")), to_hex(direct.bytes(0, "s2c")));
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre("no-common-cipher both error likely"));
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal 40"));
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
}

TEST(NoServerHelloBecauseTheClientLeft, IsNotTheBackendsFault) {
  const PythonPeer backend("mute_server.py", {"silent"});
  const Recorder recorder(backend.port());
  const ProxyProcess proxy({"--backend", recorder.address(), "--handshake-timeout", "8"});
  EXPECT_EQ(curl(proxy.visit(), {"--max-time", "1"}).exit_code, kCurlTimedOut);
  const Session session = proxy.sessions(1, Milliseconds(4000)).front();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(ending(session, "client_leg"), "failed client_hello, closed by client fin");
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  EXPECT_THAT(recorder.ends(0), ::testing::Contains("c2s fin")) << "the backend is told";
}

}  // namespace
}  // namespace visavis::testing

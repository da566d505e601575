// A WebSocket echo between other people's programs: HTTP/1.1 that changes the protocol, and then
// messages of all sizes, both ways at once.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Case {
  Client client;  // with python3-websockets or the JDK's HttpClient
  Mode mode;
};

std::string name_of(const Case& each) { return name(each.client) + "_in_" + name(each.mode); }
void PrintTo(const Case& each, std::ostream* out) { *out << name_of(each); }

class WebSocket : public ::testing::TestWithParam<Case> {};

/// What the client says once every message has come back and the close is done.
void expect_echo(Client client, const Visit& visit) {
  const std::vector<std::string> python_words{"client", "--port", std::to_string(visit.port),
                                              "--ca", visit.trusted.string()};
  const std::vector<std::string> java_words{std::to_string(visit.port), visit.trusted.string()};
  const Ran ran = run({client == Client::java ? java("WebSocketClient", java_words)
                                              : python("websocket_peer.py", python_words)},
                      2 * kPatience);
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_EQ(ran.output, client == Client::java
                            ? "intact 7 close 1000\n"
                            : "{\"version\": \"TLSv1.3\", \"intact\": 14, \"close\": 1000}\n");
}

TEST_P(WebSocket, EchoesEveryMessage) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const PythonPeer server("websocket_peer.py", {"server", "--chain", credentials.chain.string(),
                                                "--key", credentials.key.string()});
  ProxyProcess proxy(GetParam().mode, server, credentials);
  expect_echo(GetParam().client, {server.port(), credentials.root});
  expect_echo(GetParam().client, proxy.visit());

  const Session session = proxy.session();
  const bool terminate = GetParam().mode == Mode::terminate;
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), terminate && GetParam().client == Client::java
                                  ? "unknown proxied ok direct unknown by none"
                                  : healthy(GetParam().mode));
  for (const std::string& leg : legs_of(GetParam().mode))
    EXPECT_EQ(word(session, '/' + leg + "/established/version/name"), "TLS 1.3");
  // Random bytes: no compression makes them fewer.
  constexpr std::int64_t kLargest = 1024L * 1024;
  EXPECT_GT(session.at_pointer("/bytes/client_to_backend").as_int64(), kLargest);
  EXPECT_GT(session.at_pointer("/bytes/backend_to_client").as_int64(), kLargest);
  if (terminate) {
    EXPECT_EQ(session.at("http").as_array().size(), 1U);
    EXPECT_EQ(word(session, "/http/0/method"), "GET");
    EXPECT_EQ(word(session, "/http/0/target"), "/echo");
    EXPECT_EQ(word(session, "/http/0/status"), "101");
    EXPECT_THAT(alerts(session, "client_leg"), ::testing::Each(::testing::EndsWith(" warning 0")));
  }
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(By, WebSocket,
                         ::testing::Values(Case{Client::python, Mode::terminate},
                                           Case{Client::python, Mode::passthrough},
                                           Case{Client::java, Mode::terminate},
                                           Case{Client::java, Mode::passthrough}),
                         [](const auto& each) { return name_of(each.param); });

}  // namespace
}  // namespace visavis::testing

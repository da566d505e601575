// Healthy pairs in which the backend chooses something else than what the client would like best:
// an older version, another group, another protocol; and more than one request on a connection.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/scenario/healthy_pairs.h"

namespace visavis::testing {
namespace {

constexpr std::uint16_t kSecp384r1 = 24;

class HealthyChoice : public ::testing::TestWithParam<Client> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// A hello with TLS 1.3 in it, and one without; and a backend that stops at an older version.
TEST_P(HealthyChoice, OfAnOldBackendIsTheSameThroughTheProxy) {
  for (const Version version : {"1.0", "1.1", "1.2"}) {
    const Nginx nginx(credentials_, NginxOptions{.versions = {version}});
    const std::vector<Call> calls{Call{}, Call{{}, {"1.0", "1.1", "1.2"}, ""}};
    std::vector<Spoken> direct;
    (void)expect_same_both_ways(GetParam(), nginx, credentials_, calls, &direct);
    for (const Spoken& spoken : direct) {
      ASSERT_EQ(spoken.version, version_number("TLSv" + version)) << spoken.errors;
      ASSERT_EQ(spoken.body, "hello from nginx\n");
    }
  }
}

/// None of these clients sends a key share of that group at once: HelloRetryRequest.
TEST_P(HealthyChoice, OfAnotherGroupIsTheSameThroughTheProxy) {
  const Nginx nginx(credentials_, NginxOptions{.directives = "ssl_ecdh_curve secp384r1;"});
  const auto ways = expect_same_both_ways(GetParam(), nginx, credentials_, {Call{}});
  for (const Passed& passed : ways)
    for (const std::string& leg : legs_of(passed.mode)) {
      SCOPED_TRACE(leg);
      const Session& session = passed.sessions.front();
      EXPECT_EQ(word(session, '/' + leg + "/established/version/name"), "TLS 1.3");
      EXPECT_EQ(word(session, '/' + leg + "/hello_retry"), "true");
      EXPECT_EQ(word(session, '/' + leg + "/established/group/id"), std::to_string(kSecp384r1));
    }
  EXPECT_EQ(nginx.request(1)[2], "secp384r1") << "nginx says so, too";
}

INSTANTIATE_TEST_SUITE_P(By, HealthyChoice, ::testing::ValuesIn(kAllClients),
                         [](const auto& client) { return name(client.param); });

/// The responses that the log has of a session: "PROTOCOL METHOD TARGET STATUS".
std::vector<std::string> exchanges(const Session& session) {
  std::vector<std::string> lines;
  for (const auto& exchange : session.at("http").as_array())
    lines.push_back(word(exchange, "/protocol") + ' ' + word(exchange, "/method") + ' ' +
                    word(exchange, "/target") + ' ' + word(exchange, "/status"));
  return lines;
}

class HealthyHttp : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] Nginx start_nginx() const {
    // $connection_requests counts what came on one connection.
    return Nginx(credentials_,
                 NginxOptions{.http2 = true,
                              .directives = "location = /count { default_type text/plain; return "
                                            "200 '$server_protocol $connection_requests\\n'; }"});
  }
  void expect_session(const Session& session, const Spoken& direct, const Spoken& proxied) const {
    EXPECT_EQ(proxied.body, direct.body);
    expect_as_direct(session, direct, proxied);
    EXPECT_EQ(verdict(session), healthy(GetParam()));
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_P(HealthyHttp, Version2IsSpokenOverTheProxy) {
  const Nginx nginx = start_nginx();
  ProxyProcess proxy(GetParam(), nginx, credentials_);
  std::size_t count = 0;
  for (const Client client : {Client::curl, Client::node}) {
    SCOPED_TRACE(name(client));
    const std::string alpn = client == Client::curl ? "h2,http/1.1" : "h2";
    const Visit straight{nginx.port(), credentials_.root, std::string(kHost), "/count"};
    Visit through = proxy.visit();
    through.path = "/count";
    const auto spoken =
        visit_all(client, {{straight, kAllVersions, alpn}, {through, kAllVersions, alpn}});
    ASSERT_EQ(spoken[0].alpn, "h2") << spoken[0].errors;
    ASSERT_EQ(spoken[0].body, "HTTP/2.0 1\n");
    expect_session(proxy.session(++count), spoken[0], spoken[1]);
  }
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(HealthyHttp, Version1KeepsTheConnectionForManyRequests) {
  const Nginx nginx = start_nginx();
  ProxyProcess proxy(GetParam(), nginx, credentials_);
  std::vector<Call> calls(2);
  calls[0].visit = {nginx.port(), credentials_.root, std::string(kHost), "/count"};
  calls[1].visit = proxy.visit();
  calls[1].visit.path = "/count";
  std::vector<std::string> lines;
  for (Call& call : calls) {
    call.alpn = "http/1.1";
    lines.push_back(call_line(call) + " times=3");
  }
  const std::vector<Spoken> node = node_client(lines);
  std::vector<Spoken> curls;
  for (const Call& call : calls) {
    const std::string url = "https://" + call.visit.host + ":" + std::to_string(call.visit.port);
    curls.push_back(curl(call.visit, {"--http1.1", url + "/count", url + "/count"}));
  }
  for (const auto& spoken : {node, curls}) {
    ASSERT_EQ(spoken[0].exit_code, 0) << spoken[0].errors;
    ASSERT_EQ(spoken[0].body, "HTTP/1.1 1\nHTTP/1.1 2\nHTTP/1.1 3\n");
  }
  const auto sessions = proxy.sessions_as_begun(2);
  expect_session(sessions[0], node[0], node[1]);
  expect_session(sessions[1], curls[0], curls[1]);
  const std::string each = "http/1.1 GET /count 200";
  for (const Session& session : sessions) {
    const std::size_t seen = GetParam() == Mode::terminate ? 3 : 0;  // they are encrypted
    EXPECT_EQ(exchanges(session), std::vector<std::string>(seen, each));
  }
  EXPECT_EQ(proxy.stop(), 0);
}

/// The JDK's HttpsServer ends an HTTP/1.0 response with FIN alone. s_client takes that for a
/// truncation, directly and through the proxy, and says so with an alert (decode_error, 50), which
/// only the proxy that ends the TLS can read.
TEST_P(HealthyHttp, EndsAsTheServerEndsIt) {
  const JavaServer server(credentials_, "httpsserver", {"1.2"});
  const Recorder direct_wire(server.port());
  ProxyProcess proxy(GetParam(), server, credentials_);
  const Recorder wire(proxy.port());
  const Spoken direct = openssl_client({direct_wire.port(), credentials_.root});
  ASSERT_THAT(direct.body, ::testing::StartsWith("hello from java TLSv1.2 "));
  ASSERT_THAT(direct.errors, ::testing::HasSubstr("unexpected eof while reading"));
  ASSERT_EQ(direct_wire.ends(0).front(), "s2c fin");
  const Spoken proxied = openssl_client({wire.port(), proxy.visit().trusted});
  EXPECT_EQ(proxied.body, direct.body);
  EXPECT_THAT(proxied.errors, ::testing::HasSubstr("unexpected eof while reading"));
  EXPECT_EQ(wire.ends(0).front(), "s2c fin");

  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  if (GetParam() == Mode::passthrough) {
    EXPECT_EQ(verdict(session), healthy(Mode::passthrough));
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
    EXPECT_EQ(ending(session, "direct_leg"), "established finished, closed by backend fin");
  } else {
    EXPECT_EQ(verdict(session), healthy(Mode::terminate));
    EXPECT_THAT(findings(session), ::testing::IsEmpty()) << "the answer to a FIN ends nothing";
    EXPECT_THAT(alerts(session, "client_leg"), ::testing::ElementsAre("client fatal 50"));
    EXPECT_EQ(ending(session, "backend_leg"), "established finished, closed by backend fin");
    EXPECT_EQ(ending(session, "client_leg"), "established finished, closed by proxy fin");
  }
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(In, HealthyHttp, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

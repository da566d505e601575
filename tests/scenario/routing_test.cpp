// Which backend a client gets: by the server name that it asks for.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

class Routing : public ::testing::Test {
 protected:
  /// A backend that says its name.
  [[nodiscard]] std::unique_ptr<Nginx> named(const std::string& name) const {
    return std::make_unique<Nginx>(
        credentials_,
        NginxOptions{.directives = "location = /name { return 200 '" + name + "'; }"});
  }
  [[nodiscard]] static Spoken ask(const ProxyProcess& proxy, const std::string& host) {
    return curl({proxy.port(), proxy.ca_certificate(), host, "/name"});
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_F(Routing, GoesByTheServerName) {
  const auto exact = named("exact");
  const auto wildcard = named("wildcard");
  const auto fallback = named("fallback");
  ProxyProcess proxy({"--route", "*.example.test=" + wildcard->address(), "--route",
                      "one.example.test=" + exact->address(), "--backend", fallback->address(),
                      "--trust", credentials_.root.string()});
  const std::vector<std::pair<std::string, std::string>> expected{
      {"one.example.test", "exact"},    {"ONE.example.test", "exact"},
      {"two.example.test", "wildcard"}, {"a.two.example.test", "fallback"},
      {"example.test", "fallback"},     {"localhost", "fallback"},
  };
  std::size_t count = 0;
  for (const auto& [host, backend] : expected) {
    SCOPED_TRACE(host);
    const Spoken spoken = ask(proxy, host);
    ASSERT_EQ(spoken.exit_code, 0) << spoken.errors;
    EXPECT_EQ(spoken.body, backend);
    const Session session = proxy.session(++count);
    const auto& nginx = backend == "exact" ? exact : backend == "wildcard" ? wildcard : fallback;
    EXPECT_EQ(word(session, "/backend"), nginx->address());
    EXPECT_EQ(word(session, "/backend_leg/client_hello/sni"), word(session, "/sni"));
  }
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(Routing, WithoutARouteIsRefusedByName) {
  const auto backend = named("one");
  const ProxyProcess proxy(
      {"--route", "one.example.test=" + backend->address(), "--trust", credentials_.root.string()});
  const Recorder recorder(proxy.port());
  const Spoken refused =
      curl({recorder.port(), proxy.ca_certificate(), "two.example.test", "/name"});
  EXPECT_EQ(refused.exit_code, 35);
  EXPECT_EQ(to_hex(recorder.bytes(0, "s2c")), "15030100020270") << "unrecognized_name (112)";
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(word(session, "/client_leg/outcome"), "failed");
  EXPECT_THAT(word(session, "/client_leg/failure"), ::testing::HasSubstr("two.example.test"));
  EXPECT_THAT(alerts(session, "client_leg"), ::testing::ElementsAre("proxy fatal 112"));
  EXPECT_EQ(word(session, "/backend_leg"), "null");
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  EXPECT_EQ(ask(proxy, "one.example.test").body, "one");
}

/// curl sends no server name for an address.
TEST_F(Routing, WithoutANameGoesToTheBackend) {
  const auto route = named("route");
  const auto fallback = named("fallback");
  const ProxyProcess proxy({"--route", "one.example.test=" + route->address(), "--backend",
                            fallback->address(), "--trust", credentials_.root.string()});
  const Spoken spoken = ask(proxy, "127.0.0.1");
  EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  EXPECT_EQ(spoken.body, "fallback");
  EXPECT_EQ(word(proxy.session(), "/sni"), "null");
}

}  // namespace
}  // namespace visavis::testing

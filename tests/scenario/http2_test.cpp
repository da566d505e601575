// HTTP/2 as curl, Node and nginx speak it: its exchanges are listed whole, and nothing is found.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The direct twin has tests of its own: without it the verdict comes from the offer.
const std::vector<std::string> kNoTwin{"--twin", "never"};
const std::string kHealthy = "healthy proxied ok direct ok by offer";

/// Each exchange, whole but for its time: "PROTOCOL METHOD TARGET STATUS UP/DOWN", and what else
/// was seen of it. That an answer has its time, and nothing else has, is asserted.
std::vector<std::string> exchanges(const Session& session) {
  std::vector<std::string> lines;
  for (const auto& each : session.at("http").as_array()) {
    std::string line = word(each, "/protocol") + " " + word(each, "/method") + " " +
                       word(each, "/target") + " " + word(each, "/status") + " " +
                       word(each, "/request_bytes") + "/" + word(each, "/response_bytes");
    if (word(each, "/cut_short") != "false") line += ", cut short";
    if (word(each, "/excused") != "absent") line += ", " + word(each, "/excused");
    const bool timed = word(each, "/time_to_first_byte_ms") != "null";
    EXPECT_EQ(timed, word(each, "/status") != "null") << line;
    if (timed) {
      EXPECT_GE(each.at("time_to_first_byte_ms").to_number<double>(), 0.0) << line;
    }
    lines.push_back(line);
  }
  return lines;
}

class Http2 : public ::testing::Test {
 protected:
  /// A method reads its request's body to the end, and answers with a trailer.
  static NginxOptions options() {
    NginxOptions options;
    options.http2 = true;
    options.directives =
        "types { } default_type application/grpc;\n"
        "location = /sink { return 200 'taken'; }\n"
        "location = /Service/Method { add_trailer grpc-status 0;\n"
        "  proxy_pass https://127.0.0.1:$server_port/sink; }\n";
    return options;
  }
  [[nodiscard]] static std::string url(const Visit& visit, const std::string& path) {
    return "https://" + visit.host + ":" + std::to_string(visit.port) + path;
  }
  /// expect_relayed asserts that both legs carried the same plaintext, and as much as is counted.
  static void expect_relayed(const Session& session) {
    for (const std::string direction : {"c2s", "s2c"}) {
      const auto client = plaintext_lengths(session, "client_leg", direction);
      EXPECT_EQ(client, plaintext_lengths(session, "backend_leg", direction));
      const auto sum = std::accumulate(client.begin(), client.end(), std::int64_t{0});
      const std::string counted =
          direction == "c2s" ? "/bytes/client_to_backend" : "/bytes/backend_to_client";
      EXPECT_EQ(word(session, counted), std::to_string(sum)) << direction;
    }
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
  Nginx nginx_{credentials_, options()};
};

TEST_F(Http2, TwoRequestsOnOneConnection) {
  const auto visit_twice = [](const Visit& visit) {
    return curl(visit, {"--http2", "--write-out", "%{http_version} %{num_connects};",
                        url(visit, "/missing?user=bob&x")});
  };
  const std::string said = "2 1;hello from nginx\n2 0;";
  const Spoken direct = visit_twice({nginx_.port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_TRUE(direct.body.ends_with(said)) << direct.body;
  const std::size_t missing_bytes = direct.body.size() - said.size();

  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, kNoTwin);
  const Spoken proxied = visit_twice(proxy.visit());
  EXPECT_EQ(proxied.body, direct.body);
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_EQ(word(session, "/client_leg/established/alpn"), "h2");
  EXPECT_EQ(word(session, "/backend_leg/established/alpn"), "h2");
  expect_relayed(session);
  EXPECT_THAT(exchanges(session),
              ElementsAre("http/2 GET /missing?user=***&*** 404 0/" + std::to_string(missing_bytes),
                          "http/2 GET / 200 0/17"));
}

/// As a gRPC client streams.
TEST_F(Http2, ALongBodyUp) {
  constexpr std::size_t kBytes = 3'000'000;
  const auto body = folder_.write("body", std::string(kBytes, 'b'));
  const auto post = [&](const Visit& visit) {
    Visit there = visit;
    there.path = "/Service/Method?token=p4ssw0rd";
    return curl(there, {"--http2", "--data-binary", "@" + body.string(), "--header",
                        "Content-Type: application/grpc", "--header", "TE: trailers"});
  };
  const Spoken direct = post({nginx_.port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(direct.body, "taken");

  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, kNoTwin);
  const Spoken proxied = post(proxy.visit());
  EXPECT_EQ(proxied.body, "taken");
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_THAT(exchanges(session),
              ElementsAre("http/2 POST /Service/Method?token=*** 200 3000000/5"));
  EXPECT_EQ(proxy.log_text().find("p4ssw0rd"), std::string::npos);
}

/// As a gRPC server ends its answers: the trailer ends an exchange, and is no second response.
TEST_F(Http2, TrailersDown) {
  const auto ask = [](const Visit& visit) {
    Call call{visit, kAllVersions, "h2"};
    call.visit.path = "/Service/Method";
    return node_client({call_line(call) + " times=2 trailer=grpc-status"}).front();
  };
  const Spoken direct = ask({nginx_.port(), credentials_.root});
  ASSERT_EQ(direct.body, "taken0taken0") << direct.errors;
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, kNoTwin);
  const Spoken proxied = ask(proxy.visit());
  EXPECT_EQ(proxied.body, direct.body);
  const Session session = proxy.session();
  expect_as_direct(session, direct, proxied);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), kHealthy);
  const std::string each = "http/2 GET /Service/Method 200 0/5";
  EXPECT_THAT(exchanges(session), ElementsAre(each, each));
}

/// Node asks many times at once, and takes the last one back: that is nobody's failure.
TEST_F(Http2, ManyStreamsAtOnceAndOneCancelled) {
  constexpr std::size_t kBytes = 700'000;
  std::ofstream(nginx_.files() / "file") << std::string(kBytes, 'f');
  const auto ask = [](const Visit& visit) {
    Call call{visit, kAllVersions, "h2"};
    call.visit.path = "/file";
    return node_client({call_line(call) + " times=8 cancel=1"}).front();
  };
  const Spoken direct = ask({nginx_.port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(direct.body, std::string(7 * kBytes, 'f'));

  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, kNoTwin);
  const Spoken proxied = ask(proxy.visit());
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_TRUE(proxied.body == direct.body);
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), kHealthy);
  std::vector<std::string> seen = exchanges(session);
  ASSERT_EQ(seen.size(), 8U);
  EXPECT_THAT(seen.back(),
              ::testing::MatchesRegex("http/2 GET /file 200 0/[0-9]+, the client cancelled it"));
  seen.pop_back();
  EXPECT_EQ(seen, std::vector<std::string>(7, "http/2 GET /file 200 0/700000"));
}

TEST_F(Http2, InPassthroughNothingCanBeSeen) {
  const ProxyProcess proxy(Mode::passthrough, nginx_, credentials_);
  const Spoken spoken = curl(proxy.visit(), {"--http2"});
  EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  EXPECT_EQ(spoken.alpn, "h2");
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), healthy(Mode::passthrough));
  EXPECT_EQ(word(session, "/http"), "[]");
}

/// A backend that goes away in the middle of a response has failed, over HTTP/2 as over HTTP/1.
TEST_F(Http2, ABackendThatBreaksOffInTheMiddle) {
  constexpr std::size_t kBytes = 20'000'000;
  std::ofstream(nginx_.files() / "file") << std::string(kBytes, 'f');
  // The witness cuts the connection after so many bytes of the backend's.
  const Recorder cut(nginx_.port(), "s2c:1000000:fin");
  const auto ask = [](const Visit& visit) {
    Visit there = visit;
    there.path = "/file";
    return curl(there, {"--http2", "--output", "/dev/null"});
  };
  const Spoken direct = ask({cut.port(), credentials_.root});
  ASSERT_NE(direct.exit_code, 0);
  const ProxyProcess proxy(Mode::terminate, cut, credentials_, kNoTwin);
  const Spoken proxied = ask(proxy.visit());
  EXPECT_EQ(proxied.exit_code, direct.exit_code) << proxied.errors;
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  const std::vector<std::string> seen = exchanges(session);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_THAT(seen.front(), ::testing::MatchesRegex("http/2 GET /file 200 0/[0-9]+, cut short"));
}

}  // namespace
}  // namespace visavis::testing

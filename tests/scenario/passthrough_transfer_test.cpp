// Bytes in bulk through passthrough: exact, with flow control, many connections at once, and idle
// ones that cost little.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <fstream>
#include <random>

#include "certs/digest.h"
#include "tests/scenario/passthrough_passage.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::size_t kMebibyte = 1024U * 1024;
const std::string kHealthy = "healthy proxied none direct ok by passthrough";
const std::string kUnknown = "unknown proxied none direct unknown by none";

std::string random_bytes(std::size_t count) {
  std::mt19937_64 generator(4711);
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(generator());
  return bytes;
}

std::string sha256_of(const std::string& bytes) {
  return certs::hex(
      certs::sha256({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

class PassthroughTransfer : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> to(const Backend& backend) const {
    return {"--mode",          "passthrough", "--backend",
            backend.address(), "--trust",     credentials_.root.string()};
  }
  /// The same with nothing beside it that takes memory.
  [[nodiscard]] std::vector<std::string> measured(const Backend& backend) const {
    auto options = to(backend);
    options.push_back(kNotReadBack);
    return options;
  }
  [[nodiscard]] PythonPeer echo_server() const {
    return PythonPeer("tls_server.py",
                      {"--chain", credentials_.chain.string(), "--key", credentials_.key.string()});
  }
  [[nodiscard]] Command transfer(const std::string& kind, std::uint16_t port,
                                 const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{kind, "--port", std::to_string(port), "--ca",
                                       credentials_.root.string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return {python("transfer_client.py", arguments), "", {"OPENSSL_CONF=/dev/null"}};
  }
  static void expect_intact(const Command& command) {
    const Ran ran = run(command, Milliseconds(30'000));
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    const std::size_t result = ran.output.rfind("{\"intact\"");
    ASSERT_NE(result, std::string::npos) << ran.output;
    EXPECT_EQ(boost::json::parse(ran.output.substr(result)).at("intact"), true) << ran.output;
  }
  static long long number(const Session& session, const std::string& pointer) {
    return std::stoll(word(session, pointer));
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

/// The server keeps what it reads until the client has closed its direction, and then sends it
/// back: half-close, and both directions in bulk.
TEST_F(PassthroughTransfer, OfSixtyFourMebibytesIsExactBothWays) {
  const PythonPeer server = echo_server();
  ProxyProcess proxy(to(server));
  const long long size = 64 * kMebibyte;
  expect_intact(transfer("echo", proxy.port(), {"--size", std::to_string(size)}));
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(ending(session, "direct_leg"), "established finished, closed by client fin");
  for (const std::string pointer : {"/bytes/client_to_backend", "/bytes/backend_to_client"}) {
    EXPECT_GT(number(session, pointer), size);
    EXPECT_LT(number(session, pointer), size + size / 100);
  }
  EXPECT_EQ(session.at_pointer("/direct_leg/records").as_array().size(), 400U);
  EXPECT_GT(number(session, "/direct_leg/records_total"), 2 * size / 16'384);
  EXPECT_EQ(proxy.stop(), 0);
}

/// Without TLS there is no end of the handshake: the log keeps no more than tells what it was.
TEST_F(PassthroughTransfer, OfPlainDataLeavesItOutOfTheLog) {
  const std::string data = random_bytes(4 * kMebibyte);
  const Nginx nginx(credentials_, NginxOptions{.tls = false});
  std::ofstream(nginx.files() / "big", std::ios::binary) << data;
  ProxyProcess proxy(to(nginx));
  const std::string url = "http://127.0.0.1:" + std::to_string(proxy.port()) + "/big";
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--show-error", url}});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_EQ(sha256_of(ran.output), sha256_of(data));
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "not-tls");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(word(session, "/direct_leg/raw/s2c").size(), 2 * 4096U);
  EXPECT_EQ(word(session, "/direct_leg/raw/cut"), "true");
  EXPECT_GT(number(session, "/bytes/backend_to_client"), static_cast<long long>(data.size()));
  EXPECT_EQ(word(session, "/direct_leg/records"), "[]");
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(PassthroughTransfer, WaitsForASlowReader) {
  constexpr long kAllowedGrowthKib = 4096;
  const std::string data = random_bytes(64 * kMebibyte);
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "big", std::ios::binary) << data;
  ProxyProcess proxy(measured(nginx));
  ASSERT_EQ(curl({proxy.port(), credentials_.root}).exit_code, 0);  // what is made once is there
  (void)proxy.session();
  const long before = proxy.process().resident_kib();
  const auto resume = folder_.path() / "resume";
  Process client(transfer("slow", proxy.port(), {"--path", "/big", "--resume", resume.string()}));
  (void)client.wait_for("paused");
  const bool swallowed =
      wait_until([&] { return proxy.process().resident_kib() > before + kAllowedGrowthKib; },
                 Milliseconds(1000));
  EXPECT_FALSE(swallowed) << proxy.process().resident_kib() - before << " KiB more";
  (void)folder_.write("resume", "");
  ASSERT_EQ(client.wait(), 0) << client.errors();
  EXPECT_THAT(client.output(), ::testing::HasSubstr(sha256_of(data)));
  EXPECT_LT(proxy.process().resident_kib(), before + kAllowedGrowthKib);
  EXPECT_EQ(verdict(proxy.session(2)), kHealthy);
}

TEST_F(PassthroughTransfer, OfTwoHundredConnectionsAtOnceDoesNotMixUp) {
  const PythonPeer server = echo_server();
  ProxyProcess proxy(to(server));
  expect_intact(transfer("echo", proxy.port(), {"--connections", "200", "--size", "50000"}));
  std::vector<std::string> randoms;
  for (const Session& session : proxy.sessions(200)) {
    EXPECT_EQ(verdict(session), kHealthy);
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_GT(number(session, "/bytes/client_to_backend"), 50'000);
    randoms.push_back(word(session, "/direct_leg/client_hello/random"));
  }
  std::sort(randoms.begin(), randoms.end());
  EXPECT_EQ(std::unique(randoms.begin(), randoms.end()), randoms.end());
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_F(PassthroughTransfer, IdleConnectionsAreCheapAndAreWrittenOutAtTheEnd) {
  constexpr std::size_t kCount = 150;
  constexpr long kKibEach = 40;
  const PythonPeer server = echo_server();
  ProxyProcess proxy(measured(server));
  expect_intact(transfer("echo", proxy.port(), {}));
  (void)proxy.session();
  const long before = proxy.process().resident_kib();
  const auto never = folder_.path() / "never";
  Process client(transfer("echo", proxy.port(),
                          {"--connections", std::to_string(kCount), "--resume", never.string()}));
  (void)client.wait_for("established", Milliseconds(30'000));
  EXPECT_LT(proxy.process().resident_kib() - before, static_cast<long>(kCount) * kKibEach);
  EXPECT_EQ(proxy.stop(), 0);
  const auto sessions = proxy.sessions(kCount + 1);
  for (std::size_t i = 1; i < sessions.size(); ++i) {
    EXPECT_EQ(ending(sessions[i], "direct_leg"), "established finished, closed by proxy fin");
    EXPECT_EQ(word(sessions[i], "/direct_leg/failure"), "the proxy was stopped");
    EXPECT_THAT(findings(sessions[i]), IsEmpty());
    EXPECT_EQ(verdict(sessions[i]), kUnknown);
  }
}

TEST_F(PassthroughTransfer, IsBrokenOffAndWrittenOutWhenTheProxyIsStopped) {
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "big", std::ios::binary) << random_bytes(64 * kMebibyte);
  ProxyProcess proxy(to(nginx));
  const auto never = folder_.path() / "never";
  Process client(transfer("slow", proxy.port(), {"--path", "/big", "--resume", never.string()}));
  (void)client.wait_for("paused");
  EXPECT_EQ(proxy.stop(), 0);
  const Session session = proxy.session();
  EXPECT_EQ(ending(session, "direct_leg"), "established finished, closed by proxy fin");
  EXPECT_EQ(word(session, "/direct_leg/failure"), "the proxy was stopped");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_GT(number(session, "/bytes/backend_to_client"), 262'144);
}

TEST_F(PassthroughTransfer, IdleTimeoutEndsWhatSaysNothing) {
  const Nginx nginx(credentials_);
  std::vector<std::string> options = to(nginx);
  options.insert(options.end(), {"--idle-timeout", "1"});
  ProxyProcess proxy(options);
  const std::string url = "telnet://127.0.0.1:" + std::to_string(proxy.port());
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--max-time", "8", url}});
  EXPECT_EQ(ran.exit_code, 0) << "it is told";
  const Session session = proxy.session();
  EXPECT_EQ(ending(session, "direct_leg"), "failed tcp, closed by proxy timeout");
  EXPECT_THAT(findings(session), ::testing::ElementsAre("handshake-timeout client info likely"));
  EXPECT_EQ(verdict(session), kUnknown);
  EXPECT_EQ(proxy.stop(), 0);
}

}  // namespace
}  // namespace visavis::testing

// Bytes in bulk: what one side sends, the other gets, in records of the same size, with flow
// control and with each direction closed for itself.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <fstream>
#include <random>

#include "certs/digest.h"
#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::size_t kMebibyte = 1024U * 1024;

/// Bytes that no compression and no mix-up of blocks survives.
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

class Transfer : public ::testing::TestWithParam<Version> {
 protected:
  [[nodiscard]] PythonPeer echo_server() const {
    return PythonPeer("tls_server.py",
                      {"--chain", credentials_.chain.string(), "--key", credentials_.key.string()});
  }
  static Command transfer(const std::string& kind, const Visit& visit,
                          const std::vector<std::string>& options) {
    std::vector<std::string> arguments{kind, "--port", std::to_string(visit.port), "--ca",
                                       visit.trusted.string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return {python("transfer_client.py", arguments), "", {"OPENSSL_CONF=/dev/null"}};
  }
  static void expect_intact(const Command& command) {
    const Ran ran = run(command);
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    EXPECT_EQ(boost::json::parse(ran.output).at("intact"), true) << ran.output;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// As far as both ledgers go. Empty records (TLS 1.0's 0/n) don't count here: curl sends one before
/// each of its writes, which are four records long, and OpenSSL one before each of ours.
void expect_same_records(const Session& session, const std::string& direction) {
  const bool request = direction == "c2s";
  auto received = plaintext_lengths(session, request ? "client_leg" : "backend_leg", direction);
  auto sent = plaintext_lengths(session, request ? "backend_leg" : "client_leg", direction);
  std::erase(received, 0);
  std::erase(sent, 0);
  const std::size_t both = std::min(received.size(), sent.size());
  ASSERT_GT(both, 10U);
  received.resize(both);
  sent.resize(both);
  EXPECT_EQ(sent, received);
}

TEST_P(Transfer, OfSixteenMebibytesIsExactBothWays) {
  const std::string data = random_bytes(16 * kMebibyte);
  const auto file = folder_.write("up", data);
  const Nginx nginx(credentials_, NginxOptions{.directives = "dav_methods PUT;"});
  std::ofstream(nginx.files() / "down", std::ios::binary) << data;
  ProxyProcess proxy(Mode::terminate, nginx, credentials_);
  Visit visit = proxy.visit();
  std::vector<std::string> versions{"--tlsv" + GetParam(), "--tls-max", GetParam(), "--ciphers",
                                    "DEFAULT:@SECLEVEL=0"};

  visit.path = "/down";
  std::vector<std::string> options = versions;
  options.insert(options.end(), {"--output", (folder_.path() / "got").string()});
  const Spoken download = curl(visit, options);
  ASSERT_EQ(download.exit_code, 0) << download.errors;
  EXPECT_EQ(sha256_of(whole_text(folder_.path() / "got")), sha256_of(data));

  visit.path = "/put";
  options = versions;
  options.insert(options.end(), {"--upload-file", file.string()});
  const Spoken upload = curl(visit, options);
  ASSERT_EQ(upload.exit_code, 0) << upload.errors;
  EXPECT_EQ(sha256_of(whole_text(nginx.files() / "put")), sha256_of(data));

  const auto sessions = proxy.sessions(2);
  for (const Session& session : sessions) {
    EXPECT_EQ(verdict(session), healthy(Mode::terminate));
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(session.at_pointer("/client_leg/records").as_array().size(), 400U);
  }
  expect_same_records(sessions[0], "s2c");
  expect_same_records(sessions[1], "c2s");
  const std::int64_t bytes = static_cast<std::int64_t>(data.size());
  EXPECT_EQ(sessions[0].at_pointer("/http/0/response_bytes").as_int64(), bytes);
  EXPECT_EQ(sessions[1].at_pointer("/http/0/request_bytes").as_int64(), bytes);
  EXPECT_GT(sessions[1].at_pointer("/bytes/client_to_backend").as_int64(), bytes);
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(Transfer, GoesOnAfterTheClientHasClosedItsDirection) {
  const PythonPeer server = echo_server();
  for (const Mode mode : kBothModes) {
    const bool terminate = mode == Mode::terminate;
    const ProxyProcess proxy(mode, server, credentials_);
    std::size_t count = 0;
    for (const std::string how : {"close_notify", "fin"}) {
      SCOPED_TRACE(name(mode) + ' ' + how);
      const std::vector<std::string> options{"--version", GetParam(), "--end",
                                             how,         "--size",   "1048576"};
      expect_intact(transfer("echo", {server.port(), credentials_.root}, options));
      expect_intact(transfer("echo", proxy.visit(), options));
      const Session session = proxy.session(++count);
      EXPECT_THAT(findings(session), IsEmpty());
      EXPECT_EQ(verdict(session), healthy(mode));
      const std::string closed = "established finished, closed by ";
      // Encrypted, close_notify is an alert like any other: who closes first is told by FIN alone.
      if (terminate || how == "fin") {
        EXPECT_EQ(ending(session, legs_of(mode).front()), closed + "client " + how);
      }
      if (!terminate) continue;
      EXPECT_EQ(ending(session, "backend_leg"), closed + "proxy " + how);
      EXPECT_EQ(word(session, "/bytes/backend_to_client"), "1048576");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(With, Transfer, ::testing::Values("1.0", "1.2", "1.3"),
                         [](const auto& version) { return "tls1" + version.param.substr(2); });

/// The SHA-256 of the body that this end of bulk_peer.py sent or received.
std::string hash_of(Process& process, const std::string& what) {
  return process.wait_for(what + ' ', 9 * kPatience);
}

class Bulk : public ::testing::TestWithParam<Mode> {
 protected:
  static constexpr std::size_t kBytes = 256 * kMebibyte;

  /// One transfer, with the hashes that both ends made of the body.
  void expect_exact(const std::string& direction, const Visit& visit, Process& server) const {
    Process client(
        {python("bulk_peer.py", {direction, "--port", std::to_string(visit.port), "--ca",
                                 visit.trusted.string(), "--size", std::to_string(kBytes)}),
         "",
         {"OPENSSL_CONF=/dev/null"}});
    const bool up = direction == "up";
    const std::string sent = hash_of(up ? client : server, "sent");
    EXPECT_EQ(sent.size(), 64U) << sent;
    EXPECT_EQ(hash_of(up ? server : client, "received"), sent);
    EXPECT_EQ(client.wait(), 0) << client.errors();
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_P(Bulk, Of256MebibytesIsExact) {
  for (const std::string direction : {"up", "down"}) {
    SCOPED_TRACE(direction);
    PythonPeer server("bulk_peer.py", {"server", "--chain", credentials_.chain.string(), "--key",
                                       credentials_.key.string()});
    ProxyProcess proxy(GetParam(), server, credentials_, {kNotReadBack});
    expect_exact(direction, proxy.visit(), server.process());
    const Session session = proxy.session();
    const bool up = direction == "up";
    // What comes back for an upload is shorter than two session tickets may be.
    const bool doubtful = up && GetParam() == Mode::passthrough;
    EXPECT_EQ(verdict(session),
              doubtful ? "unknown proxied none direct unknown by none" : healthy(GetParam()));
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_GT(
        session.at_pointer(up ? "/bytes/client_to_backend" : "/bytes/backend_to_client").as_int64(),
        static_cast<std::int64_t>(kBytes));
    EXPECT_EQ(proxy.stop(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(In, Bulk, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

using Transfers = Transfer;

TEST_F(Transfers, WaitForASlowReader) {
  constexpr long kAllowedGrowthKib = 4096;
  const std::string data = random_bytes(64 * kMebibyte);
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "big", std::ios::binary) << data;
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, {kNotReadBack});
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);  // whatever is made once is there
  (void)proxy.session();
  const long before = proxy.process().resident_kib();
  const auto resume = folder_.path() / "resume";
  Process client(transfer("slow", proxy.visit(), {"--path", "/big", "--resume", resume.string()}));
  (void)client.wait_for("paused");
  const bool swallowed =
      wait_until([&] { return proxy.process().resident_kib() > before + kAllowedGrowthKib; },
                 Milliseconds(1000));
  EXPECT_FALSE(swallowed) << proxy.process().resident_kib() - before << " KiB more";
  (void)folder_.write("resume", "");
  ASSERT_EQ(client.wait(), 0) << client.errors();
  EXPECT_THAT(client.output(), ::testing::HasSubstr(sha256_of(data)));
  EXPECT_LT(proxy.process().resident_kib(), before + kAllowedGrowthKib);
  EXPECT_EQ(verdict(proxy.session(2)), healthy(Mode::terminate));
}

}  // namespace
}  // namespace visavis::testing

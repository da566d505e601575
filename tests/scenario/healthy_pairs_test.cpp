// Pairs of client and backend that work: they work through visavis in the same way, and it has
// nothing to say about them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

enum class Server { nginx, openssl };

struct Pairing {
  Server server;
  Version version;
  TestKey key;
};

std::string name_of(const Pairing& pairing) {
  std::string version = pairing.version;
  version.erase(version.find('.'), 1);
  return std::string(pairing.server == Server::nginx ? "nginx" : "s_server") + "_tls" + version +
         (pairing.key == TestKey::rsa_2048 ? "_rsa" : "_ecdsa");
}

void PrintTo(const Pairing& pairing, std::ostream* out) { *out << name_of(pairing); }

std::unique_ptr<Backend> start(const Pairing& pairing, const Credentials& credentials) {
  if (pairing.server == Server::nginx)
    return std::make_unique<Nginx>(credentials, NginxOptions{.versions = {pairing.version}});
  std::vector<std::string> options = openssl_versions({pairing.version});
  options.push_back("-www");
  return std::make_unique<OpensslServer>(credentials, options);
}

/// The first record as the recorder saw it: header and body.
std::string first_record(const std::string& bytes) {
  if (bytes.size() < 5) return bytes;
  const std::size_t high = static_cast<unsigned char>(bytes[3]);
  const std::size_t low = static_cast<unsigned char>(bytes[4]);
  return bytes.substr(0, 5 + (high << 8 | low));
}

/// The log must have the hello that the recorder saw on its way, byte for byte.
void expect_recorded_hello(const Session& session, const Recorder& recorder, int number) {
  const std::string sent = recorder.bytes(number, "c2s");
  const std::string hello = first_record(sent);
  ASSERT_GT(hello.size(), 50U);
  const std::string logged = word(session, "/client_leg/raw/c2s");
  EXPECT_EQ(logged.substr(0, 2 * hello.size()), to_hex(hello));
  EXPECT_EQ(to_hex(sent).substr(0, logged.size()), logged) << "and all that followed it";
  const std::string answered = word(session, "/client_leg/raw/s2c");
  EXPECT_EQ(to_hex(recorder.bytes(number, "s2c")).substr(0, answered.size()), answered);
  std::size_t received = 0;
  for (const auto& segment : session.at_pointer("/client_leg/client_hello/segments").as_array())
    received += static_cast<std::size_t>(segment.as_int64());
  EXPECT_EQ(received, hello.size());
  EXPECT_EQ(word(session, "/client_leg/client_hello/segments_exact"), "true");
  EXPECT_EQ(word(session, "/client_leg/client_hello/length"), std::to_string(hello.size() - 9));
}

/// What came as one record left as one record, the empty ones included that all three clients put
/// in front of TLS 1.0's CBC records (0/n). Only s_server's can't be repeated: they come when the
/// client's leg has its keys. The comparison says so.
void expect_records_kept(const Session& session, const Pairing& pairing) {
  const bool old = pairing.version == "1.0";
  const auto request = plaintext_lengths(session, "client_leg", "c2s");
  EXPECT_EQ(std::count(request.begin(), request.end(), 0), old ? 1 : 0);
  EXPECT_GE(request.size(), old ? 2U : 1U);
  EXPECT_EQ(plaintext_lengths(session, "backend_leg", "c2s"), request);
  auto response = plaintext_lengths(session, "backend_leg", "s2c");
  const bool split = std::erase(response, 0) > 0;
  EXPECT_EQ(split, old && pairing.server == Server::openssl);
  EXPECT_FALSE(response.empty());
  EXPECT_EQ(plaintext_lengths(session, "client_leg", "s2c"), response);
  if (!split) return;
  EXPECT_THAT(comparison_row(session, "record split, sent by the TLS server"),
              ::testing::StartsWith("none | 0/n differs"));
}

class HealthyPairs : public ::testing::TestWithParam<Pairing> {};

TEST_P(HealthyPairs, WorkInTheSameWayThroughTheProxy) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, GetParam().key);
  const auto backend = start(GetParam(), credentials);
  const std::string greeting = GetParam().server == Server::nginx ? "hello from nginx\n" : "<HTML>";
  ProxyProcess proxy({"--backend", backend->address(), "--trust", credentials.root.string()});
  const Recorder recorder(proxy.port());
  int number = 0;
  for (const Client client : kAllClients) {
    SCOPED_TRACE(name(client));
    const std::vector<Version> versions{GetParam().version};
    const Spoken direct = visit_with(client, {backend->port(), credentials.root}, versions);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    ASSERT_EQ(direct.body.substr(0, greeting.size()), greeting) << direct.errors;

    Visit visit = proxy.visit();
    visit.port = recorder.port();
    const Spoken proxied = visit_with(client, visit, versions);
    ASSERT_EQ(proxied.exit_code, 0) << proxied.errors;
    EXPECT_EQ(proxied.body.substr(0, greeting.size()), greeting);
    if (GetParam().server == Server::nginx) {
      EXPECT_EQ(proxied.body, direct.body);
    }

    const Session session = proxy.session(static_cast<std::size_t>(number) + 1);
    EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
    EXPECT_THAT(findings(session), ::testing::IsEmpty());
    expect_as_direct(session, direct, proxied);
    expect_recorded_hello(session, recorder, number++);
    expect_records_kept(session, GetParam());
  }
  if (GetParam().server == Server::nginx) {
    // The backend's own words: odd requests were direct, even ones came through the proxy.
    const auto& nginx = dynamic_cast<const Nginx&>(*backend);
    for (std::size_t i = 1; i < 6; i += 2) EXPECT_EQ(nginx.request(i), nginx.request(i + 1));
  }
  EXPECT_EQ(proxy.stop(), 0);
}

std::vector<Pairing> all_pairings() {
  std::vector<Pairing> pairings;
  for (const Server server : {Server::nginx, Server::openssl})
    for (const Version& version : kAllVersions)
      for (const TestKey key : {TestKey::rsa_2048, TestKey::ec_p256})
        pairings.push_back({server, version, key});
  return pairings;
}

INSTANTIATE_TEST_SUITE_P(All, HealthyPairs, ::testing::ValuesIn(all_pairings()),
                         [](const auto& pairing) { return name_of(pairing.param); });

}  // namespace
}  // namespace visavis::testing

// Pairs of client and backend that work: they work through visavis in the same way, in every
// version and with both kinds of key, and it has nothing to say about them.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/scenario/healthy_pairs.h"

namespace visavis::testing {
namespace {

enum class Server { nginx, openssl, gnutls, java };

std::string name(Server server) {
  return server == Server::nginx     ? "nginx"
         : server == Server::openssl ? "s_server"
         : server == Server::gnutls  ? "gnutls_serv"
                                     : "java_server";
}

struct Pair {
  Client client;
  Server server;
  TestKey key;
};

std::string name_of(const Pair& pair) {
  return name(pair.client) + "_with_" + name(pair.server) +
         (pair.key == TestKey::rsa_2048 ? "_rsa" : "_ecdsa");
}

void PrintTo(const Pair& pair, std::ostream* out) { *out << name_of(pair); }

const std::string kPath = "/hello.txt";

/// Every server answers kPath with a text, speaks every version, and knows HTTP/1.1 by ALPN.
std::unique_ptr<Backend> start(Server server, const Credentials& credentials,
                               const TemporaryDirectory& folder) {
  const auto file = folder.write("hello.txt", "hello from " + name(server) + "\n");
  if (server == Server::nginx) {
    auto nginx = std::make_unique<Nginx>(credentials);
    std::filesystem::copy_file(file, nginx->files() / "hello.txt");
    return nginx;
  }
  if (server == Server::openssl) {
    std::vector<std::string> options = openssl_versions(kAllVersions);
    options.insert(options.end(), {"-WWW", "-alpn", "http/1.1"});
    return std::make_unique<OpensslServer>(credentials, options, folder.path());
  }
  if (server == Server::gnutls)
    return std::make_unique<GnutlsServer>(
        credentials, "NORMAL:+VERS-TLS1.1:+VERS-TLS1.0",
        std::vector<std::string>{"--http", "--httpdata", file.string(), "--alpn", "http/1.1"});
  return std::make_unique<JavaServer>(credentials, "http");
}

/// How the programs split TLS 1.0's CBC records (all of them choose a CBC suite there). nginx
/// switches OpenSSL's habit off; JSSE leaves the first record of either direction whole.
std::string habit(Client client) {
  return client == Client::java ? "1/n-1-after-first" : client == Client::gnutls ? "none" : "0/n";
}
std::string habit(Server server) {
  return server == Server::java ? "1/n-1-after-first" : server == Server::openssl ? "0/n" : "none";
}

/// What came as one record left as one record, empty ones included. Only the empty ones of a server
/// can't be repeated: they come when the client's leg has its keys. The comparison says so.
void expect_records_kept(const Session& session, const Pair& pair, const Version& version) {
  const std::string client = version == "1.0" ? habit(pair.client) : "none";
  const std::string server = version == "1.0" ? habit(pair.server) : "none";
  const auto request = plaintext_lengths(session, "client_leg", "c2s");
  EXPECT_GE(request.size(), 1U);
  EXPECT_EQ(plaintext_lengths(session, "backend_leg", "c2s"), request);
  EXPECT_EQ(word(session, "/client_leg/record_split/c2s"), client);
  EXPECT_EQ(word(session, "/backend_leg/record_split/c2s"), client);

  auto response = plaintext_lengths(session, "backend_leg", "s2c");
  EXPECT_EQ(std::erase(response, 0) > 0, server == "0/n");
  EXPECT_GE(response.size(), 1U);
  EXPECT_EQ(plaintext_lengths(session, "client_leg", "s2c"), response);
  EXPECT_EQ(word(session, "/backend_leg/record_split/s2c"), server);
  EXPECT_EQ(word(session, "/client_leg/record_split/s2c"), server == "0/n" ? "none" : server);
  if (server != "0/n") return;
  EXPECT_THAT(comparison_row(session, "record split, sent by the TLS server"),
              ::testing::StartsWith("none | 0/n differs"));
}

/// Each version alone, then all of them.
std::vector<Call> offers() {
  const Visit visit{0, {}, std::string(kHost), kPath};
  std::vector<Call> calls;
  for (const Version& version : kAllVersions) calls.push_back({visit, {version}, "http/1.1"});
  calls.push_back({visit, kAllVersions, "http/1.1"});
  return calls;
}

void expect_works(const Spoken& direct, const Version& version, Server server) {
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  ASSERT_EQ(direct.version, version_number("TLSv" + version));
  ASSERT_EQ(direct.alpn, "http/1.1");
  if (server == Server::java)
    ASSERT_THAT(direct.body, ::testing::EndsWith(' ' + direct.suite + '\n'));
  else
    ASSERT_EQ(direct.body, "hello from " + name(server) + '\n');
}

class HealthyPairs : public ::testing::TestWithParam<Pair> {};

TEST_P(HealthyPairs, WorkInTheSameWayThroughTheProxy) {
  const Pair pair = GetParam();
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, pair.key);
  const auto backend = start(pair.server, credentials, folder);
  const std::vector<Call> calls = offers();
  std::vector<Spoken> direct;
  const auto ways = expect_same_both_ways(pair.client, *backend, credentials, calls, &direct);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(i);
    const Version version = calls[i].versions.back();
    ASSERT_NO_FATAL_FAILURE(expect_works(direct[i], version, pair.server));
    expect_records_kept(ways.front().sessions[i], pair, version);
  }
  if (pair.server != Server::nginx) return;
  // The backend's own words: it saw the same each time.
  const auto& nginx = dynamic_cast<const Nginx&>(*backend);
  for (std::size_t i = 0; i < calls.size(); ++i)
    for (std::size_t way = 1; way <= ways.size(); ++way)
      EXPECT_EQ(nginx.request(way * calls.size() + i + 1), nginx.request(i + 1));
}

std::vector<Pair> all_pairs() {
  std::vector<Pair> pairs;
  for (const Client client : kAllClients)
    for (const Server server : {Server::nginx, Server::openssl, Server::gnutls, Server::java})
      for (const TestKey key : {TestKey::rsa_2048, TestKey::ec_p256})
        pairs.push_back({client, server, key});
  return pairs;
}

INSTANTIATE_TEST_SUITE_P(All, HealthyPairs, ::testing::ValuesIn(all_pairs()),
                         [](const auto& pair) { return name_of(pair.param); });

}  // namespace
}  // namespace visavis::testing

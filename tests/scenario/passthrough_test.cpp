// Healthy pairs in passthrough: the direct connection, recorded. Witnesses on both sides of the
// proxy see the same bytes, and the log says of them what the client itself says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/scenario/passthrough_passage.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Server { nginx, openssl };

struct Pairing {
  Server server;
  Version version;
  TestKey key;
};

std::string name_of(const Pairing& pairing) {
  return std::string(pairing.server == Server::nginx ? "nginx" : "s_server") + "_tls1" +
         pairing.version.substr(2) + (pairing.key == TestKey::rsa_2048 ? "_rsa" : "_ecdsa");
}

void PrintTo(const Pairing& pairing, std::ostream* out) { *out << name_of(pairing); }

std::unique_ptr<Backend> start(const Pairing& pairing, const Credentials& credentials) {
  if (pairing.server == Server::nginx)
    return std::make_unique<Nginx>(credentials, NginxOptions{.versions = {pairing.version}});
  std::vector<std::string> options = openssl_versions({pairing.version});
  options.push_back("-www");
  return std::make_unique<OpensslServer>(credentials, options);
}

/// What the openssl command says of a certificate file's first certificate.
std::string sha256_fingerprint(const std::filesystem::path& file) {
  const Ran ran =
      run({{"openssl", "x509", "-in", file.string(), "-noout", "-fingerprint", "-sha256"}});
  std::string hex;
  for (const char each : ran.output.substr(ran.output.find('=') + 1))
    if (std::isxdigit(static_cast<unsigned char>(each)) != 0)
      hex += static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return hex;
}

/// Bytes on the wire, by the ledger: records with their headers.
std::size_t ledger_bytes(const Session& session, std::string_view direction) {
  std::size_t sum = 0;
  for (const auto& record : session.at_pointer("/direct_leg/records").as_array()) {
    const auto& row = record.as_array();
    if (row[1].as_string() == direction) sum += static_cast<std::size_t>(row[4].as_int64()) + 5;
  }
  return sum;
}

/// The log has the hello that the witness saw, and every byte up to the end of the handshake.
void expect_recorded(const Session& session, const Recorder& witness, int number) {
  const std::string sent = to_hex(witness.bytes(number, "c2s"));
  const std::string answered = to_hex(witness.bytes(number, "s2c"));
  const std::string raw = word(session, "/direct_leg/raw/c2s");
  ASSERT_GT(raw.size(), 200U);
  EXPECT_EQ(sent.substr(0, raw.size()), raw);
  EXPECT_EQ(answered.substr(0, word(session, "/direct_leg/raw/s2c").size()),
            word(session, "/direct_leg/raw/s2c"));
  const auto& hello = session.at_pointer("/direct_leg/client_hello");
  EXPECT_EQ(word(hello, "/random"), sent.substr(2 * 11, 64));
  // The record's length field, and the message's.
  const std::size_t record = std::stoul(sent.substr(6, 4), nullptr, 16);
  EXPECT_EQ(word(hello, "/length"), std::to_string(record - 4));
  EXPECT_EQ(word(hello, "/segments"), "[" + std::to_string(record + 5) + "]");
  EXPECT_EQ(word(hello, "/segments_exact"), "true");
  EXPECT_EQ(ledger_bytes(session, "c2s"), witness.bytes(number, "c2s").size());
  EXPECT_EQ(ledger_bytes(session, "s2c"), witness.bytes(number, "s2c").size());
  EXPECT_EQ(word(session, "/direct_leg/records_total"),
            std::to_string(session.at_pointer("/direct_leg/records").as_array().size()));
}

/// What is in clear is known, as the client itself tells it; TLS 1.3 hides certificates and ALPN.
void expect_as_told(const Session& session, const Spoken& direct, const Pairing& pairing,
                    const Credentials& credentials) {
  const std::string leg = "/direct_leg";
  EXPECT_EQ(word(session, leg + "/established/version/id"), std::to_string(direct.version));
  EXPECT_EQ(word(session, leg + "/established/cipher/name"), direct.suite);
  EXPECT_EQ(word(session, leg + "/established/resumed"), "false");
  const bool hidden = pairing.version == "1.3";
  const bool told = !hidden && !direct.alpn.empty();
  EXPECT_EQ(word(session, leg + "/established/alpn"), told ? direct.alpn : "null");
  EXPECT_EQ(word(session, leg + "/server_hello/version/id"), std::to_string(direct.version));
  EXPECT_EQ(word(session, "/sni"), std::string(kHost));
  EXPECT_EQ(session.at_pointer(leg + "/certificates").as_array().size(), hidden ? 0U : 2U);
  if (hidden) {
    EXPECT_EQ(word(session, leg + "/chain"), "null");
    return;
  }
  EXPECT_EQ(word(session, leg + "/certificates/0/sha256"), sha256_fingerprint(credentials.leaf));
  EXPECT_EQ(word(session, leg + "/certificates/1/sha256"),
            sha256_fingerprint(credentials.intermediates));
  EXPECT_EQ(word(session, leg + "/chain/trusted"), "true");
}

class PassthroughPairs : public ::testing::TestWithParam<Pairing> {};

TEST_P(PassthroughPairs, AreRecordedAsTheyAre) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, GetParam().key);
  const auto backend = start(GetParam(), credentials);
  Passage passage(backend->port(), {"--trust", credentials.root.string()});
  int number = 0;
  for (const Client client : {Client::curl, Client::openssl, Client::python}) {
    SCOPED_TRACE(name(client));
    const std::vector<Version> versions{GetParam().version};
    const Spoken direct =
        visit_all(client, {{{backend->port(), credentials.root}, versions}}).front();
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Spoken passed =
        visit_all(client, {{{passage.front.port(), credentials.root}, versions}}).front();
    ASSERT_EQ(passed.exit_code, 0) << passed.errors;
    EXPECT_EQ(passed.version, direct.version);
    EXPECT_EQ(passed.suite, direct.suite);
    EXPECT_EQ(passed.group, direct.group);
    EXPECT_EQ(passed.alpn, direct.alpn);
    const bool fixed_body = GetParam().server == Server::nginx;
    EXPECT_EQ(fixed_body ? passed.body : "", fixed_body ? direct.body : "");

    const Session session = passage.proxy.session(static_cast<std::size_t>(number) + 1);
    EXPECT_EQ(verdict(session), "healthy proxied none direct ok by passthrough");
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_THAT(session.at("comparison").as_array(), IsEmpty());
    EXPECT_THAT(unmirrored_features(session), IsEmpty());
    EXPECT_EQ(word(session, "/mirror/hello"), "untouched");
    EXPECT_EQ(word(session, "/mirror/answer"), "untouched");
    EXPECT_EQ(word(session, "/split_policy"), "untouched");
    passage.expect_untouched(number, session);
    expect_recorded(session, passage.rear, number++);
    expect_as_told(session, direct, GetParam(), credentials);
    if (client == Client::openssl) {
      std::string group = word(session, "/direct_leg/established/group/name");
      std::transform(group.begin(), group.end(), group.begin(), [](char each) {
        return static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
      });
      EXPECT_EQ(group, direct.group);
    }
  }
  EXPECT_EQ(passage.proxy.stop(), 0);
}

std::vector<Pairing> all_pairings() {
  std::vector<Pairing> pairings;
  for (const Server server : {Server::nginx, Server::openssl})
    for (const Version& version : kAllVersions)
      for (const TestKey key : {TestKey::rsa_2048, TestKey::ec_p256})
        pairings.push_back({server, version, key});
  return pairings;
}

INSTANTIATE_TEST_SUITE_P(All, PassthroughPairs, ::testing::ValuesIn(all_pairings()),
                         [](const auto& pairing) { return name_of(pairing.param); });

TEST(Passthrough, GoesByTheServerName) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const auto named = [&](const std::string& text) {
    return std::make_unique<Nginx>(
        credentials, NginxOptions{.directives = "location = /name { return 200 '" + text + "'; }"});
  };
  const auto routed = named("routed");
  const auto fallback = named("fallback");
  const Recorder rear(routed->port());
  ProxyProcess proxy({"--mode", "passthrough", "--route", "*.example.test=" + rear.address(),
                      "--backend", fallback->address(), "--trust", credentials.root.string()});
  const Recorder front(proxy.port());
  const std::vector<std::pair<std::string, std::string>> expected{{"one.example.test", "routed"},
                                                                  {"localhost", "fallback"}};
  std::size_t count = 0;
  for (const auto& [host, body] : expected) {
    SCOPED_TRACE(host);
    const Spoken spoken = curl({front.port(), credentials.root, host, "/name"});
    ASSERT_EQ(spoken.exit_code, 0) << spoken.errors;
    EXPECT_EQ(spoken.body, body);
    const Session session = proxy.session(++count);
    EXPECT_EQ(verdict(session), "healthy proxied none direct ok by passthrough");
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(word(session, "/sni"), host);
    EXPECT_EQ(word(session, "/backend"), body == "routed" ? rear.address() : fallback->address());
    EXPECT_EQ(word(session, "/direct_leg/client_hello/segments_exact"), "true");
  }
  EXPECT_TRUE(front.bytes(0, "c2s") == rear.bytes(0, "c2s"));
  EXPECT_TRUE(front.bytes(0, "s2c") == rear.bytes(0, "s2c"));
  EXPECT_EQ(rear.pieces(0, "c2s").front(), front.pieces(0, "c2s").front()) << "the hello, whole";
  EXPECT_EQ(proxy.stop(), 0);
}

TEST(Passthrough, WithoutARouteClosesAndSaysSo) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const Nginx nginx(credentials);
  ProxyProcess proxy({"--mode", "passthrough", "--route", "one.example.test=" + nginx.address(),
                      "--trust", credentials.root.string()});
  const Recorder front(proxy.port());
  EXPECT_EQ(curl({front.port(), credentials.root, "two.example.test"}).exit_code, 35);
  EXPECT_EQ(front.bytes(0, "s2c"), "");
  EXPECT_EQ(front.ends(0).front(), "s2c fin");
  const Session session = proxy.session();
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by proxy fin");
  EXPECT_EQ(word(session, "/direct_leg/failure"),
            "no route for the server name 'two.example.test'");
  EXPECT_EQ(word(session, "/direct_leg/endpoints/to"), "");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), "unknown proxied none direct unknown by none");
  EXPECT_EQ(curl({front.port(), credentials.root, "one.example.test"}).exit_code, 0);
  EXPECT_EQ(proxy.stop(), 0);
}

/// What is no TLS has no name: it goes to the backend, where there is one.
TEST(Passthrough, WithRoutesLetsOtherProtocolsThroughToTheBackend) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const Nginx tls(credentials);
  const Nginx plain(credentials, NginxOptions{.tls = false});
  ProxyProcess proxy({"--mode", "passthrough", "--route", "one.example.test=" + tls.address(),
                      "--backend", plain.address()});
  const Ran ran = run({{"curl", "-q", "--noproxy", "*", "--silent", "--show-error", "--max-time",
                        "5", "http://127.0.0.1:" + std::to_string(proxy.port()) + "/"}});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_EQ(ran.output, "hello from nginx\n");
  const Session session = proxy.session();
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/backend"), plain.address());
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(proxy.stop(), 0);
}

}  // namespace
}  // namespace visavis::testing

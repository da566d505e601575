#include "tests/scenario/faulty_chain.h"

#include <chrono>
#include <map>
#include <numeric>
#include <ostream>

#include "tests/scenario/passthrough_passage.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kCurlRefusesCertificate = 60;  // CURLE_PEER_FAILED_VERIFICATION

std::uint32_t wire_version(const Version& version) { return version_number("TLSv" + version); }

/// RFC 8446 6.
std::string alert_name(int number) {
  static const std::map<int, std::string> names{{42, "bad_certificate"},
                                                {43, "unsupported_certificate"},
                                                {45, "certificate_expired"},
                                                {46, "certificate_unknown"},
                                                {48, "unknown_ca"},
                                                {51, "decrypt_error"}};
  return names.at(number) + " (" + std::to_string(number) + ')';
}

/// The version and the suite of a ServerHello, as an independent reader finds them: a record
/// (5 bytes), a handshake header (4), legacy_version, random (32), session id, suite. RFC
/// 5246 7.4.1.3.
std::uint32_t suite_on_the_wire(const std::string& bytes) {
  const auto byte = [&bytes](std::size_t at) { return static_cast<unsigned char>(bytes.at(at)); };
  const std::size_t suite = 5 + 4 + 2 + 32 + 1 + byte(43);
  return static_cast<std::uint32_t>(byte(suite)) << 8 | byte(suite + 1);
}

std::vector<std::string> options_for(const Backend& backend, const Scene& scene) {
  std::vector<std::string> options{"--backend", backend.address()};
  options.insert(options.end(), scene.options.begin(), scene.options.end());
  return options;
}

/// What can be known where the certificates are encrypted.
void expect_hidden(const Session& session, const Pair& pair) {
  EXPECT_THAT(findings(session), ElementsAre("alert-unexplained both error likely"));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "client-alert");
  EXPECT_EQ(word(session, "/findings/0/codes/alert"), std::to_string(pair.alert));
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("encrypted in this connection"));
  EXPECT_THAT(pointed_at(session),
              ElementsAre("direct_leg alert client fatal " + alert_name(pair.alert)));
  EXPECT_EQ(word(session, "/direct_leg/certificates"), "[]");
  EXPECT_EQ(word(session, "/direct_leg/chain"), "null");
  EXPECT_EQ(word(session, "/direct_leg/reached"), "server_hello");
}

}  // namespace

void PrintTo(const Pair& pair, std::ostream* out) {
  *out << name(pair.client) << " in TLS " << pair.version;
}

std::string pair_name(const ::testing::TestParamInfo<Pair>& info) {
  const Pair& pair = info.param;
  const char* server = pair.server == Server::nginx     ? "_nginx"
                       : pair.server == Server::openssl ? "_openssl"
                                                        : "_gnutls";
  return name(pair.client) + server + "_tls1" + pair.version.back();
}

std::unique_ptr<Backend> start(const Pair& pair, const Credentials& credentials) {
  if (pair.server == Server::nginx)
    return std::make_unique<Nginx>(credentials, NginxOptions{.versions = {pair.version}});
  if (pair.server == Server::gnutls)
    return std::make_unique<GnutlsServer>(credentials, "NORMAL:-VERS-ALL:+VERS-TLS" + pair.version,
                                          std::vector<std::string>{"--http"});
  std::vector<std::string> options = openssl_versions({pair.version});
  options.emplace_back("-www");
  return std::make_unique<OpensslServer>(credentials, options);
}

Credentials write_credentials(const TemporaryDirectory& folder, const TestCertificate& leaf,
                              const std::vector<const TestCertificate*>& others,
                              const TestCertificate& root) {
  std::string rest;
  for (const TestCertificate* other : others) rest += other->pem();
  return {folder.write("chain.pem", leaf.pem() + rest), folder.write("leaf.pem", leaf.pem()),
          folder.write("others.pem", rest), folder.write("key.pem", leaf.key_pem()),
          folder.write("root.pem", root.pem())};
}

Credentials make_credentials(const TemporaryDirectory& folder, const ChainSpec& spec) {
  const TestChain chain = make_chain(spec.leaf, spec.intermediate, spec.root);
  std::vector<const TestCertificate*> others;
  if (spec.sent != Sent::leaf_only) others.push_back(&chain.intermediate);
  if (spec.sent == Sent::with_root) others.push_back(&chain.root);
  return write_credentials(folder, chain.leaf, others, chain.root);
}

std::filesystem::path other_root(const TemporaryDirectory& folder) {
  CertificateSpec spec = root_spec();
  spec.common_name = "Other Root";
  return folder.write("other_root.pem", make_certificate(spec).pem());
}

std::int64_t seconds_from_now(std::int64_t seconds) {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + seconds;
}

Scene all_trust(const Credentials& credentials, const std::string& host) {
  return {credentials, credentials.root, {"--trust", credentials.root.string()}, host};
}

Scene nobody_trusts(const Credentials& credentials, const std::filesystem::path& root) {
  return {credentials, root, {"--trust", root.string()}};
}

std::vector<std::string> chain_problems(const Session& session, const std::string& leg) {
  std::vector<std::string> lines;
  for (const auto& problem : session.at_pointer('/' + leg + "/chain/problems").as_array())
    lines.push_back(word(problem, "/depth") + ' ' + word(problem, "/code") + ' ' +
                    word(problem, "/hresult"));
  return lines;
}

std::vector<std::string> certificate_problems(const Session& session, const std::string& leg) {
  std::vector<std::string> lines;
  for (const auto& certificate : session.at_pointer('/' + leg + "/certificates").as_array()) {
    std::string words;
    for (const auto& problem : certificate.at("problems").as_array())
      words += ' ' + std::string(problem.as_string());
    lines.push_back(word(certificate, "/subject") + ':' + (words.empty() ? " fine" : words));
  }
  return lines;
}

std::vector<std::string> pointed_at(const Session& session, std::size_t finding) {
  std::vector<std::string> lines;
  for (const auto& evidence : session.at("findings").at(finding).at("evidence").as_array()) {
    const std::string leg = word(evidence, "/leg");
    for (const auto& event : session.at(leg).at("events").as_array())
      if (event.at("i") == evidence.at("event"))
        lines.push_back(leg + ' ' + word(event, "/kind") + ' ' + word(event, "/sender") + ' ' +
                        word(event, "/what"));
  }
  return lines;
}

Spoken visit_as(const Pair& pair, std::uint16_t port, const std::filesystem::path& trusted,
                const std::string& host) {
  return visit_all(pair.client, {Call{Visit{port, trusted, host}}}).front();
}

void expect_refused(const Pair& pair, const Spoken& spoken) {
  EXPECT_EQ(spoken.exit_code, pair.client == Client::curl ? kCurlRefusesCertificate : 1);
  EXPECT_THAT(spoken.errors, HasSubstr(pair.complaint));
  EXPECT_EQ(spoken.body, "");
}

void expect_fault(const Session& session, const std::string& leg, const Fault& fault, int alert) {
  const bool named = alert != 0 && alert == fault.own_alert;
  ASSERT_THAT(findings(session), ElementsAre(fault.id + ' ' + fault.blamed + ' ' +
                                             (named ? "proven" : fault.confidence)));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), named ? "client-alert" : "proxy-check");
  EXPECT_EQ(word(session, "/findings/0/codes/x509"), fault.code);
  EXPECT_EQ(word(session, "/findings/0/codes/hresult"), fault.hresult);
  std::vector<std::string> evidence{leg + " message backend Certificate"};
  if (alert != 0) evidence.push_back(leg + " alert client fatal " + alert_name(alert));
  EXPECT_EQ(pointed_at(session), evidence);
  EXPECT_EQ(chain_problems(session, leg), fault.problems);
  EXPECT_EQ(certificate_problems(session, leg), fault.certificates);
  EXPECT_EQ(word(session, '/' + leg + "/chain/trusted"), fault.trusted ? "true" : "false");
}

void expect_same_bytes(const Session& session) {
  for (const std::string direction : {"c2s", "s2c"})
    for (const std::string leg : {"client_leg", "backend_leg"}) {
      const auto lengths = plaintext_lengths(session, leg, direction);
      EXPECT_EQ(std::to_string(std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0})),
                word(session,
                     direction == "c2s" ? "/bytes/client_to_backend" : "/bytes/backend_to_client"))
          << leg << ' ' << direction;
    }
  EXPECT_NE(word(session, "/bytes/backend_to_client"), "0");
}

Session expect_works_through_proxy(const Pair& pair, const Scene& scene, const Fault& fault) {
  const auto backend = start(pair, scene.credentials);
  expect_refused(pair, visit_as(pair, backend->port(), scene.trusted, scene.host));
  ProxyProcess proxy(options_for(*backend, scene));
  const Spoken proxied = visit_as(pair, proxy.port(), proxy.ca_certificate(), scene.host);
  EXPECT_EQ(proxied.exit_code, 0) << proxied.errors;
  EXPECT_NE(proxied.body, "");
  EXPECT_EQ(proxied.version, wire_version(pair.version));

  Session session = proxy.session();
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");
  expect_fault(session, "backend_leg", fault);
  expect_as_direct(session, proxied, proxied);
  expect_same_bytes(session);
  // The client saw nothing of it: its chain ends at our CA.
  EXPECT_NE(word(session, "/client_leg/certificates/0/issuer"),
            word(session, "/backend_leg/certificates/0/issuer"));
  EXPECT_EQ(proxy.stop(), 0);
  return session;
}

Session expect_fails_in_passthrough(const Pair& pair, const Scene& scene, const Fault& fault) {
  const auto backend = start(pair, scene.credentials);
  expect_refused(pair, visit_as(pair, backend->port(), scene.trusted, scene.host));
  Passage passage(backend->port(), scene.options);
  expect_refused(pair, visit_as(pair, passage.front.port(), scene.trusted, scene.host));

  Session session = passage.proxy.session();
  EXPECT_EQ(verdict(session), "fails-direct proxied none direct failed by passthrough");
  const std::string sent = passage.front.bytes(0, "c2s");
  EXPECT_EQ(to_hex(passage.rear.bytes(0, "c2s")), to_hex(sent));
  EXPECT_EQ(word(session, "/bytes/client_to_backend"), std::to_string(sent.size()));
  // A client that leaves may not read all that the backend says.
  const std::string answer = passage.rear.bytes(0, "s2c");
  EXPECT_THAT(to_hex(answer), StartsWith(to_hex(passage.front.bytes(0, "s2c"))));

  EXPECT_EQ(word(session, "/client_leg"), "null");
  EXPECT_EQ(word(session, "/backend_leg"), "null");
  EXPECT_EQ(word(session, "/direct_leg/server_hello/version/id"),
            std::to_string(wire_version(pair.version)));
  EXPECT_EQ(word(session, "/direct_leg/server_hello/cipher/id"),
            std::to_string(suite_on_the_wire(answer)));
  std::vector<std::string> said;
  if (pair.alert != 0) said.push_back("client fatal " + std::to_string(pair.alert));
  EXPECT_EQ(alerts(session, "direct_leg"), said);
  EXPECT_EQ(word(session, "/direct_leg/outcome"), pair.alert != 0 ? "failed" : "established");
  if (pair.version == "1.3") {
    expect_hidden(session, pair);
  } else {
    expect_fault(session, "direct_leg", fault, pair.alert);
    EXPECT_EQ(word(session, "/direct_leg/reached"), pair.alert != 0 ? "certificate" : "finished");
  }
  EXPECT_EQ(passage.proxy.stop(), 0);
  return session;
}

void expect_healthy(const Pair& pair, const Scene& scene, const std::vector<std::string>& remarks) {
  const auto backend = start(pair, scene.credentials);
  const Spoken direct = visit_as(pair, backend->port(), scene.trusted, scene.host);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const ProxyProcess proxy(mode, *backend, scene.credentials);
    const Visit visit = proxy.visit();
    const Spoken spoken = visit_as(pair, visit.port, visit.trusted, scene.host);
    EXPECT_EQ(spoken.body, direct.body);
    const Session session = proxy.session();
    // In TLS 1.3 a passer-by sees no certificate.
    const bool hidden = mode == Mode::passthrough && pair.version == "1.3";
    EXPECT_EQ(findings(session), hidden ? std::vector<std::string>{} : remarks);
    EXPECT_EQ(verdict(session), healthy(mode));
    expect_as_direct(session, direct, spoken);
    if (mode == Mode::terminate) expect_same_bytes(session);
    const std::string leg = legs_of(mode).back();
    EXPECT_EQ(word(session, '/' + leg + "/chain/trusted"), hidden ? "absent" : "true");
  }
}

}  // namespace visavis::testing

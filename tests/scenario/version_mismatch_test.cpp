// Client and backend without a TLS version in common, as it shows on the wire: the refusal comes
// from the backend, or from the client, and visavis lets the same bytes through.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kCurlHandshakeFailed = 35;  // CURLE_SSL_CONNECT_ERROR

enum class Server { nginx, openssl };

std::string name_of(Server server) { return server == Server::nginx ? "nginx" : "s_server"; }
void PrintTo(Server server, std::ostream* out) { *out << name_of(server); }

class VersionMismatch : public ::testing::TestWithParam<Server> {
 protected:
  [[nodiscard]] std::unique_ptr<Backend> start(const std::vector<Version>& versions) const {
    if (GetParam() == Server::nginx)
      return std::make_unique<Nginx>(credentials_, NginxOptions{.versions = versions});
    std::vector<std::string> options = openssl_versions(versions);
    options.push_back("-www");
    return std::make_unique<OpensslServer>(credentials_, options);
  }

  [[nodiscard]] std::vector<std::string> to(const Backend& backend) const {
    return {"--backend", backend.address(), "--trust", credentials_.root.string()};
  }

  /// Both ways fail with the same exit code; returns the recorders' bytes of the two.
  struct Refusal {
    std::string direct;
    std::string proxied;
  };
  Refusal refused(const Backend& backend, const ProxyProcess& proxy, std::string_view direction,
                  const std::vector<std::string>& client_options) const {
    const Recorder direct(backend.port());
    const Recorder proxied(proxy.port());
    const Spoken straight = curl({direct.port(), credentials_.root}, client_options);
    EXPECT_EQ(straight.exit_code, kCurlHandshakeFailed) << straight.errors;
    const Spoken through = curl({proxied.port(), proxy.ca_certificate()}, client_options);
    EXPECT_EQ(through.exit_code, straight.exit_code) << through.errors;
    EXPECT_EQ(through.version, 0U);
    return {to_hex(direct.bytes(0, direction)), to_hex(proxied.bytes(0, direction))};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// The alert record: fatal (2), protocol_version (70), in a record of the given version.
std::string alert_record(const std::string& version) { return "15" + version + "00020246"; }

TEST_P(VersionMismatch, IsRefusedByTheBackendWhenTheHelloListsItsVersions) {
  const auto backend = start({"1.0"});
  ProxyProcess proxy(to(*backend));
  const Refusal refusal = refused(*backend, proxy, "s2c", {"--tlsv1.2"});
  EXPECT_THAT(refusal.direct, ::testing::AnyOf(alert_record("0301"), alert_record("0303")));
  EXPECT_EQ(refusal.proxied, refusal.direct) << "the backend's whole answer";

  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "backend-alert");
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal 70"));
  EXPECT_THAT(alerts(session, "client_leg"), ElementsAre("proxy fatal 70"));
  EXPECT_EQ(word(session, "/backend_leg/raw/s2c"), refusal.direct);
  EXPECT_EQ(word(session, "/backend_leg/outcome"), "failed");
  EXPECT_EQ(word(session, "/backend_leg/reached"), "client_hello");
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(VersionMismatch, IsRefusedByTheClientWhenTheHelloNamesOnlyItsHighest) {
  for (const auto& client : {std::vector<std::string>{"--tlsv1.2", "--tls-max", "1.2"},
                             std::vector<std::string>{"--tlsv1.1", "--tls-max", "1.2", "--ciphers",
                                                      "DEFAULT@SECLEVEL=0"}}) {
    SCOPED_TRACE(client.front());
    const auto backend = start({"1.0"});
    ProxyProcess proxy(to(*backend));
    const Refusal refusal = refused(*backend, proxy, "c2s", client);
    ASSERT_GT(refusal.direct.size(), 14U);
    const std::string alert = refusal.direct.substr(refusal.direct.size() - 14);
    EXPECT_THAT(alert, ::testing::AnyOf(alert_record("0301"), alert_record("0303")));
    EXPECT_EQ(refusal.proxied.substr(refusal.proxied.size() - 14), alert);
    EXPECT_EQ(refusal.proxied.size(), refusal.direct.size()) << "the hello, and nothing but it";

    const Session session = proxy.session();
    EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
    EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
    EXPECT_EQ(word(session, "/findings/0/judged_by"), "client-alert");
    EXPECT_THAT(alerts(session, "client_leg"), ElementsAre("client fatal 70"));
    EXPECT_EQ(word(session, "/client_leg/server_hello/version/name"), "TLS 1.0");
    EXPECT_EQ(word(session, "/backend_leg/established/version/name"), "TLS 1.0");
    EXPECT_EQ(word(session, "/client_leg/server_hello/cipher"),
              word(session, "/backend_leg/established/cipher"));
    EXPECT_THAT(unmirrored_features(session),
                ::testing::Contains("backend_leg alert-after-handshake"));
  }
}

TEST_P(VersionMismatch, IsMaskedByTheProxysOwnHello) {
  const auto backend = start({"1.0"});
  for (const auto& client : {std::vector<std::string>{"--tlsv1.2"},
                             std::vector<std::string>{"--tlsv1.2", "--tls-max", "1.2"}}) {
    SCOPED_TRACE(client.size());
    ASSERT_EQ(curl({backend->port(), credentials_.root}, client).exit_code, kCurlHandshakeFailed);
    std::vector<std::string> options = to(*backend);
    options.insert(options.end(), {"--hello", "default", "--twin", "auto"});
    const ProxyProcess proxy(options);
    const Spoken through = curl(proxy.visit(), client);
    ASSERT_EQ(through.exit_code, 0) << through.errors;
    EXPECT_THAT(through.errors, ::testing::ContainsRegex("< HTTP/1.[01] 200"));
    EXPECT_GE(through.version, 0x0303U);

    const Session session = proxy.session();
    EXPECT_EQ(word(session, "/client_leg/established/version/id"), std::to_string(through.version));
    EXPECT_EQ(word(session, "/client_leg/established/cipher/name"), through.suite);
    EXPECT_EQ(word(session, "/backend_leg/established/version/name"), "TLS 1.0");
    EXPECT_EQ(word(session, "/mirror/hello"), "default");
    EXPECT_EQ(word(session, "/mirror/answer"), "own");
    EXPECT_THAT(comparison_row(session, "version"), ::testing::EndsWith("| TLS 1.0 differs ours"));
    EXPECT_EQ(word(session, "/http/0/status"), "200");
    if (client.size() == 1) {
      EXPECT_THAT(findings(session), ElementsAre("no-common-version both error likely"));
    } else {
      // A hello without supported_versions hides the client's minimum: nothing is known.
      EXPECT_THAT(findings(session), IsEmpty());
    }
    // The twin of a hello that lists its versions is refused; the other's is answered with TLS 1.0.
    EXPECT_EQ(verdict(session), client.size() == 1 ? "proxy-masks proxied ok direct failed by twin"
                                                   : "unknown proxied ok direct unknown by none");
    if (client.size() == 1) {
      EXPECT_THAT(word(session, "/verdict/headline"),
                  ::testing::HasSubstr("What the proxy changed: the hello (--hello default)"));
    }
  }
}

TEST_P(VersionMismatch, OfAnOldClientIsRefusedByAModernBackend) {
  const auto backend = start({"1.2", "1.3"});
  ProxyProcess proxy(to(*backend));
  const Refusal refusal = refused(
      *backend, proxy, "s2c", {"--tlsv1.0", "--tls-max", "1.0", "--ciphers", "DEFAULT@SECLEVEL=0"});
  EXPECT_EQ(refusal.direct, alert_record("0301"));
  EXPECT_EQ(refusal.proxied, refusal.direct);
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "backend-alert");
  EXPECT_THAT(alerts(session, "backend_leg"), ElementsAre("backend fatal 70"));
}

TEST_P(VersionMismatch, IsNotFoundWhereThereIsAVersionInCommon) {
  const auto backend = start({"1.0", "1.1", "1.2"});
  const ProxyProcess proxy(to(*backend));
  const std::vector<std::vector<std::string>> clients{{"--tlsv1.2"},
                                                      {"--tlsv1.2", "--tls-max", "1.2"}};
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const Spoken direct = curl({backend->port(), credentials_.root}, clients[i]);
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Spoken through = curl(proxy.visit(), clients[i]);
    ASSERT_EQ(through.exit_code, 0) << through.errors;
    const Session session = proxy.session(i + 1);
    EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
    EXPECT_THAT(findings(session), IsEmpty());
    expect_as_direct(session, direct, through);
  }
}

/// A server from before supported_versions answers with what it has, and the client refuses that:
/// our library, bound by the client's list, must not do so in its place.
TEST(VersionMismatchWithAnOldServer, IsLeftToTheClientToRefuse) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const GnutlsServer backend(credentials, "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT");
  ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials.root.string()});
  const Recorder direct(backend.port());
  const Recorder proxied(proxy.port());
  EXPECT_EQ(curl({direct.port(), credentials.root}, {"--tlsv1.2"}).exit_code, kCurlHandshakeFailed);
  EXPECT_EQ(curl({proxied.port(), proxy.ca_certificate()}, {"--tlsv1.2"}).exit_code,
            kCurlHandshakeFailed);
  const auto last_record = [](const Recorder& recorder) {
    const std::string bytes = to_hex(recorder.bytes(0, "c2s"));
    return bytes.substr(bytes.size() - 14);
  };
  EXPECT_EQ(last_record(direct), alert_record("0303"));
  EXPECT_EQ(last_record(proxied), last_record(direct));

  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_THAT(alerts(session, "client_leg"), ElementsAre("client fatal 70"));
  EXPECT_EQ(word(session, "/backend_leg/server_hello/version/name"), "TLS 1.0");
  EXPECT_THAT(unmirrored_features(session), ::testing::Contains("client_leg handshake"));
}

/// A client that offers TLS 1.3 as well, and splits (0/n) once it is given TLS 1.0.
TEST(VersionMismatchWithAnOldServer, IsNoneForAClientThatTakesTls10) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  std::vector<std::string> options = openssl_versions({"1.0"});
  options.push_back("-www");
  const OpensslServer backend(credentials, options);
  const ProxyProcess proxy({"--backend", backend.address(), "--trust", credentials.root.string()});
  const std::vector<std::string> client{"--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0"};
  const Spoken direct = curl({backend.port(), credentials.root}, client);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Spoken through = curl(proxy.visit(), client);
  ASSERT_EQ(through.exit_code, 0) << through.errors;
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
  EXPECT_THAT(findings(session), IsEmpty());
  expect_as_direct(session, direct, through);
  for (const char* leg : {"/client_leg", "/backend_leg"})
    EXPECT_EQ(word(session, std::string(leg) + "/record_split/c2s"), "0/n");
}

class AllVersionsRefused : public ::testing::TestWithParam<Mode> {
 protected:
  /// The hello lists TLS 1.0 to 1.3, and is answered with protocol_version. (curl pads it, which
  /// our library does not.)
  void expect_doubt(const Backend& backend) const {
    const Asking client = curl_with({"--tlsv1.0", "--ciphers", "DEFAULT@SECLEVEL=0"});
    ASSERT_EQ(directly(backend, credentials_, client).exit_code, kCurlHandshakeFailed);
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.exit_code, kCurlHandshakeFailed) << seen.spoken.errors;
    EXPECT_THAT(story(seen.session),
                ::testing::ElementsAreArray(refused_hello(
                    GetParam(), "no-common-version backend error likely", 70, false)));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "backend-alert");
    EXPECT_EQ(word(seen.session, "/findings/0/suspects"), R"(["version-intolerance"])");
    expect_data(seen.session, false);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// It knows TLS 1.2, and refuses a hello that speaks of a later one.
TEST_P(AllVersionsRefused, ByAnIntolerantBackend) {
  const PythonPeer backend("picky_server.py", {credentials_.chain.string(),
                                               credentials_.key.string(), "--newest", "0303"});
  expect_doubt(backend);
  // The remedy: less to stumble over.
  expect_healthy(GetParam(), backend, credentials_, curl_with({"--tls-max", "1.2"}));
}

TEST_P(AllVersionsRefused, ByOneThatHasNone) {
  expect_doubt(
      OpensslServer(credentials_, {"-www", "-no_tls1", "-no_tls1_1", "-no_tls1_2", "-no_tls1_3"}));
}

/// A hello without TLS 1.3 at a backend with nothing else: that is what it lacks, and proven.
TEST_P(AllVersionsRefused, NotWhereOneIsMissing) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_3"});
  const Asking client =
      curl_with({"--tlsv1.0", "--tls-max", "1.2", "--ciphers", "DEFAULT@SECLEVEL=0"});
  ASSERT_EQ(directly(backend, credentials_, client).exit_code, kCurlHandshakeFailed);
  const Seen seen = through(GetParam(), backend, credentials_, client);
  EXPECT_THAT(story(seen.session), ::testing::ElementsAreArray(refused_hello(
                                       GetParam(), "no-common-version both error proven", 70)));
  EXPECT_EQ(word(seen.session, "/findings/0/suspects"), "absent");
}

INSTANTIATE_TEST_SUITE_P(In, AllVersionsRefused, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });
INSTANTIATE_TEST_SUITE_P(By, VersionMismatch, ::testing::Values(Server::nginx, Server::openssl),
                         [](const auto& server) { return name_of(server.param); });

}  // namespace
}  // namespace visavis::testing

// TLS without HTTP inside: whatever the programs say to each other passes, record for record.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <functional>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

/// A program that talks to an echo server of another make (or of its own), and what it has to show
/// for it.
struct Echo {
  std::string name;
  std::function<std::unique_ptr<Backend>(const Credentials&)> server;
  std::function<std::string(const Visit&)> client;
  std::string result;
  bool known_by_offer;  ///< OpenSSL repeats its hello whole
};

const std::string kLines = "visavis\nface to face\n";

std::string line_of(const Visit& visit, Version version) {
  return "port=" + std::to_string(visit.port) + " ca=" + visit.trusted.string() +
         " name=" + visit.host + " versions=" + version + " echo=100000";
}

std::vector<Echo> echoes() {
  const auto java_server = [](const Credentials& credentials) {
    return std::make_unique<JavaServer>(credentials, "echo");
  };
  const auto gnutls_server = [](const Credentials& credentials) {
    return std::make_unique<GnutlsServer>(credentials, "NORMAL");
  };
  std::vector<Echo> echoes;
  echoes.push_back(
      {"s_client_with_s_server",
       [](const Credentials& credentials) {
         return std::make_unique<OpensslServer>(credentials, std::vector<std::string>{"-rev"});
       },
       [](const Visit& visit) {
         // The last line ends the connection, on the server's side.
         const Ran ran = run({{"openssl", "s_client", "-brief", "-ign_eof", "-CAfile",
                               visit.trusted.string(), "-verify_return_error", "-servername",
                               visit.host, "-connect", "127.0.0.1:" + std::to_string(visit.port)},
                              kLines + "CLOSE\n",
                              {"OPENSSL_CONF=/dev/null"}});
         EXPECT_EQ(ran.exit_code, 0) << ran.errors;
         return ran.output;
       },
       "sivasiv\necaf ot ecaf\n", true});
  echoes.push_back({"gnutls_cli_with_gnutls_serv", gnutls_server,
                    [](const Visit& visit) {
                      const Ran ran = run({{"gnutls-cli", "--logfile", "/dev/null", "--x509cafile",
                                            visit.trusted.string(), "--sni-hostname", visit.host,
                                            "--verify-hostname", visit.host, "--port",
                                            std::to_string(visit.port), "127.0.0.1"},
                                           kLines});
                      EXPECT_EQ(ran.exit_code, 0) << ran.errors;
                      return ran.output;
                    },
                    kLines, false});
  for (const Version version : {"1.0", "1.3"}) {
    const std::string suffix = version == "1.0" ? "_tls10" : "_tls13";
    echoes.push_back({"java_with_java_server" + suffix, java_server,
                      [version](const Visit& visit) {
                        const Spoken spoken = java_client({line_of(visit, version)}).front();
                        EXPECT_EQ(spoken.version, version_number("TLSv" + version))
                            << spoken.errors;
                        return spoken.body;
                      },
                      "intact", false});
    echoes.push_back({"node_with_java_server" + suffix, java_server,
                      [version](const Visit& visit) {
                        const Spoken spoken = node_client({line_of(visit, version)}).front();
                        EXPECT_EQ(spoken.version, version_number("TLSv" + version))
                            << spoken.errors;
                        return spoken.body;
                      },
                      "intact", true});
  }
  return echoes;
}

class TlsEcho : public ::testing::TestWithParam<Echo> {};

void PrintTo(const Echo& echo, std::ostream* out) { *out << echo.name; }

/// Both directions on both legs. Empty records (TLS 1.0's 0/n) don't count: Node sends one before
/// each of its writes, which are many records long, and OpenSSL one before each of ours.
void expect_records_kept(const Session& session) {
  for (const std::string direction : {"c2s", "s2c"}) {
    auto received = plaintext_lengths(session, "client_leg", direction);
    auto sent = plaintext_lengths(session, "backend_leg", direction);
    std::erase(received, 0);
    std::erase(sent, 0);
    EXPECT_GE(received.size(), 1U) << direction;
    EXPECT_EQ(sent, received) << direction;
  }
}

TEST_P(TlsEcho, PassesUnchanged) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder);
  const auto server = GetParam().server(credentials);
  ASSERT_EQ(GetParam().client({server->port(), credentials.root}), GetParam().result);
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    ProxyProcess proxy(mode, *server, credentials);
    EXPECT_EQ(GetParam().client(proxy.visit()), GetParam().result);
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), IsEmpty());
    const bool terminate = mode == Mode::terminate;
    // gnutls-serv's short echo may as well be session tickets for who can't decrypt TLS 1.3.
    const bool doubtful = !terminate && GetParam().name == "gnutls_cli_with_gnutls_serv";
    if (doubtful)
      EXPECT_THAT(verdict(session),
                  ::testing::AnyOf(healthy(mode), "unknown proxied none direct unknown by none"));
    else
      EXPECT_EQ(verdict(session), terminate && !GetParam().known_by_offer
                                      ? "unknown proxied ok direct unknown by none"
                                      : healthy(mode));
    EXPECT_EQ(word(session, "/http"), "[]");
    if (terminate) {
      expect_records_kept(session);
    }
    EXPECT_EQ(proxy.stop(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, TlsEcho, ::testing::ValuesIn(echoes()),
                         [](const auto& echo) { return echo.param.name; });

}  // namespace
}  // namespace visavis::testing

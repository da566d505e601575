// A client or a backend that goes away in any phase of a session. Between the peers stand
// forwarders that close (FIN) or reset (RST) the connection after a number of bytes.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/scenario/open_files.h"
#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::IsEmpty;

/// TLS 1.2 with RSA key exchange and without tickets: a handshake of the same size every time.
const std::vector<std::string> kFixedSize{"--tlsv1.2", "--tls-max", "1.2", "--ciphers",
                                          "AES128-SHA:@SECLEVEL=0"};
constexpr std::size_t kFileBytes = 100'000;

/// Sizes in bytes of what one direction of a leg sent, from the ledger.
struct Sizes {
  std::size_t first_record = 0;
  std::size_t handshake = 0;
};

Sizes sizes_of(const Session& session, const std::string& leg, std::string_view direction) {
  Sizes sizes;
  for (const auto& record : session.at(leg).at("records").as_array()) {
    const auto& row = record.as_array();
    if (row[1].as_string() != direction) continue;
    if (row[2].as_int64() == 23) break;  // application data
    const auto bytes = static_cast<std::size_t>(row[4].as_int64()) + 5;
    if (sizes.first_record == 0) sizes.first_record = bytes;
    sizes.handshake += bytes;
  }
  return sizes;
}

/// curl's exit code. After an RST it is 55 or 56, as curl was about to send or to receive.
int failure(const Spoken& spoken) { return spoken.exit_code == 55 ? 56 : spoken.exit_code; }

/// Case is one moment, and what must be said of it.
struct Case {
  std::string when;
  std::size_t bytes;
  std::string backend_leg;
  std::string client_leg;
  std::string verdict;
  std::vector<std::string> findings = {};
  bool or_none = false;  ///< the RST may come before the request
};

class Gone : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] std::unique_ptr<Nginx> start_nginx() const {
    auto nginx = std::make_unique<Nginx>(credentials_,
                                         NginxOptions{.versions = {"1.2"},
                                                      .suites = "AES128-SHA:@SECLEVEL=0",
                                                      .directives = "ssl_session_tickets off;"});
    std::ofstream(nginx->files() / "file", std::ios::binary) << whole_;
    return nginx;
  }

  /// A healthy session, to know the sizes of its handshake.
  [[nodiscard]] Session measured(const Nginx& nginx) const {
    const ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
    Visit visit = proxy.visit();
    visit.host = "cut0.example.test";
    visit.path = "/file";
    const Spoken spoken = curl(visit, kFixedSize);
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    EXPECT_EQ(spoken.body, whole_);
    return proxy.session();
  }

  static void expect_next_works(ProxyProcess& proxy, std::size_t sessions, std::size_t files) {
    const Spoken next = curl(proxy.visit(), kFixedSize);
    EXPECT_EQ(next.exit_code, 0) << next.errors;
    EXPECT_EQ(verdict(proxy.session(sessions)), "healthy proxied ok direct ok by offer");
    expect_open_files(proxy, files);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  std::string whole_ = std::string(kFileBytes, 'x');
};

TEST_P(Gone, BackendInAnyPhase) {
  const std::string how = GetParam();
  const auto nginx = start_nginx();
  const Sizes sizes = sizes_of(measured(*nginx), "backend_leg", "s2c");
  ASSERT_GT(sizes.handshake, 1000U);
  const std::string told = ", closed by proxy " + how;
  const std::string unknown = "unknown proxied failed direct unknown by none";
  const std::string gone = ", closed by backend " + how;
  const bool reset = how == "rst";
  const std::vector<Case> cases{
      {"before its first byte",
       0,
       "failed client_hello" + gone,
       "failed client_hello" + told,
       unknown,
       {"no-server-hello backend error likely"}},
      {"in a record's header", 3, "failed client_hello" + gone, "failed client_hello" + told,
       unknown},
      {"in the ServerHello",
       30,
       "failed client_hello" + gone,
       "failed client_hello" + told,
       unknown,
       {"bad-server-hello backend error likely"}},
      {"in the Certificate", sizes.first_record + 300, "failed server_hello" + gone,
       "failed client_hello" + told, unknown},
      {"in its Finished", sizes.handshake - 10, "failed certificate" + gone,
       "failed client_hello" + told, unknown},
      {"after its Finished",
       sizes.handshake,
       "established finished" + gone,
       "established finished" + told,
       unknown,
       {reset ? "reset-after-request backend error likely"
              : "closed-after-request backend error likely"},
       reset},
      {"in the data",
       sizes.handshake + 40'000,
       "established finished" + gone,
       "established finished" + told,
       unknown,
       {reset ? "reset-after-request backend error likely" : "truncation backend error proven"}},
  };
  std::vector<std::unique_ptr<Recorder>> forwarders;
  std::vector<std::string> options{"--backend", nginx->address(), "--trust",
                                   credentials_.root.string()};
  for (const Case& each : cases) {
    const std::string cut = "s2c:" + std::to_string(each.bytes) + ":" + how;
    forwarders.push_back(std::make_unique<Recorder>(nginx->port(), cut));
    options.insert(options.end(), {"--route", "cut" + std::to_string(forwarders.size() - 1) +
                                                  ".example.test=" + forwarders.back()->address()});
  }
  ProxyProcess proxy(options);
  const std::size_t files = proxy.process().open_files();
  const Recorder client_side(proxy.port());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("backend gone " + cases[i].when + ", " + how);
    const std::string host = "cut" + std::to_string(i) + ".example.test";
    const Spoken direct =
        curl({forwarders[i]->port(), credentials_.root, host, "/file"}, kFixedSize);
    ASSERT_NE(direct.exit_code, 0);
    const Spoken proxied =
        curl({client_side.port(), proxy.ca_certificate(), host, "/file"}, kFixedSize);
    EXPECT_EQ(failure(proxied), failure(direct)) << direct.errors << proxied.errors;
    EXPECT_EQ(client_side.ends(static_cast<int>(i)).front(), "s2c " + how) << "as the backend went";

    const Session session = proxy.session(i + 1);
    EXPECT_EQ(ending(session, "backend_leg"), cases[i].backend_leg);
    EXPECT_EQ(ending(session, "client_leg"), cases[i].client_leg);
    if (!cases[i].or_none || !findings(session).empty()) {
      EXPECT_EQ(findings(session), cases[i].findings);
    }
    EXPECT_EQ(verdict(session), cases[i].verdict);
    // No alert of our own: only the client's close_notify, passed on where both had said Finished.
    EXPECT_THAT(alerts(session, "client_leg"), Each("client warning 0"));
    EXPECT_THAT(alerts(session, "backend_leg"), Each("proxy warning 0"));
    EXPECT_EQ(alerts(session, "backend_leg").size(), alerts(session, "client_leg").size());
    expect_open_files(proxy, files);
  }
  expect_next_works(proxy, cases.size() + 1, files);
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(Gone, ClientInAnyPhase) {
  const std::string how = GetParam();
  const auto nginx = start_nginx();
  const Sizes sizes = sizes_of(measured(*nginx), "client_leg", "c2s");
  ASSERT_GT(sizes.handshake, 300U);
  const std::string told = ", closed by proxy " + how;
  const std::string gone = ", closed by client " + how;
  const std::string unknown = "unknown proxied failed direct unknown by none";
  const std::string healthy = "healthy proxied ok direct ok by offer";
  const std::vector<Case> cases{
      {"before its first byte", 0, "no leg", "failed tcp" + gone, unknown},
      {"in a record's header", 3, "no leg", "failed tcp" + gone, unknown},
      {"in the ClientHello", 100, "no leg", "failed tcp" + gone, unknown},
      {"in its ClientKeyExchange", sizes.first_record + 20, "established finished" + told,
       "failed certificate" + gone, unknown},
      {"after its Finished",
       sizes.handshake,
       "established finished" + told,
       "established finished" + gone,
       unknown,
       {"client-rejected-our-certificate proxy warning likely"}},
      {"in the request", sizes.handshake + 20, "established finished" + told,
       "established finished" + gone, how == "rst" ? unknown : healthy},
  };
  const Recorder backend_side(nginx->port());
  ProxyProcess proxy({"--backend", backend_side.address(), "--trust", credentials_.root.string()});
  const std::size_t files = proxy.process().open_files();
  int backend_connections = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("client gone " + cases[i].when + ", " + how);
    const Recorder cutter(proxy.port(), "c2s:" + std::to_string(cases[i].bytes) + ":" + how);
    const Spoken spoken =
        curl({cutter.port(), proxy.ca_certificate(), "cut0.example.test", "/file"}, kFixedSize);
    EXPECT_NE(spoken.exit_code, 0);
    const Session session = proxy.session(i + 1);
    EXPECT_EQ(ending(session, "backend_leg"), cases[i].backend_leg);
    EXPECT_EQ(ending(session, "client_leg"), cases[i].client_leg);
    EXPECT_EQ(findings(session), cases[i].findings);
    EXPECT_EQ(verdict(session), cases[i].verdict);
    EXPECT_THAT(alerts(session, "client_leg"), IsEmpty()) << "nothing of our own is said";
    EXPECT_THAT(alerts(session, "backend_leg"), IsEmpty());
    expect_open_files(proxy, files);
    if (cases[i].backend_leg == "no leg") continue;
    EXPECT_THAT(backend_side.ends(backend_connections++), Contains("c2s " + how))
        << "as the client went";
  }
  expect_next_works(proxy, cases.size() + 1, files);
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(Gone, ClientWhileTheBackendThinks) {
  const auto nginx = start_nginx();
  const Sizes sizes = sizes_of(measured(*nginx), "client_leg", "c2s");
  const PythonPeer silent("mute_server.py", {"silent"});
  const Recorder backend_side(silent.port());
  ProxyProcess proxy({"--backend", nginx->address(), "--trust", credentials_.root.string(),
                      "--route", "cut0.example.test=" + backend_side.address()});
  const std::size_t files = proxy.process().open_files();
  const Recorder cutter(proxy.port(),
                        "c2s:" + std::to_string(sizes.first_record) + ":" + GetParam());
  EXPECT_NE(
      curl({cutter.port(), proxy.ca_certificate(), "cut0.example.test"}, kFixedSize).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_EQ(ending(session, "client_leg"), "failed client_hello, closed by client " + GetParam());
  EXPECT_EQ(ending(session, "backend_leg"), "failed client_hello, closed by proxy " + GetParam());
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(backend_side.ends(0), Contains("c2s " + GetParam()));
  expect_open_files(proxy, files);
  expect_next_works(proxy, 2, files);
}

INSTANTIATE_TEST_SUITE_P(By, Gone, ::testing::Values("fin", "rst"),
                         [](const auto& how) { return how.param; });

/// What the system does when a process is killed.
TEST_F(Gone, KilledProcessesOnEitherSide) {
  OpensslServer server(credentials_, {"-rev", "-cipher", "ALL:@SECLEVEL=0"});
  const Recorder backend_side(server.port());
  ProxyProcess proxy({"--backend", backend_side.address(), "--trust", credentials_.root.string()});
  const std::size_t files = proxy.process().open_files();
  const Command client{
      {"openssl", "s_client", "-brief", "-ign_eof", "-CAfile", proxy.ca_certificate().string(),
       "-servername", std::string(kHost), "-connect", "127.0.0.1:" + std::to_string(proxy.port())},
      "visavis\n",
      {"OPENSSL_CONF=/dev/null"}};
  Process first(client);
  EXPECT_EQ(first.wait_for("siv"), "asiv") << "backwards, as -rev does";
  first.signal(SIGKILL);
  EXPECT_EQ(ending(proxy.session(1), "client_leg"), "established finished, closed by client fin");
  EXPECT_EQ(backend_side.ends(0).front(), "c2s fin");
  expect_open_files(proxy, files);

  Process second(client);
  (void)second.wait_for("siv");
  server.process().signal(SIGKILL);
  EXPECT_TRUE(second.wait().has_value()) << "it is told";
  const Session session = proxy.session(2);
  EXPECT_EQ(ending(session, "backend_leg"), "established finished, closed by backend fin");
  EXPECT_THAT(findings(session), IsEmpty());
  expect_open_files(proxy, files);
  EXPECT_EQ(proxy.stop(), 0);
}

/// Nobody listens there: TCP's own refusal is passed on as RST.
TEST_F(Gone, BackendThatIsNotThere) {
  const std::uint16_t port = free_port();
  ProxyProcess proxy({"--backend", "127.0.0.1:" + std::to_string(port)});
  const std::size_t files = proxy.process().open_files();
  const Recorder client_side(proxy.port());
  EXPECT_EQ(curl({port, proxy.ca_certificate()}).exit_code, 7) << "could not connect";
  EXPECT_EQ(curl({client_side.port(), proxy.ca_certificate()}).exit_code, 35);
  EXPECT_EQ(client_side.ends(0).front(), "s2c rst");
  const Session session = proxy.session();
  EXPECT_THAT(findings(session),
              ::testing::ElementsAre("backend-unreachable backend error proven"));
  EXPECT_EQ(word(session, "/backend_leg/reached"), "none");
  EXPECT_EQ(word(session, "/backend_leg/outcome"), "failed");
  EXPECT_THAT(word(session, "/backend_leg/failure"), ::testing::HasSubstr("connection refused"));
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  expect_open_files(proxy, files);
}

}  // namespace
}  // namespace visavis::testing

// A client or a backend that goes away in any phase of a session that is passed through: the other
// side sees it go as it does directly. A forwarder closes (FIN) or resets (RST) the connection
// after a number of bytes.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/scenario/passthrough_passage.h"

namespace visavis::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

/// TLS 1.2 with RSA key exchange and without tickets: a handshake of the same size every time.
const std::vector<std::string> kFixedSize{"--tlsv1.2", "--tls-max", "1.2", "--ciphers",
                                          "AES128-SHA:@SECLEVEL=0"};
const std::string kHealthy = "healthy proxied none direct ok by passthrough";
const std::string kFailed = "fails-direct proxied none direct failed by passthrough";
const std::string kUnknown = "unknown proxied none direct unknown by none";

/// Sizes in bytes of what one direction sent, from the ledger.
struct Sizes {
  std::size_t first_record = 0;
  std::size_t handshake = 0;
};

Sizes sizes_of(const Session& session, std::string_view direction) {
  Sizes sizes;
  for (const auto& record : session.at_pointer("/direct_leg/records").as_array()) {
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
  std::string reached;
  std::string verdict;
  std::vector<std::string> findings = {};
  bool or_none = false;  ///< the RST may come before the request
};

class PassthroughGone : public ::testing::TestWithParam<std::string> {
 protected:
  PassthroughGone() {
    std::ofstream(nginx_.files() / "file", std::ios::binary) << std::string(100'000, 'x');
    Passage passage(nginx_.port(), trusting());
    const Spoken spoken = visit(passage.front.port());
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    healthy_ = passage.proxy.session();
    EXPECT_EQ(testing::verdict(healthy_), kHealthy);
  }
  [[nodiscard]] std::vector<std::string> trusting() const {
    return {"--trust", credentials_.root.string()};
  }
  [[nodiscard]] Spoken visit(std::uint16_t port) const {
    return curl({port, credentials_.root, std::string(kHost), "/file"}, kFixedSize);
  }
  void expect_next_works(const ProxyProcess& proxy, std::size_t sessions) const {
    EXPECT_EQ(visit(proxy.port()).exit_code, 0);
    EXPECT_EQ(verdict(proxy.session(sessions)), kHealthy);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, NginxOptions{.versions = {"1.2"},
                                          .suites = "AES128-SHA:@SECLEVEL=0",
                                          .directives = "ssl_session_tickets off;"}};
  Session healthy_;
};

TEST_P(PassthroughGone, BackendInAnyPhase) {
  const std::string how = GetParam();
  const Sizes sizes = sizes_of(healthy_, "s2c");
  const bool reset = how == "rst";
  ASSERT_GT(sizes.handshake, 1000U);
  const std::vector<Case> cases{
      {"in a record's header", 3, "failed client_hello", kFailed},
      {"in the ServerHello",
       30,
       "failed client_hello",
       kFailed,
       {"bad-server-hello backend error likely"}},
      {"in the Certificate", sizes.first_record + 300, "failed server_hello", kFailed},
      {"in its Finished", sizes.handshake - 10, "failed certificate", kFailed},
      {"after its Finished",
       sizes.handshake,
       "established finished",
       kFailed,
       {reset ? "reset-after-request backend error likely"
              : "closed-after-request backend error likely"},
       reset},
      {"in the data",
       sizes.handshake + 40'000,
       "established finished",
       kFailed,
       {reset ? "reset-after-request backend error likely" : "truncation backend error likely"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE("backend gone " + each.when + ", " + how);
    const Recorder cutter(nginx_.port(), "s2c:" + std::to_string(each.bytes) + ":" + how);
    const Spoken direct = visit(cutter.port());
    ASSERT_NE(direct.exit_code, 0);
    Passage passage(cutter.port(), trusting());
    const Spoken passed = visit(passage.front.port());
    EXPECT_EQ(failure(passed), failure(direct)) << direct.errors << passed.errors;
    const Session session = passage.proxy.session();
    EXPECT_EQ(ending(session, "direct_leg"), each.reached + ", closed by backend " + how);
    EXPECT_EQ(verdict(session), each.verdict);
    if (!each.or_none || !findings(session).empty()) {
      EXPECT_EQ(findings(session), each.findings);
    }
    EXPECT_EQ(passage.front.ends(0).front(), "s2c " + how) << "as the backend went";
    EXPECT_EQ(passage.front.bytes(0, "s2c").size(), each.bytes) << "with all that came before";
    EXPECT_EQ(word(session, "/bytes/backend_to_client"), std::to_string(each.bytes));
    EXPECT_EQ(passage.proxy.stop(), 0);
  }
}

TEST_P(PassthroughGone, ClientInAnyPhase) {
  const std::string how = GetParam();
  const Sizes sizes = sizes_of(healthy_, "c2s");
  ASSERT_GT(sizes.handshake, 300U);
  const bool reset = how == "rst";
  const std::vector<Case> cases{
      {"before its first byte", 0, "failed tcp", kUnknown},
      {"in a record's header", 3, "failed tcp", kUnknown},
      {"in the ClientHello", 100, "failed tcp", kUnknown},
      {"after the ClientHello", sizes.first_record, "failed ", kFailed},
      {"in its ClientKeyExchange", sizes.first_record + 20, "failed certificate", kFailed},
      // The RST may come before the backend has said its own Finished.
      {"after its Finished", sizes.handshake, reset ? "" : "established finished",
       reset ? kFailed : kUnknown},
      {"in the request", sizes.handshake + 20, "established finished", reset ? kFailed : kUnknown},
  };
  Passage passage(nginx_.port(), trusting());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("client gone " + cases[i].when + ", " + how);
    const Recorder cutter(passage.front.port(),
                          "c2s:" + std::to_string(cases[i].bytes) + ":" + how);
    EXPECT_NE(visit(cutter.port()).exit_code, 0);
    const Session session = passage.proxy.session(i + 1);
    const int number = static_cast<int>(i);
    EXPECT_THAT(ending(session, "direct_leg"), ::testing::StartsWith(cases[i].reached));
    EXPECT_THAT(ending(session, "direct_leg"), ::testing::EndsWith(", closed by client " + how));
    EXPECT_EQ(verdict(session), cases[i].verdict);
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_THAT(passage.rear.ends(number), Contains("c2s " + how)) << "as the client went";
    EXPECT_EQ(passage.rear.bytes(number, "c2s").size(), cases[i].bytes);
    EXPECT_EQ(word(session, "/bytes/client_to_backend"), std::to_string(cases[i].bytes));
  }
  expect_next_works(passage.proxy, cases.size() + 1);
  EXPECT_EQ(passage.proxy.stop(), 0);
}

TEST_P(PassthroughGone, ClientWhileTheBackendThinks) {
  const PythonPeer silent("mute_server.py", {"silent"});
  Passage passage(silent.port());
  const std::size_t hello = sizes_of(healthy_, "c2s").first_record;
  const Recorder cutter(passage.front.port(), "c2s:" + std::to_string(hello) + ":" + GetParam());
  EXPECT_NE(visit(cutter.port()).exit_code, 0);
  const Session session = passage.proxy.session();
  EXPECT_EQ(ending(session, "direct_leg"), "failed client_hello, closed by client " + GetParam());
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_THAT(passage.rear.ends(0), Contains("c2s " + GetParam()));
  EXPECT_EQ(passage.proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(By, PassthroughGone, ::testing::Values("fin", "rst"),
                         [](const auto& how) { return how.param; });

/// What the system does when a process is killed.
TEST_F(PassthroughGone, KilledProcessesOnEitherSide) {
  OpensslServer server(credentials_, {"-rev", "-cipher", "ALL:@SECLEVEL=0"});
  Passage passage(server.port(), trusting());
  const Command client{{"openssl", "s_client", "-brief", "-ign_eof", "-CAfile",
                        credentials_.root.string(), "-servername", std::string(kHost), "-connect",
                        "127.0.0.1:" + std::to_string(passage.front.port())},
                       "visavis\n",
                       {"OPENSSL_CONF=/dev/null"}};
  Process first(client);
  EXPECT_EQ(first.wait_for("siv"), "asiv") << "backwards, as -rev does";
  first.signal(SIGKILL);
  EXPECT_EQ(ending(passage.proxy.session(1), "direct_leg"),
            "established finished, closed by client fin");
  EXPECT_EQ(passage.rear.ends(0).front(), "c2s fin");

  Process second(client);
  (void)second.wait_for("siv");
  server.process().signal(SIGKILL);
  EXPECT_TRUE(second.wait().has_value()) << "it is told";
  const Session session = passage.proxy.session(2);
  EXPECT_EQ(ending(session, "direct_leg"), "established finished, closed by backend fin");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), kHealthy);
  EXPECT_EQ(passage.proxy.stop(), 0);
}

}  // namespace
}  // namespace visavis::testing

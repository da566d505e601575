// TLS 1.3 and a client or a backend that goes away, in both modes: what is encrypted from the
// ServerHello on makes no difference to the other side, which sees the end that it sees directly.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/open_files.h"
#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

const std::vector<std::string> kTls13{"--tlsv1.3", "--tls-max", "1.3"};
const std::string kPath = "/file";

/// Sizes in bytes of what each side sent, from the ledger of a healthy session. With an RSA key
/// they are the same every time.
struct Flights {
  std::size_t hello = 0;         ///< the ClientHello's record
  std::size_t server_hello = 0;  ///< the ServerHello's record
  std::size_t server = 0;        ///< all that the server says before the client's second record
  std::size_t client = 0;        ///< ClientHello, ChangeCipherSpec, Finished
};

Flights flights_of(const Session& session, const std::string& leg) {
  Flights flights;
  std::size_t client_records = 0;
  for (const auto& record : session.at(leg).at("records").as_array()) {
    const auto& row = record.as_array();
    const auto bytes = static_cast<std::size_t>(row[4].as_int64()) + 5;
    if (row[1].as_string() == "c2s") {
      if (++client_records == 1) flights.hello = bytes;
      if (client_records <= 3) flights.client += bytes;
    } else if (client_records == 1) {
      if (flights.server_hello == 0) flights.server_hello = bytes;
      flights.server += bytes;
    }
  }
  return flights;
}

/// curl's exit code. Around the end of the handshake an RST may come as curl is about to finish
/// (35), to send (55) or to receive (56).
int failure(const Spoken& spoken, const std::string& how) {
  const bool around = spoken.exit_code == 35 || spoken.exit_code == 55;
  return how == "rst" && around ? 56 : spoken.exit_code;
}

/// Case is one moment, and what must be said of it, mode by mode: how far each leg came ("" where
/// that is a matter of who is faster), and the verdict.
struct Case {
  std::string when;
  std::size_t bytes;
  std::string backend_leg;
  std::string client_leg;
  std::string terminated;
  std::string direct_leg;
  std::string passed;
  std::vector<std::string> terminated_findings = {};
  std::vector<std::string> passed_findings = {};
  bool or_none = false;  ///< the RST may come before the request
};

struct Way {
  Mode mode;
  std::string how;
};

std::string name_of(const Way& way) { return name(way.mode) + '_' + way.how; }
void PrintTo(const Way& way, std::ostream* out) { *out << name_of(way); }

class GoneTls13 : public ::testing::TestWithParam<Way> {
 protected:
  GoneTls13() {
    std::ofstream(nginx_.files() / "file", std::ios::binary) << std::string(100'000, 'x');
    const ProxyProcess proxy(Mode::terminate, nginx_, credentials_);
    const Spoken spoken = visit(proxy.visit());
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    measured_ = proxy.session();
    EXPECT_EQ(verdict(measured_), healthy(Mode::terminate));
  }

  [[nodiscard]] static Spoken visit(Visit to) {
    to.path = kPath;
    return curl(to, kTls13);
  }
  [[nodiscard]] Visit straight_to(std::uint16_t port) const { return {port, credentials_.root}; }

  /// The leg came so far; whoever left is named, and the proxy left the other leg in the same way.
  static void expect_ending(const Session& session, const std::string& leg,
                            const std::string& reached, const std::string& by) {
    SCOPED_TRACE(leg);
    EXPECT_THAT(ending(session, leg), ::testing::StartsWith(reached));
    EXPECT_THAT(ending(session, leg),
                ::testing::EndsWith(", closed by " + by + ' ' + GetParam().how));
  }
  static void expect_found(const Session& session, const std::vector<std::string>& expected,
                           bool or_none) {
    if (!or_none || !findings(session).empty()) {
      EXPECT_EQ(findings(session), expected);
    }
  }
  static void expect_told(const Session& session, const Case& each, const std::string& who) {
    if (GetParam().mode == Mode::terminate) {
      const bool backend = who == "backend";
      expect_ending(session, "backend_leg", each.backend_leg, backend ? who : "proxy");
      expect_ending(session, "client_leg", each.client_leg, backend ? "proxy" : who);
      EXPECT_EQ(verdict(session), each.terminated);
      expect_found(session, each.terminated_findings, each.or_none);
    } else {
      expect_ending(session, "direct_leg", each.direct_leg, who);
      EXPECT_EQ(verdict(session), each.passed);
      expect_found(session, each.passed_findings, each.or_none);
    }
  }
  void expect_next_works(ProxyProcess& proxy, std::size_t sessions, std::size_t files) const {
    EXPECT_EQ(visit(proxy.visit()).exit_code, 0);
    EXPECT_EQ(verdict(proxy.session(sessions)), healthy(GetParam().mode));
    expect_open_files(proxy, files);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, NginxOptions{.versions = {"1.3"}}};
  Session measured_;
  std::string unknown_ = "unknown proxied failed direct unknown by none";
  std::string fails_direct_ = "fails-direct proxied none direct failed by passthrough";
  std::string not_known_ = "unknown proxied none direct unknown by none";
};

TEST_P(GoneTls13, BackendInAnyPhase) {
  const auto& [mode, how] = GetParam();
  const Flights flights = flights_of(measured_, "backend_leg");
  ASSERT_GT(flights.server, 1000U);
  const bool reset = how == "rst";
  const std::string gone = reset ? "reset-after-request backend error likely"
                                 : "closed-after-request backend error likely";
  const std::string nothing = "failed client_hello";
  const std::string chosen = "failed server_hello";
  const std::string established = "established finished";
  const std::vector<Case> cases{
      {"before its first byte",
       0,
       nothing,
       nothing,
       unknown_,
       nothing,
       fails_direct_,
       {"no-server-hello backend error likely"},
       {"no-server-hello backend error likely"}},
      {"in the ServerHello",
       30,
       nothing,
       nothing,
       unknown_,
       nothing,
       fails_direct_,
       {"bad-server-hello backend error likely"},
       {"bad-server-hello backend error likely"}},
      {"after the ServerHello", flights.server_hello, chosen, nothing, unknown_, chosen,
       fails_direct_},
      {"in the Certificate", flights.server_hello + 300, chosen, nothing, unknown_, chosen,
       fails_direct_},
      // The client's Finished may come later than the RST.
      {"after its Finished",
       flights.server,
       established,
       reset ? "" : established,
       unknown_,
       reset ? "" : established,
       fails_direct_,
       {gone},
       {gone},
       reset},
      {"in the data",
       flights.server + 40'000,
       established,
       established,
       unknown_,
       established,
       fails_direct_,
       {reset ? gone : "truncation backend error proven"},
       {reset ? gone : "truncation backend error likely"}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE("backend gone " + each.when);
    const Recorder cutter(nginx_.port(), "s2c:" + std::to_string(each.bytes) + ":" + how);
    const Recorder direct_witness(cutter.port());
    const Spoken direct = visit(straight_to(direct_witness.port()));
    ASSERT_NE(direct.exit_code, 0);
    ProxyProcess proxy(mode, cutter, credentials_);
    const std::size_t files = proxy.process().open_files();
    const Recorder witness(proxy.port());
    Visit through = proxy.visit();
    through.port = witness.port();
    const Spoken proxied = visit(through);
    EXPECT_EQ(failure(proxied, how), failure(direct, how)) << direct.errors << proxied.errors;
    EXPECT_EQ(direct_witness.ends(0).front(), "s2c " + how);
    EXPECT_EQ(witness.ends(0).front(), direct_witness.ends(0).front()) << "as directly";
    expect_told(proxy.session(), each, "backend");
    expect_open_files(proxy, files);
    EXPECT_EQ(proxy.stop(), 0);
  }
}

TEST_P(GoneTls13, ClientInAnyPhase) {
  const auto& [mode, how] = GetParam();
  const Flights flights = flights_of(measured_, "client_leg");
  ASSERT_GT(flights.client, flights.hello + 20);
  const bool reset = how == "rst";
  const std::string established = "established finished";
  const std::string no_request = reset ? fails_direct_ : not_known_;
  const std::vector<Case> cases{
      // The backend may have answered by then.
      {"after the ClientHello", flights.hello, "", "failed client_hello", unknown_, "failed ",
       fails_direct_},
      {"in its Finished", flights.client - 20, established, "failed certificate", unknown_,
       "failed server_hello", fails_direct_},
      {"after its Finished",
       flights.client,
       established,
       established,
       unknown_,
       established,
       no_request,
       {"client-rejected-our-certificate proxy warning likely"}},
      {"in the request", flights.client + 20, established, established,
       reset ? unknown_ : healthy(Mode::terminate), established, no_request},
  };
  const Recorder backend_side(nginx_.port());
  ProxyProcess proxy(mode, backend_side, credentials_);
  const std::size_t files = proxy.process().open_files();
  int backend_connection = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("client gone " + cases[i].when);
    const std::string cut = "c2s:" + std::to_string(cases[i].bytes) + ":" + how;
    const Recorder direct_cutter(backend_side.port(), cut);
    EXPECT_NE(visit(straight_to(direct_cutter.port())).exit_code, 0);
    EXPECT_THAT(backend_side.ends(backend_connection++), Contains("c2s " + how));
    const Recorder cutter(proxy.port(), cut);
    Visit through = proxy.visit();
    through.port = cutter.port();
    EXPECT_NE(visit(through).exit_code, 0);
    EXPECT_THAT(backend_side.ends(backend_connection++), Contains("c2s " + how)) << "as directly";
    expect_told(proxy.session(i + 1), cases[i], "client");
    expect_open_files(proxy, files);
  }
  expect_next_works(proxy, cases.size() + 1, files);
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(In, GoneTls13,
                         ::testing::Values(Way{Mode::terminate, "fin"}, Way{Mode::terminate, "rst"},
                                           Way{Mode::passthrough, "fin"},
                                           Way{Mode::passthrough, "rst"}),
                         [](const auto& way) { return name_of(way.param); });

}  // namespace
}  // namespace visavis::testing

// The handshakes go well, and the backend ends the connection in one way or another: what is said
// of it, and what is not.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

/// curl's exit codes.
constexpr int kTimeout = 28;
constexpr int kEmptyReply = 52;
constexpr int kReceiveFailed = 56;
constexpr int kPartialFile = 18;

struct Ending {
  Mode mode;
  Version version;
};
void PrintTo(const Ending& ending, std::ostream* out) {
  *out << name(ending.mode) << " TLS " << ending.version;
}

class AfterHandshake : public ::testing::TestWithParam<Ending> {
 protected:
  [[nodiscard]] PythonPeer server(const std::string& how) const {
    return PythonPeer("ending_server.py", {credentials_.chain.string(), credentials_.key.string(),
                                           how, "--max", GetParam().version});
  }
  [[nodiscard]] static bool passes() { return GetParam().mode == Mode::passthrough; }
  /// The version, the suite, and how the backend's leg ended (a regular expression).
  static void expect_leg(const Session& session, const std::string& end) {
    for (const std::string& leg : legs_of(GetParam().mode)) {
      EXPECT_EQ(word(session, '/' + leg + "/established/version/name"),
                "TLS " + GetParam().version);
      if (leg == "client_leg") continue;
      EXPECT_THAT(ending(session, leg), MatchesRegex("established finished, closed by " + end));
    }
    EXPECT_NE(word(session, "/bytes/client_to_backend"), "0");
  }
  /// curl fails directly with `exit_code`; what is found, mode by mode.
  void expect_found(const std::string& how, int exit_code, const std::string& end,
                    const std::string& terminated, const std::string& passed) const {
    SCOPED_TRACE(how);
    const PythonPeer backend = server(how);
    const Spoken direct = directly(backend, credentials_, curl_with({}));
    ASSERT_EQ(direct.exit_code, exit_code) << direct.errors;
    const Seen seen = through(GetParam().mode, backend, credentials_, curl_with({}));
    EXPECT_EQ(seen.spoken.exit_code, exit_code) << seen.spoken.errors;
    const std::string& expected = passes() ? passed : terminated;
    if (expected.empty()) {
      EXPECT_THAT(findings(seen.session), IsEmpty());
      EXPECT_EQ(verdict(seen.session), healthy(GetParam().mode)) << "it can't be seen";
    } else {
      EXPECT_THAT(findings(seen.session), ElementsAre(expected));
      EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
      EXPECT_EQ(verdict(seen.session), passes() ? kFailsDirect : kFailedUnknown);
    }
    expect_leg(seen.session, end);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(AfterHandshake, ARequestAndNoAnswer) {
  const std::string closed = "closed-after-request backend error likely";
  const std::string reset = "reset-after-request backend error likely";
  expect_found("close", kEmptyReply, "backend fin", closed, closed);
  // A client that has read close_notify may close before the backend's FIN has come.
  expect_found("notify", kEmptyReply, passes() ? "(backend|client) fin" : "backend close_notify",
               closed, closed);
  expect_found("reset", kReceiveFailed, "backend rst", reset, reset);
}

TEST_P(AfterHandshake, HalfAnAnswer) {
  expect_found("short", kPartialFile, "backend fin", "truncation backend error proven", "");
  expect_found("short-reset", kReceiveFailed, "backend rst",
               "reset-after-request backend error likely", "");
}

TEST_P(AfterHandshake, SilenceUntilSomebodyGivesUp) {
  const PythonPeer backend = server("silent");
  ASSERT_EQ(directly(backend, credentials_, curl_with({"--max-time", "1"})).exit_code, kTimeout);
  const Seen ours = through(GetParam().mode, backend, credentials_, curl_with({"--max-time", "9"}),
                            {"--idle-timeout", "1"});
  EXPECT_NE(ours.spoken.exit_code, 0);
  EXPECT_THAT(findings(ours.session),
              ElementsAre(passes() ? "request-unanswered backend warning likely"
                                   : "request-unanswered backend error likely"));
  expect_leg(ours.session, "proxy timeout");
  EXPECT_EQ(verdict(ours.session), passes() ? kFailsDirect : kFailedUnknown);
  const Seen clients =
      through(GetParam().mode, backend, credentials_, curl_with({"--max-time", "4"}));
  EXPECT_EQ(clients.spoken.exit_code, kTimeout);
  if (passes())
    EXPECT_THAT(findings(clients.session), IsEmpty()) << "nobody knows whether one was due";
  else
    EXPECT_THAT(findings(clients.session),
                ElementsAre("request-unanswered backend warning likely"));
}

/// Some clients fail, and some put up with it.
TEST_P(AfterHandshake, AnAnswerWhoseOnlyEndIsABareFin) {
  const PythonPeer backend = server("open-fin");
  const Spoken direct = directly(backend, credentials_, openssl_with({}));
  ASSERT_THAT(direct.errors, HasSubstr("unexpected eof while reading"));
  ASSERT_EQ(directly(backend, credentials_, curl_with({})).exit_code, 0);
  const Seen seen = through(GetParam().mode, backend, credentials_, openssl_with({}));
  EXPECT_THAT(seen.spoken.errors, HasSubstr("unexpected eof while reading"));
  expect_leg(seen.session, "backend fin");
  if (passes())
    EXPECT_THAT(findings(seen.session), IsEmpty()) << "it can't be seen";
  else
    EXPECT_THAT(findings(seen.session), ElementsAre("truncation backend warning proven"));
  const PythonPeer orderly = server("open-notify");
  ASSERT_EQ(directly(orderly, credentials_, openssl_with({})).exit_code, 0);
  expect_healthy(GetParam().mode, orderly, credentials_, openssl_with({}));
}

/// Whole answers: what the connection's end looks like matters to nobody.
TEST_P(AfterHandshake, IsHealthyAfterAWholeAnswer) {
  for (const std::string how : {"whole", "whole-fin", "whole-reset"}) {
    SCOPED_TRACE(how);
    expect_healthy(GetParam().mode, server(how), credentials_, curl_with({}));
  }
}

/// The connection is used again in the moment in which the backend ends it: curl asks once more.
TEST_P(AfterHandshake, AnIdleConnectionThatEnds) {
  for (const std::string how : {"close", "reset"}) {
    SCOPED_TRACE(how);
    const PythonPeer backend("ending_server.py",
                             {credentials_.chain.string(), credentials_.key.string(), how, "--max",
                              GetParam().version, "--from", "2"});
    const ProxyProcess proxy(GetParam().mode, backend, credentials_);
    const auto ask_twice = [](const Visit& visit) {
      return curl(visit, {"https://" + visit.host + ":" + std::to_string(visit.port) + "/again"});
    };
    const Spoken direct = ask_twice({backend.port(), credentials_.root});
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Spoken spoken = ask_twice(proxy.visit());
    const Session first = proxy.sessions_as_begun(2).front();
    for (const Session& session : proxy.sessions_as_begun(2)) {
      expect_as_direct(session, direct, spoken);
      if (!passes()) expect_same_bytes(session);
    }
    if (passes())
      EXPECT_THAT(findings(first), IsEmpty()) << "data went both ways";
    else
      EXPECT_THAT(findings(first),
                  ElementsAre((how == "close" ? "closed" : "reset") +
                              std::string("-after-request backend warning likely")));
    EXPECT_THAT(findings(proxy.sessions_as_begun(2).back()), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    In, AfterHandshake,
    ::testing::Values(Ending{Mode::terminate, "1.2"}, Ending{Mode::terminate, "1.3"},
                      Ending{Mode::passthrough, "1.2"}, Ending{Mode::passthrough, "1.3"}),
    [](const auto& each) {
      return name(each.param.mode) + (each.param.version == "1.2" ? "12" : "13");
    });

}  // namespace
}  // namespace visavis::testing

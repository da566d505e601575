// A session that is resumed: in good order, refused, and accepted by one who has not its keys.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/agreed.h"
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Resumption : public ::testing::Test {
 protected:
  /// A client that has been at this server before, and comes again elsewhere.
  void visit_first(const Backend& server, const std::string& version) const {
    const Spoken first = directly(server, credentials_,
                                  openssl_with({"-tls1_" + version, "-sess_out", session_file()}));
    ASSERT_EQ(first.exit_code, 0) << first.errors;
  }
  [[nodiscard]] Asking again(const std::string& version) const {
    return openssl_with({"-tls1_" + version, "-sess_in", session_file()});
  }
  /// ChangeCipherSpec and a Finished of no key at all.
  [[nodiscard]] std::string wrong_finished() const {
    const std::filesystem::path file = folder_.path() / "finished";
    std::ofstream(file, std::ios::binary)
        << std::string("\x14\x03\x03\0\x01\x01\x16\x03\x03\0\x28", 11) << std::string(40, 'x');
    return file.string();
  }
  [[nodiscard]] std::string session_file() const {
    return (folder_.path() / "session.pem").string();
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(Resumption, IsHealthyWhereItSucceedsAndWhereItIsRefused) {
  for (const std::string version : {"2", "3"}) {
    SCOPED_TRACE("TLS 1." + version);
    const Nginx nginx(credentials_, {.versions = {"1." + version}});
    visit_first(nginx, version);
    const Spoken direct = directly(nginx, credentials_, again(version));
    ASSERT_EQ(direct.exit_code, 0) << direct.errors;
    const Nginx other(credentials_, {.versions = {"1." + version}});
    const Spoken full = directly(other, credentials_, again(version));
    ASSERT_EQ(full.exit_code, 0) << full.errors;
    const auto expect_fine = [](Mode mode, const Seen& seen, const Spoken& like,
                                const std::string& verdict_line) {
      EXPECT_THAT(findings(seen.session), IsEmpty());
      EXPECT_EQ(verdict(seen.session), verdict_line);
      expect_as_direct(seen.session, like, seen.spoken);
      expect_data(seen.session, true);
      if (mode == Mode::terminate) expect_same_bytes(seen.session);
    };
    const Seen resumed = through(Mode::passthrough, nginx, credentials_, again(version));
    expect_fine(Mode::passthrough, resumed, direct, healthy(Mode::passthrough));
    EXPECT_EQ(word(resumed.session, "/direct_leg/established/resumed"), "true");
    const Seen refused = through(Mode::passthrough, other, credentials_, again(version));
    expect_fine(Mode::passthrough, refused, full, healthy(Mode::passthrough));
    EXPECT_EQ(word(refused.session, "/direct_leg/established/resumed"), "false");
    // In terminate the client's ticket is not ours to use.
    const Seen ours = through(Mode::terminate, nginx, credentials_, again(version));
    expect_fine(Mode::terminate, ours, full, kWorksUnknown);
    EXPECT_EQ(word(ours.session, "/backend_leg/established/resumed"), "false");
  }
}

/// It echoes the session id, which says yes, and its Finished is of no key that the client has.
TEST_F(Resumption, FailsWhereTheKeysDiffer) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}, .suites = "ECDHE-RSA-AES128-GCM-SHA256"});
  visit_first(nginx, "2");
  const PythonPeer liar("scripted_server.py",
                        {"hello:session=echo,suite=c02f,extension=65281:00,extension=23:",
                         "file:" + wrong_finished()});
  const Spoken direct = directly(liar, credentials_, again("2"));
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, HasSubstr("bad record mac"));
  const Seen seen = through(Mode::passthrough, liar, credentials_, again("2"));
  EXPECT_THAT(story(seen.session),
              ElementsAre("resumption-failed both error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed server_hello",
                                           "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; "
                                           "client fatal 20")));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
}

/// RFC 7627 5.3.
TEST_F(Resumption, FailsWithoutTheMasterSecretOfTheFirstTime) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}, .suites = "ECDHE-RSA-AES128-GCM-SHA256"});
  visit_first(nginx, "2");
  const PythonPeer liar("scripted_server.py", {"hello:session=echo,suite=c02f,extension=65281:00"});
  const Spoken direct = directly(liar, credentials_, again("2"));
  ASSERT_THAT(direct.errors, HasSubstr("inconsistent extms"));
  const Seen seen = through(Mode::passthrough, liar, credentials_, again("2"));
  EXPECT_THAT(story(seen.session),
              ElementsAre("ems-mismatch backend error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed server_hello",
                                           "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; "
                                           "client fatal 40")));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/source"), "RFC 7627 5.3");
}

/// A hello with a ticket of a farm's other member is answered by an alert, or not at all. The same
/// hello makes a full handshake where it is only not known (see above).
TEST_F(Resumption, IsBrokenOffWhereAFullHandshakeWasDue) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}});
  visit_first(nginx, "2");
  for (const std::string alert : {"40", "80"}) {
    SCOPED_TRACE(alert);
    const PythonPeer other("scripted_server.py", {"alert:2:" + alert, "fin"});
    ASSERT_NE(directly(other, credentials_, again("2")).exit_code, 0);
    const Seen seen = through(Mode::passthrough, other, credentials_, again("2"));
    EXPECT_THAT(
        story(seen.session),
        ElementsAreArray(refused_hello(Mode::passthrough, "resumption-failed backend error likely",
                                       std::stoi(alert))));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  }
  const PythonPeer other("scripted_server.py", {"rst"});
  const Seen seen = through(Mode::passthrough, other, credentials_, again("2"));
  EXPECT_THAT(findings(seen.session), ElementsAre("no-server-hello backend error likely",
                                                  "resumption-failed backend error likely"));
  // Without a ticket the alert has other reasons.
  const PythonPeer refusing("scripted_server.py", {"alert:2:40", "fin"});
  const Seen first = through(Mode::passthrough, refusing, credentials_, openssl_with({"-tls1_2"}));
  EXPECT_THAT(findings(first.session), ElementsAre("no-common-cipher both error likely"));
}

/// A load balancer before two servers: the ticket of one comes to the other.
class BalancedResumption : public ::testing::TestWithParam<Version> {
 protected:
  [[nodiscard]] Spoken visit(const Visit& there, const std::string& option) const {
    return openssl_client(there, {"-tls1_" + GetParam().substr(2), option,
                                  (folder_.path() / "session.pem").string()});
  }
  static PythonPeer balancer(const Backend& first, const Backend& others) {
    return PythonPeer("forwarder.py", {"--to", std::to_string(first.port()), "--then",
                                       std::to_string(others.port())});
  }
  static std::string resumed(const Session& session) {
    return word(session, "/client_leg/established/resumed") + ' ' +
           word(session, "/backend_leg/established/resumed");
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx one_{credentials_, {.versions = {GetParam()}, .suites = "ECDHE-RSA-AES128-GCM-SHA256"}};
};

/// Each has ticket keys of its own: a full handshake, which is healthy.
TEST_P(BalancedResumption, IsHealthyWhereTheOtherServerDoesNotKnowTheTicket) {
  const Nginx other(credentials_, {.versions = {GetParam()}});
  const PythonPeer direct = balancer(one_, other);
  ASSERT_EQ(visit({direct.port(), credentials_.root}, "-sess_out").exit_code, 0);
  const Spoken straight = visit({direct.port(), credentials_.root}, "-sess_in");
  ASSERT_EQ(straight.exit_code, 0) << straight.errors;
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const PythonPeer farm = balancer(one_, other);
    std::vector<std::string> options{"--twin", "never"};  // one more connection would count
    if (mode == Mode::terminate) options.emplace_back("--resume");
    const ProxyProcess proxy(mode, farm, credentials_, options);
    ASSERT_EQ(visit(proxy.visit(), "-sess_out").exit_code, 0);
    const Spoken again = visit(proxy.visit(), "-sess_in");
    const Session session = proxy.session(2);
    EXPECT_THAT(findings(session), IsEmpty());
    expect_as_direct(session, straight, again);
    expect_data(session, true);
    if (mode == Mode::terminate) expect_same_bytes(session);
    // The ticket that our hello carries is not the client's.
    EXPECT_EQ(verdict(session), mode == Mode::terminate ? kWorksUnknown : healthy(mode));
    if (mode == Mode::terminate)
      EXPECT_EQ(resumed(session), "false false");
    else
      EXPECT_EQ(word(session, "/direct_leg/established/resumed"), "false");
  }
}

/// With --resume our own hello carries the backend's ticket, and so meets what a client meets.
TEST_P(BalancedResumption, FailsWhereTheOtherServerChokesOnTheTicket) {
  const PythonPeer other("scripted_server.py", {"alert:2:80", "fin"});
  const PythonPeer direct = balancer(one_, other);
  ASSERT_EQ(visit({direct.port(), credentials_.root}, "-sess_out").exit_code, 0);
  ASSERT_NE(visit({direct.port(), credentials_.root}, "-sess_in").exit_code, 0);
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const PythonPeer farm = balancer(one_, other);
    std::vector<std::string> options{"--twin", "never"};
    if (mode == Mode::terminate) options.emplace_back("--resume");
    const ProxyProcess proxy(mode, farm, credentials_, options);
    ASSERT_EQ(visit(proxy.visit(), "-sess_out").exit_code, 0);
    EXPECT_NE(visit(proxy.visit(), "-sess_in").exit_code, 0);
    const Session session = proxy.session(2);
    EXPECT_THAT(story(session), ElementsAreArray(refused_hello(
                                    mode, "resumption-failed backend error likely", 80, false)));
    expect_data(session, false);
    EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  }
}

INSTANTIATE_TEST_SUITE_P(With, BalancedResumption, ::testing::Values("1.2", "1.3"),
                         [](const auto& each) { return each.param == "1.2" ? "12" : "13"; });

/// It says yes to the ticket that it does not know, and has no keys for it: through the proxy, too.
TEST_F(Resumption, FailsThroughTheProxyWhereTheKeysDiffer) {
  const Nginx one(credentials_, {.versions = {"1.2"}, .suites = "ECDHE-RSA-AES128-GCM-SHA256"});
  const PythonPeer liar("scripted_server.py",
                        {"hello:session=echo,suite=c02f,extension=65281:00,extension=23:",
                         "file:" + wrong_finished()});
  const PythonPeer farm(
      "forwarder.py", {"--to", std::to_string(one.port()), "--then", std::to_string(liar.port())});
  const ProxyProcess proxy(Mode::terminate, farm, credentials_, {"--resume", "--twin", "never"});
  const Spoken first = openssl_client(proxy.visit(), {"-tls1_2", "-sess_out", session_file()});
  ASSERT_EQ(first.exit_code, 0) << first.errors;
  EXPECT_NE(again("2")(proxy.visit()).exit_code, 0);
  const Session session = proxy.session(2);
  EXPECT_THAT(story(session),
              ElementsAre("resumption-failed both error likely", kFailedUnknown,
                          // OpenSSL answers a FIN with decode_error.
                          ::testing::MatchesRegex("client_leg failed client_hello, closed by proxy "
                                                  "fin(; client fatal 50)?"),
                          "backend_leg failed server_hello, closed by proxy fin; TLS 1.2 "
                          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; proxy fatal 20"));
  expect_data(session, false);
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(session, "/findings/0/judged_by"), "proxy-check");
}

/// A byte of the hello is changed on its way: the binder covers all of them.
TEST_F(Resumption, FailsWhereTheHelloWasChanged) {
  const Nginx nginx(credentials_, {.versions = {"1.3"}});
  visit_first(nginx, "3");
  // The last byte of the client's random: 5 of the record, 4 of the message, 2 of the version.
  const PythonPeer changer("forwarder.py",
                           {"--to", std::to_string(nginx.port()), "--change", "c2s:42:00"});
  const Spoken direct = directly(changer, credentials_, again("3"));
  ASSERT_NE(direct.exit_code, 0);
  const Seen seen = through(Mode::passthrough, changer, credentials_, again("3"));
  EXPECT_NE(seen.spoken.exit_code, 0);
  EXPECT_THAT(story(seen.session),
              ElementsAreArray(
                  refused_hello(Mode::passthrough, "resumption-failed both error likely", 47)));
  expect_data(seen.session, false);
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "backend-alert");
}

}  // namespace
}  // namespace visavis::testing

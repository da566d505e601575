// A session that is resumed: in good order, refused, and accepted by one who has not its keys.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
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
    const Seen resumed = through(Mode::passthrough, nginx, credentials_, again(version));
    EXPECT_EQ(resumed.spoken.exit_code, 0) << resumed.spoken.errors;
    EXPECT_EQ(word(resumed.session, "/direct_leg/established/resumed"), "true");
    EXPECT_THAT(findings(resumed.session), IsEmpty());
    const Nginx other(credentials_, {.versions = {"1." + version}});
    const Seen refused = through(Mode::passthrough, other, credentials_, again(version));
    EXPECT_EQ(refused.spoken.exit_code, 0) << refused.spoken.errors;
    EXPECT_EQ(word(refused.session, "/direct_leg/established/resumed"), "false");
    EXPECT_THAT(findings(refused.session), IsEmpty());
    // In terminate the client's ticket is not ours to use.
    const Seen ours = through(Mode::terminate, nginx, credentials_, again(version));
    EXPECT_THAT(findings(ours.session), IsEmpty());
  }
}

/// It echoes the session id, which says yes, and its Finished is of no key that the client has.
TEST_F(Resumption, FailsWhereTheKeysDiffer) {
  const Nginx nginx(credentials_, {.versions = {"1.2"}, .suites = "ECDHE-RSA-AES128-GCM-SHA256"});
  visit_first(nginx, "2");
  const std::filesystem::path finished = folder_.path() / "finished";
  std::ofstream(finished, std::ios::binary)
      << std::string("\x14\x03\x03\0\x01\x01\x16\x03\x03\0\x28", 11) << std::string(40, 'x');
  const PythonPeer liar("scripted_server.py",
                        {"hello:session=echo,suite=c02f,extension=65281:00,extension=23:",
                         "file:" + finished.string()});
  const Spoken direct = directly(liar, credentials_, again("2"));
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, HasSubstr("bad record mac"));
  const Seen seen = through(Mode::passthrough, liar, credentials_, again("2"));
  EXPECT_THAT(story(seen.session),
              ElementsAre("resumption-failed both error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed server_hello",
                                           "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; "
                                           "client fatal 20")));
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
  EXPECT_THAT(findings(seen.session), ElementsAre("resumption-failed backend error likely"));
  EXPECT_EQ(word(seen.session, "/findings/0/source"), "RFC 7627 5.3");
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
  EXPECT_THAT(findings(seen.session), ElementsAre("resumption-failed both error likely"));
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "backend-alert");
}

}  // namespace
}  // namespace visavis::testing

// --resume: a client that comes again resumes on both legs; without it on none.
#include <gtest/gtest.h>

#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

class Resume : public ::testing::TestWithParam<Version> {
 protected:
  [[nodiscard]] Spoken visit(const Visit& there, const std::string& option) const {
    const std::string version = GetParam() == "1.2" ? "-tls1_2" : "-tls1_3";
    const std::string file = (folder_.path() / "session.pem").string();
    return openssl_client(there, {version, option, file});
  }
  static std::string resumed(const Session& session) {
    return word(session, "/client_leg/established/resumed") + ' ' +
           word(session, "/backend_leg/established/resumed");
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, {.versions = {GetParam()}}};
};

TEST_P(Resume, OnBothLegs) {
  ASSERT_EQ(visit({nginx_.port(), credentials_.root}, "-sess_out").exit_code, 0);
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--resume"});
  ASSERT_EQ(visit(proxy.visit(), "-sess_out").exit_code, 0);
  EXPECT_EQ(resumed(proxy.session(1)), "false false");
  for (const std::size_t count : {2U, 3U}) {
    const Spoken again = visit(proxy.visit(), "-sess_in");
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    const Session session = proxy.session(count);
    EXPECT_EQ(resumed(session), "true true");
    EXPECT_EQ(word(session, "/backend_leg/certificates"), "[]") << "none is sent";
    EXPECT_EQ(word(session, "/verdict/proxied"), "ok");
    EXPECT_THAT(findings(session), IsEmpty());
  }
}

TEST_P(Resume, OnNeitherLegWhereTheTicketIsTheBackendsOwn) {
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--resume"});
  // A ticket of the backend's own, which a client brings from elsewhere, is not ours.
  ASSERT_EQ(visit({nginx_.port(), credentials_.root}, "-sess_out").exit_code, 0);
  const Spoken foreign = visit(proxy.visit(), "-sess_in");
  EXPECT_EQ(foreign.exit_code, 0) << foreign.errors;
  EXPECT_EQ(resumed(proxy.session(1)), "false false");
  EXPECT_THAT(findings(proxy.session(1)), IsEmpty());
}

TEST_P(Resume, OnNeitherLegByDefault) {
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_);
  ASSERT_EQ(visit(proxy.visit(), "-sess_out").exit_code, 0);
  EXPECT_EQ(word(proxy.session(1), "/client_leg/session_tickets"), "0");
  EXPECT_EQ(resumed(proxy.session(1)), "false false");
}

/// What the backend does not resume, the client does not resume either.
TEST_P(Resume, OnNeitherLegWhereTheBackendHasForgotten) {
  const Nginx forgetful(credentials_,
                        {.versions = {GetParam()}, .directives = "ssl_session_tickets off;"});
  const ProxyProcess proxy(Mode::terminate, forgetful, credentials_, {"--resume"});
  ASSERT_EQ(visit(proxy.visit(), "-sess_out").exit_code, 0);
  const Spoken again = visit(proxy.visit(), "-sess_in");
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(resumed(proxy.session(2)), "false false");
  EXPECT_THAT(findings(proxy.session(2)), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(With, Resume, ::testing::Values("1.2", "1.3"),
                         [](const auto& each) { return each.param == "1.2" ? "12" : "13"; });

}  // namespace
}  // namespace visavis::testing

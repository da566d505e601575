// Requests for another host than the one that the hello names.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MisdirectedRequest : public ::testing::TestWithParam<Mode> {
 protected:
  /// nginx that answers with a status what is for another host than the hello names.
  [[nodiscard]] static NginxOptions strict(int status, bool http2 = false) {
    return {.http2 = http2,
            .directives = "if ($host != $ssl_server_name) { return " + std::to_string(status) +
                          "; } location = /missing { return 404; }"};
  }
  /// TLS is well; `expected` is what is said where the requests can be read.
  Session expect_said(const Backend& backend, const Asking& client,
                      const std::vector<std::string>& expected) const {
    const Spoken direct = directly(backend, credentials_, client);
    EXPECT_EQ(direct.exit_code, 0) << direct.errors;
    const Seen seen = through(GetParam(), backend, credentials_, client);
    EXPECT_EQ(seen.spoken.body, direct.body);
    expect_as_direct(seen.session, direct, seen.spoken);
    EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
    if (GetParam() == Mode::passthrough) {
      EXPECT_THAT(findings(seen.session), IsEmpty()) << "it is encrypted";
    } else {
      EXPECT_EQ(findings(seen.session), expected);
      expect_same_bytes(seen.session);
    }
    return seen.session;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

const std::vector<std::string> kAstray{"-H", "Host: other.example.test"};

TEST_P(MisdirectedRequest, AsTheBackendSaysItself) {
  for (const bool http2 : {false, true}) {
    SCOPED_TRACE(http2);
    const Nginx nginx(credentials_, strict(421, http2));
    ASSERT_THAT(directly(nginx, credentials_, curl_with(kAstray)).errors, HasSubstr(" 421"));
    const Session session =
        expect_said(nginx, curl_with(kAstray), {"misdirected-request both warning likely"});
    if (GetParam() == Mode::passthrough) continue;
    EXPECT_EQ(word(session, "/findings/0/role"), "observation");
    EXPECT_EQ(word(session, "/findings/0/presented"),
              "HTTP status 421 to GET /, which is for 'other.example.test'");
    EXPECT_EQ(word(session, "/http/0/host"), "other.example.test");
    EXPECT_EQ(word(session, "/http/0/protocol"), http2 ? "http/2" : "http/1.1");
  }
}

TEST_P(MisdirectedRequest, AsItsAnswersSuggest) {
  for (const int status : {400, 403, 404}) {
    SCOPED_TRACE(status);
    const Nginx nginx(credentials_, strict(status));
    const std::string said = " " + std::to_string(status);
    ASSERT_THAT(directly(nginx, credentials_, curl_with(kAstray)).errors, HasSubstr(said));
    const std::string severity = status == 400 ? "warning" : "info";
    const Session session = expect_said(nginx, curl_with(kAstray),
                                        {"misdirected-request both " + severity + " likely"});
    if (GetParam() == Mode::passthrough) continue;
    EXPECT_THAT(word(session, "/findings/0/cause"),
                HasSubstr("asks for 'localhost' (SNI), the request for 'other.example.test' "
                          "(Host, :authority), and the answer is" +
                          said));
  }
}

/// The hello's own name, in other letters, with a port; a page that is not there; another name that
/// the backend serves all the same.
TEST_P(MisdirectedRequest, IsNoneWhereNamesFitOrItWorks) {
  const Nginx nginx(credentials_, strict(404));
  expect_said(nginx, curl_with({"-H", "Host: LOCALHOST:8443"}), {});
  const Asking missing = [](const Visit& visit) {
    return curl({visit.port, visit.trusted, visit.host, "/missing"});
  };
  ASSERT_THAT(directly(nginx, credentials_, missing).errors, HasSubstr(" 404"));
  expect_said(nginx, missing, {});
  const Nginx lenient(credentials_);
  expect_said(lenient, curl_with(kAstray), {});
}

INSTANTIATE_TEST_SUITE_P(In, MisdirectedRequest, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

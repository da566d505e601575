// Clients that trust the backend's root and not visavis' CA: directly all is well, and through the
// proxy they leave, each TLS library in its own way.
#include <gtest/gtest.h>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Version> kVersions{"1.0", "1.2", "1.3"};

/// Refuser is a client and the alert that it sends for a CA that it does not know; 0: it leaves
/// without one.
struct Refuser {
  Client client;
  int alert;
};
void PrintTo(const Refuser& refuser, std::ostream* out) { *out << name(refuser.client); }

/// Each version once; where they go is filled in.
std::vector<Call> calls_to(const Visit& visit) {
  std::vector<Call> calls;
  for (const Version& version : kVersions) calls.push_back({visit, {version}, ""});
  return calls;
}

class ClientRejectsOurCertificate : public ::testing::TestWithParam<Refuser> {
 protected:
  /// Node leaves TLS 1.3 before its Finished, and older versions after it, each time with FIN
  /// alone.
  static Lines expected(const Version& version, const std::string& suite) {
    const std::string agreed = "; TLS " + version + ' ' + suite;
    const int alert = GetParam().alert;
    const Line backend = closed("backend_leg established finished", "proxy", agreed);
    if (alert != 0)
      return {"client-rejected-our-certificate proxy error proven", kIntroduced,
              closed("client_leg failed certificate", "client",
                     agreed + "; client fatal " + std::to_string(alert)),
              backend};
    if (version == "1.3")
      return {"client-rejected-our-certificate proxy error likely", kIntroduced,
              "client_leg failed certificate, closed by client fin" + agreed, backend};
    return {"client-rejected-our-certificate proxy warning likely", kIntroduced,
            "client_leg established finished, closed by client fin" + agreed, backend};
  }

  /// Every version works as it does directly, and nothing is said.
  void expect_all_work(const ProxyProcess& proxy, const Visit& visit) const {
    std::vector<Call> calls = calls_to({nginx_.port(), credentials_.root});
    for (const Call& call : calls_to(visit)) calls.push_back(call);
    const std::vector<Spoken> spoken = visit_all(GetParam().client, calls);
    const std::vector<Session> sessions = proxy.sessions_as_begun(kVersions.size());
    for (std::size_t i = 0; i < kVersions.size(); ++i) {
      SCOPED_TRACE("TLS " + kVersions[i]);
      EXPECT_THAT(findings(sessions[i]), IsEmpty());
      EXPECT_EQ(spoken[i + kVersions.size()].body, "hello from nginx\n");
      expect_as_direct(sessions[i], spoken[i], spoken[i + kVersions.size()]);
      expect_same_bytes(sessions[i]);
    }
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_};
};

TEST_P(ClientRejectsOurCertificate, AndTakesTheBackends) {
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--twin", "auto"});
  std::vector<Call> calls = calls_to({nginx_.port(), credentials_.root});
  for (const Call& call : calls_to({proxy.port(), credentials_.root})) calls.push_back(call);
  // In one go: a JVM takes its time to start.
  const std::vector<Spoken> spoken = visit_all(GetParam().client, calls);
  const std::vector<Session> sessions = proxy.sessions_as_begun(kVersions.size());
  for (std::size_t i = 0; i < kVersions.size(); ++i) {
    SCOPED_TRACE("TLS " + kVersions[i]);
    ASSERT_EQ(spoken[i].exit_code, 0) << spoken[i].errors;
    ASSERT_EQ(spoken[i].body, "hello from nginx\n");
    EXPECT_NE(spoken[i + kVersions.size()].exit_code, 0);
    EXPECT_EQ(spoken[i + kVersions.size()].body, "");

    const Session& session = sessions[i];
    EXPECT_THAT(story(session),
                ::testing::ElementsAreArray(expected(kVersions[i], spoken[i].suite)));
    EXPECT_EQ(word(session, "/bytes"), R"({"client_to_backend":0,"backend_to_client":0})");
    EXPECT_EQ(word(session, "/findings/0/judged_by"),
              GetParam().alert == 0 ? "proxy-check" : "client-alert");
    EXPECT_THAT(word(session, "/findings/0/presented"), HasSubstr("'CN=localhost', issued by "));
    if (GetParam().alert == 0) continue;
    EXPECT_EQ(word(session, "/findings/0/codes/alert"), std::to_string(GetParam().alert));
    EXPECT_THAT(word(session, "/findings/0/cause"),
                HasSubstr("It says nothing about the backend's certificate"));
  }
}

/// The remedies that the finding names: the same client is content with either.
TEST_P(ClientRejectsOurCertificate, ButNotOnceItTrustsOurCa) {
  const ProxyProcess proxy(Mode::terminate, nginx_, credentials_);
  expect_all_work(proxy, proxy.visit());
}

TEST_P(ClientRejectsOurCertificate, ButNotTheBackendsOwnThatWeWereGiven) {
  const ProxyProcess proxy(
      Mode::terminate, nginx_, credentials_,
      {"--cert", credentials_.chain.string(), "--key", credentials_.key.string()});
  expect_all_work(proxy, {proxy.port(), credentials_.root});
}

INSTANTIATE_TEST_SUITE_P(Of, ClientRejectsOurCertificate,
                         ::testing::Values(Refuser{Client::curl, 48}, Refuser{Client::openssl, 48},
                                           Refuser{Client::gnutls, 42}, Refuser{Client::python, 48},
                                           Refuser{Client::node, 0}, Refuser{Client::java, 46}),
                         [](const auto& refuser) { return name(refuser.param.client); });

/// What only looks whether the port shakes hands, and says goodbye, refuses nothing.
TEST(ClientRejectsNothing, ByAnOrderlyGoodbyeRightAfterTheHandshake) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const Nginx nginx(credentials);
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const std::string number = version == "-tls1_2" ? "771" : "772";
    const auto shake_hands = [&](const Visit& visit) {
      const Ran ran = run({{"openssl", "s_client", "-brief", version, "-verify_return_error",
                            "-verifyCAfile", visit.trusted.string(), "-servername", visit.host,
                            "-connect", "127.0.0.1:" + std::to_string(visit.port)}});
      EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    };
    shake_hands({nginx.port(), credentials.root});
    const ProxyProcess proxy(Mode::terminate, nginx, credentials);
    shake_hands(proxy.visit());
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(verdict(session), healthy(Mode::terminate));
    EXPECT_EQ(ending(session, "client_leg"), "established finished, closed by client close_notify");
    for (const std::string& leg : legs_of(Mode::terminate))
      EXPECT_EQ(word(session, '/' + leg + "/established/version/id"), number) << leg;
    EXPECT_EQ(word(session, "/client_leg/established/cipher"),
              word(session, "/backend_leg/established/cipher"));
    EXPECT_EQ(word(session, "/bytes"), R"({"client_to_backend":0,"backend_to_client":0})");
  }
}

/// In passthrough the client judges the backend's certificate, and we have shown none.
TEST(ClientRejectsNothing, OfOursInPassthrough) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::rsa_2048);
  const TemporaryDirectory other_folder;
  const Credentials other = make_credentials(other_folder, TestKey::rsa_2048);
  const Nginx nginx(credentials, {.versions = {"1.2"}});
  const auto distrusting = [&](const Visit& visit) { return curl({visit.port, other.root}); };
  ASSERT_EQ(directly(nginx, credentials, distrusting).exit_code, 60);
  const Seen seen = through(Mode::passthrough, nginx, credentials, distrusting);
  EXPECT_EQ(seen.spoken.exit_code, 60);
  EXPECT_THAT(story(seen.session),
              ElementsAre("alert-unexplained client error likely", kFailsDirect,
                          closed_by_a_peer("direct_leg failed certificate",
                                           "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384; "
                                           "client fatal 48")));
}

}  // namespace
}  // namespace visavis::testing

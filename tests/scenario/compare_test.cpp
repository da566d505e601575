// `visavis compare`: the same command directly and proxied, on real peers; what differs, whose
// doing it is, and what happens when the command is not what it should be.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/comparisons.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Compare : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> trust() const {
    return {"--trust", credentials_.root.string(), "--resolve", std::string(kHost)};
  }
  [[nodiscard]] static std::vector<std::string> curl_with(std::vector<std::string> options) {
    std::vector<std::string> words{"curl", "-sS", "--cacert", "{ca}"};
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("{url}");
    return words;
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(Compare, AHealthyPairIsAlikeInBothWays) {
  const Nginx nginx(credentials_);
  const Spoken direct = curl({nginx.port(), credentials_.root});
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;

  const Compared compared = compare(nginx.address(), trust(), curl_with({}));
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok 0", "proxied: ok 0"));
  EXPECT_EQ(verdict(compared.document), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(findings(compared.document), IsEmpty());
  EXPECT_EQ(compared.text("/runs/0/output/0"), "hello from nginx");
  EXPECT_EQ(compared.text("/runs/1/output/0"), "hello from nginx");
  for (const std::string leg : {"/runs/0/session/direct_leg", "/runs/1/session/client_leg",
                                "/runs/1/session/backend_leg"}) {
    EXPECT_EQ(compared.text(leg + "/established/version/id"), std::to_string(direct.version));
    EXPECT_EQ(compared.text(leg + "/established/cipher/name"), direct.suite);
  }
  // The client's own hello pads and orders otherwise. Its certificate can't be seen in TLS 1.3.
  EXPECT_THAT(compared.differing(), ElementsAre("hello to the backend"));
  EXPECT_EQ(verdict(compared.session("proxied")), "healthy proxied ok direct ok by passthrough");
}

TEST_F(Compare, AClientThatDoesNotTrustTheProxyFailsThroughItOnly) {
  const Nginx nginx(credentials_);
  const std::vector<std::string> pinned{"curl", "-sS", "--cacert", credentials_.root.string(),
                                        "{url}"};
  const Compared compared = compare(nginx.address(), trust(), pinned);
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok 0", "proxied: failed 60"));
  EXPECT_EQ(verdict(compared.document), "proxy-introduces proxied failed direct ok by passthrough");
  EXPECT_THAT(findings(compared.document),
              ElementsAre("client-rejected-our-certificate proxy error proven"));
}

TEST_F(Compare, WithoutACommonVersionBothFailAndOurOwnHelloHelps) {
  const Nginx nginx(credentials_, {.versions = {"1.0"}});
  const std::vector<std::string> options{"--tlsv1.1", "--tls-max", "1.2", "--ciphers",
                                         "DEFAULT@SECLEVEL=0"};
  const Spoken direct = curl({nginx.port(), credentials_.root}, options);
  ASSERT_EQ(direct.exit_code, 35) << direct.errors;

  const Compared compared = compare(nginx.address(), trust(), curl_with(options));
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: failed 35", "proxied: failed 35",
                                           "proxied, hello default: ok 0"));
  EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by passthrough");
  EXPECT_THAT(findings(compared.document), ElementsAre("no-common-version both error proven"));
  const std::string headline = compared.text("/verdict/headline");
  EXPECT_THAT(headline, HasSubstr("TLS 1.0"));
  EXPECT_THAT(headline, HasSubstr("TLS 1.2"));
  EXPECT_EQ(verdict(compared.session("proxied, hello default")),
            "proxy-masks proxied ok direct failed by passthrough");
}

TEST_F(Compare, ACommandThatDoesNotExistIsNamed) {
  const Nginx nginx(credentials_);
  const Compared compared = compare(nginx.address(), trust(), {"no-such-client", "{url}"});
  EXPECT_EQ(compared.exit_code, 3);
  EXPECT_THAT(compared.errors, HasSubstr("can't run 'no-such-client': No such file or directory"));
}

TEST_F(Compare, ACommandThatHangsIsStopped) {
  const Nginx nginx(credentials_);
  std::vector<std::string> options = trust();
  options.insert(options.end(), {"--timeout", "3"});
  const Compared compared =
      compare(nginx.address(), options, {"sh", "-c", "curl -sS --cacert {ca} {url}; sleep 600"});
  EXPECT_EQ(compared.exit_code, 3);
  EXPECT_THAT(compared.errors, HasSubstr("did not end within"));
  // What the runs did show is shown.
  EXPECT_EQ(word(compared.session("proxied"), "/verdict/proxied"), "ok");
  EXPECT_EQ(word(compared.session("direct"), "/verdict/direct"), "ok");
}

TEST_F(Compare, ACommandThatASignalEndsOrThatNeverConnectsIsTold) {
  const Nginx nginx(credentials_);
  const Compared killed = compare(nginx.address(), trust(), {"sh", "-c", "kill -11 $$"});
  EXPECT_EQ(killed.exit_code, 3);
  EXPECT_THAT(killed.errors, HasSubstr("was ended by signal 11 (Segmentation fault)"));
  const Compared idle = compare(nginx.address(), trust(), {"true"});
  EXPECT_EQ(idle.exit_code, 3);
  EXPECT_THAT(idle.errors, HasSubstr("'true' made no connection to us"));
  EXPECT_THAT(idle.text("/verdict/headline"), HasSubstr("Nothing can be compared"));
}

TEST_F(Compare, TwoSavedSessionsAreLaidSideBySide) {
  const Nginx nginx(credentials_);
  const ProxyProcess direct(Mode::passthrough, nginx, credentials_);
  const ProxyProcess proxied(Mode::terminate, nginx, credentials_);
  ASSERT_EQ(curl(direct.visit(), {"--tls-max", "1.2"}).exit_code, 0);
  ASSERT_EQ(curl(proxied.visit(), {"--tls-max", "1.3"}).exit_code, 0);
  (void)direct.session();
  (void)proxied.session();
  std::ofstream(folder_.path() / "a.log") << direct.log_text();
  std::ofstream(folder_.path() / "b.log") << proxied.log_text();

  const Ran ran = visavis({"compare", (folder_.path() / "a.log").string(),
                           (folder_.path() / "b.log").string(), "--color", "never"});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("healthy: "));
  EXPECT_THAT(ran.output, HasSubstr("version         TLS 1.2"));
  EXPECT_THAT(ran.output, HasSubstr("TLS 1.3"));

  const Ran first_missing =
      visavis({"compare", "no-such.pcapng", (folder_.path() / "a.log").string()});
  EXPECT_EQ(first_missing.exit_code, 3);
  EXPECT_EQ(first_missing.errors, "visavis: cannot read no-such.pcapng\n");
  const Ran missing = visavis({"compare", (folder_.path() / "a.log").string(), "/no/such/file"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_EQ(missing.errors, "visavis: cannot read /no/such/file\n");
}

/// A post-quantum hello does not fit one TCP segment; a backend that reads once breaks on it.
TEST_F(Compare, AProfileShowsWhatAKnownClientWouldMeet) {
  const PythonPeer picky("picky_server.py", {credentials_.chain.string(), credentials_.key.string(),
                                             "--several", "rst"});
  std::vector<std::string> options = trust();
  options.insert(options.end(), {"--profile", "openssl_3_5_0_git"});
  const Compared large = compare(picky.address(), options, {});
  EXPECT_EQ(large.exit_code, 1) << large.errors;
  EXPECT_THAT(large.runs(), ElementsAre("direct: failed", "proxied: ok"));
  EXPECT_EQ(verdict(large.document), "proxy-masks proxied ok direct failed by twin");
  EXPECT_THAT(large.text("/verdict/headline"),
              HasSubstr("which changed groups, signature algorithms, key shares and extensions"));
  EXPECT_EQ(word(large.session("direct"), "/direct_leg/outcome"), "failed");
  EXPECT_EQ(word(large.session("proxied"), "/backend_leg/outcome"), "established");

  options.back() = "openssl_3_0_15_debian";
  const Compared small = compare(picky.address(), options, {});
  EXPECT_EQ(small.exit_code, 0) << small.errors;
  EXPECT_EQ(verdict(small.document), "healthy proxied ok direct ok by twin");
  EXPECT_THAT(findings(small.document), IsEmpty());

  options.back() = "opensl_3";
  const Compared unknown = compare(picky.address(), options, {});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("no profile 'opensl_3'"));
  const Ran listed = visavis({"compare", "--list-profiles"});
  EXPECT_EQ(std::count(listed.output.begin(), listed.output.end(), '\n'), 186);
}

/// The hello was captured on its way to another host.
TEST_F(Compare, AProfileAsksByTheTargetsOwnName) {
  const Nginx nginx(credentials_);
  const std::string port = std::to_string(nginx.port());
  const Compared compared =
      compare("localhost:" + port,
              {"--trust", credentials_.root.string(), "--profile", "chrome_57_win_7"}, {});
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_EQ(compared.text("/verdict/class"), "healthy");
  EXPECT_THAT(findings(compared.document), IsEmpty());
  EXPECT_EQ(word(compared.session("direct"), "/sni"), "localhost");
}

/// Clients of whose offer our library has nothing at all: SSL 3.0, or RC4 and 3DES. The backend,
/// which takes all that OpenSSL has, answers their own hello, and that is what the report goes by.
TEST_F(Compare, AProfileOfWhichOurLibraryHasNothingIsExplained) {
  const OpensslServer backend(credentials_, {"-www", "-min_protocol", "TLSv1", "-cipher",
                                             "ALL:COMPLEMENTOFALL:@SECLEVEL=0"});
  struct Old {
    const char* profile;
    const char* finding;
    const char* headline;
    const char* presented;
    const char* limit;
  };
  const char* version = "no-common-version both error likely";
  const char* versions =
      "Client and backend share no TLS version: the client offers up to SSL 3.0, "
      "the backend refuses all of that.";
  const Old profiles[] = {
      {"ie_6_xp", version, versions, "the client offers up to SSL 3.0", "versions"},
      {"yandexbot_3_0", version, versions, "the client offers up to SSL 3.0", "versions"},
      {"ie_8_xp", "no-common-cipher both error likely",
       "Client and backend probably share no usable cipher suite.",
       "the client offers TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_RC4_128_SHA, ", "suites"}};
  for (const Old& old : profiles) {
    SCOPED_TRACE(old.profile);
    const Compared compared =
        compare("localhost:" + std::to_string(backend.port()),
                {"--trust", credentials_.root.string(), "--profile", old.profile}, {});
    EXPECT_EQ(compared.exit_code, 0) << "both runs end alike";
    EXPECT_THAT(compared.runs(), ElementsAre("direct: failed", "proxied: failed"));
    EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by twin");
    EXPECT_THAT(findings(compared.document),
                ElementsAre(old.finding, "weak-cipher client warning proven"));
    EXPECT_EQ(compared.text("/findings/0/judged_by"), "backend-alert");
    EXPECT_EQ(compared.text("/findings/0/codes/alert"), "40");
    EXPECT_THAT(compared.text("/findings/0/presented"), StartsWith(old.presented));
    EXPECT_THAT(compared.text("/verdict/headline"), EndsWith(old.headline));
    EXPECT_THAT(alerts(compared.session("direct"), "direct_leg"), ElementsAre("backend fatal 40"));
    EXPECT_EQ(word(compared.session("direct"), "/direct_leg/established"), "null");
    EXPECT_EQ(word(compared.session("proxied"), "/backend_leg/failure"),
              "our TLS library (OpenSSL 3.0) has none of the offered " + std::string(old.limit));
    EXPECT_THAT(findings(compared.session("proxied")), IsEmpty());
  }
}

TEST_F(Compare, WithoutACommandNothingIsRun) {
  const Ran ran = visavis({"compare", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.errors, HasSubstr("a client's command is missing"));
  EXPECT_THAT(ran.output, Not(HasSubstr("{")));
}

}  // namespace
}  // namespace visavis::testing

// Records that a side refuses, and alerts in the middle of the data.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/scenario/faulty_chain.h"
#include "tests/scenario/story.h"
#include "tests/support/openssl_files.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Records : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(Records, AnAlertInAnswerToTheRequest) {
  for (const int alert : {10, 80}) {
    SCOPED_TRACE(alert);
    const PythonPeer backend(
        "alerting_server.py",
        {credentials_.chain.string(), credentials_.key.string(), std::to_string(alert)});
    const Spoken direct = directly(backend, credentials_, curl_with({}));
    ASSERT_THAT(direct.errors, HasSubstr("alert"));
    const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
    EXPECT_NE(seen.spoken.exit_code, 0);
    const std::string agreed = "; TLS 1.3 TLS_[A-Z0-9_]+";
    if (passes())  // the alert is encrypted, and may be a close_notify
      EXPECT_THAT(story(seen.session),
                  ElementsAre("closed-after-request backend error likely", kFailsDirect,
                              closed_by_a_peer("direct_leg established finished", agreed)));
    else
      EXPECT_THAT(story(seen.session),
                  ElementsAre("alert-during-data both error likely", kFailedUnknown,
                              closed("client_leg established finished", "proxy", agreed),
                              closed("backend_leg established finished", "proxy",
                                     agreed + "; backend fatal " + std::to_string(alert))));
  }
}

/// OpenSSL reads no further than the length: the record need not come whole.
TEST_P(Records, ALengthThatTlsDoesNotAllow) {
  const std::filesystem::path bytes = folder_.path() / "long";
  std::ofstream(bytes, std::ios::binary)
      << std::string("\x16\x03\x03\x50\0\x02", 6) << std::string(200, 'x');
  const PythonPeer backend("scripted_server.py", {"file:" + bytes.string()});
  const Spoken direct = directly(backend, credentials_, curl_with({}));
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, HasSubstr("length too long"));
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  const std::string line = "oversized-record backend error likely";
  if (passes())
    EXPECT_THAT(story(seen.session), ElementsAre(line, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed client_hello",
                                                                  "; client fatal 22")));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(line, kFailedUnknown, closed("client_leg failed client_hello", "proxy", ".*"),
                    closed("backend_leg failed client_hello", "proxy", "; proxy fatal 22")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), passes() ? "client-alert" : "proxy-check");
}

/// A record that came whole is in the ledger: then it is proven. The client refuses it itself.
TEST_P(Records, ARecordThatIsLongerThanTlsAllows) {
  const std::string length("\x50\0", 2);  // 20480
  const std::filesystem::path bytes = folder_.path() / "whole";
  std::ofstream(bytes, std::ios::binary) << "\x16\x03\x03" << length << std::string(20480, 'x');
  const PythonPeer backend("scripted_server.py", {"file:" + bytes.string()});
  const Recorder recorder(backend.port());
  ASSERT_THAT(directly(recorder, credentials_, curl_with({})).errors, HasSubstr("too long"));
  ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), ::testing::EndsWith("00020216"));
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  EXPECT_NE(seen.spoken.exit_code, 0);
  const std::string line = "oversized-record backend error proven";
  if (passes())
    EXPECT_THAT(story(seen.session), ElementsAre(line, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed client_hello",
                                                                  "; client fatal 22")));
  else
    EXPECT_THAT(
        story(seen.session),
        ElementsAre(line, kFailedUnknown, closed("client_leg failed client_hello", "proxy", ".*"),
                    closed("backend_leg failed client_hello", "proxy", "; proxy fatal 22")));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), passes() ? "client-alert" : "proxy-check");
  EXPECT_EQ(word(seen.session, "/findings/0/presented"), "a record of 20480 bytes");
}

/// The longest that is allowed in clear: it is refused for what is in it.
TEST_P(Records, ARecordOfTheGreatestLength) {
  const std::filesystem::path bytes = folder_.path() / "longest";
  std::ofstream(bytes, std::ios::binary)
      << std::string("\x16\x03\x03\x40\0", 5) << std::string(16384, 'x');
  const PythonPeer backend("scripted_server.py", {"file:" + bytes.string()});
  const Recorder recorder(backend.port());
  ASSERT_NE(directly(recorder, credentials_, curl_with({})).exit_code, 0);
  ASSERT_THAT(to_hex(recorder.bytes(0, "c2s")), ::testing::Not(::testing::EndsWith("00020216")));
  const Seen seen = through(GetParam(), backend, credentials_, curl_with({}));
  for (const std::string& found : findings(seen.session))
    EXPECT_THAT(found, Not(HasSubstr("oversized-record")));
}

/// A list of issuers above one record: OpenSSL 3 takes it, others do not.
TEST_P(Records, ACertificateRequestThatDoesNotFitOneRecord) {
  const std::filesystem::path key = folder_.path() / "issuer.key";
  openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key.string()});
  const auto write_issuers = [&](const std::string& name, int count) {
    const std::filesystem::path file = folder_.path() / name;
    for (int i = 0; i < count; ++i) {
      const std::filesystem::path one = folder_.path() / "one.pem";
      openssl({"req", "-new", "-x509", "-key", key.string(), "-days", "30", "-out", one.string(),
               "-subj",
               "/O=" + std::string(60, 'o') + "/OU=" + std::string(60, 'u') +
                   "/CN=" + std::string(50, 'c') + std::to_string(i)});
      std::ofstream(file, std::ios::app) << std::ifstream(one).rdbuf();
    }
    return file.string();
  };
  const std::string few = write_issuers("few.pem", 20);
  const std::string many = write_issuers("many.pem", 90);
  const auto nginx_with = [&](const std::string& issuers) {
    return NginxOptions{
        .versions = {"1.2"},
        .directives = "ssl_verify_client optional; ssl_client_certificate " + issuers + ";"};
  };
  const Nginx nginx(credentials_, nginx_with(many));
  const Spoken direct = directly(nginx, credentials_, curl_with({}));
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen seen = through(GetParam(), nginx, credentials_, curl_with({}));
  EXPECT_THAT(findings(seen.session), ElementsAre("issuer-list-too-long backend warning likely"));
  EXPECT_EQ(verdict(seen.session), passes() ? healthy(GetParam()) : kWorksUnknown);
  expect_as_direct(seen.session, direct, seen.spoken);
  if (!passes()) expect_same_bytes(seen.session);
  EXPECT_THAT(word(seen.session, "/findings/0/presented"), HasSubstr("90 issuers"));
  const Nginx fine(credentials_, nginx_with(few));
  EXPECT_THAT(findings(through(GetParam(), fine, credentials_, curl_with({})).session), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(In, Records, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

/// Through the proxy the hello leaves in one record: only the client's own shows it.
class FragmentedHandshake : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  PythonPeer picky_{"picky_server.py",
                    {credentials_.chain.string(), credentials_.key.string(), "--one-record"}};
};

TEST_F(FragmentedHandshake, IsRefusedByAServerThatReadsOneRecord) {
  const PythonPeer cut_before("fragmenter.py", {"--to", std::to_string(picky_.port())});
  ASSERT_EQ(directly(picky_, credentials_, curl_with({})).exit_code, 0);
  ASSERT_NE(directly(cut_before, credentials_, curl_with({})).exit_code, 0);

  const ProxyProcess proxy(Mode::passthrough, picky_, credentials_);
  const PythonPeer cut("fragmenter.py", {"--to", std::to_string(proxy.port())});
  EXPECT_NE(curl({cut.port(), credentials_.root}).exit_code, 0);
  const Session session = proxy.session();
  EXPECT_THAT(story(session), ElementsAre("fragmented-handshake backend error likely", kFailsDirect,
                                          closed_by_a_peer("direct_leg failed client_hello",
                                                           "; backend fatal 50")));
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_THAT(word(session, "/findings/0/title"), HasSubstr("records, and the backend refuses"));
}

TEST_F(FragmentedHandshake, WorksThroughTheProxyAndTheTwinTellsWhy) {
  const ProxyProcess proxy(Mode::terminate, picky_, credentials_, {"--twin", "always"});
  const PythonPeer cut("fragmenter.py", {"--to", std::to_string(proxy.port())});
  const Spoken direct = directly(picky_, credentials_, curl_with({}));
  const Spoken spoken = curl({cut.port(), proxy.ca_certificate()});
  const Session session = proxy.session();
  expect_as_direct(session, direct, spoken);
  expect_same_bytes(session);
  EXPECT_THAT(findings(session),
              ::testing::Contains("fragmented-handshake backend warning likely"));
  EXPECT_EQ(verdict(session), "proxy-masks proxied ok direct failed by twin");
}

TEST_F(FragmentedHandshake, IsNoFindingWhereTheServerReadsOn) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy(Mode::passthrough, nginx, credentials_);
  const PythonPeer cut("fragmenter.py", {"--to", std::to_string(proxy.port())});
  const Spoken direct = directly(nginx, credentials_, curl_with({}));
  const Spoken spoken = curl({cut.port(), credentials_.root});
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  expect_as_direct(session, direct, spoken);
}

}  // namespace
}  // namespace visavis::testing

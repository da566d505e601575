// Extended master secret (RFC 7627) and encrypt-then-MAC (RFC 7366), where one side does not go
// along.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

const std::string kInsists = "-Djdk.tls.allowLegacyMasterSecret=false";

/// The words of a Java program with a system property.
std::vector<std::string> java_with(const std::string& property, std::string_view program,
                                   std::vector<std::string> arguments) {
  std::vector<std::string> words = java(program, std::move(arguments));
  words.insert(words.begin() + 1, property);
  return words;
}

/// JavaServer that insists on extended_master_secret up to TLS 1.2.
class InsistingServer : public Backend {
 public:
  explicit InsistingServer(const Credentials& credentials) {
    process_ = std::make_unique<Process>(Command{
        java_with(kInsists, "TlsServer", {"http", credentials.chain, credentials.key, "1.2"})});
    port_ = static_cast<std::uint16_t>(std::stoul(process_->wait_for("ready ")));
  }
};

Spoken insisting_client(const Visit& visit) {
  const Ran ran =
      run({java_with(kInsists, "TlsClient",
                     {"port=" + std::to_string(visit.port), "ca=" + visit.trusted.string(),
                      "name=" + visit.host, "path=/", "versions=1.2"})});
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.errors = ran.output + ran.errors;
  return spoken;
}

class ResumedMasterSecret : public ::testing::Test {
 protected:
  /// OpenSSL's programs without the extension.
  [[nodiscard]] std::string configuration() const {
    return folder_
        .write("without.cnf",
               "openssl_conf = all\n[all]\nssl_conf = kinds\n[kinds]\nsystem_default = "
               "without\n[without]\nOptions = -ExtendedMasterSecret\n")
        .string();
  }

  /// s_client up to TLS 1.2, with this configuration; `file` for the session: "-sess_out", FILE.
  static Asking client(const std::string& configuration, std::vector<std::string> options = {}) {
    return [=](const Visit& visit) {
      std::vector<std::string> words{
          "openssl",     "s_client", "-connect", "127.0.0.1:" + std::to_string(visit.port),
          "-servername", visit.host, "-tls1_2",  "-ign_eof"};
      words.insert(words.end(), options.begin(), options.end());
      const Ran ran = run({words, "GET / HTTP/1.0\r\n\r\n", {"OPENSSL_CONF=" + configuration}});
      Spoken spoken;
      spoken.exit_code = ran.exit_code;
      spoken.errors = ran.output + ran.errors;
      return spoken;
    };
  }
  [[nodiscard]] Asking without() const { return client(configuration()); }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

class MasterSecret : public ResumedMasterSecret, public ::testing::WithParamInterface<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }
};

TEST_P(MasterSecret, TheBackendInsistsOnIt) {
  const InsistingServer backend(credentials_);
  ASSERT_NE(directly(backend, credentials_, without()).exit_code, 0);
  const Seen seen = through(GetParam(), backend, credentials_, without());
  EXPECT_NE(seen.spoken.exit_code, 0);
  EXPECT_THAT(story(seen.session), ::testing::ElementsAreArray(refused_hello(
                                       GetParam(), "ems-mismatch client error likely", 40)));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  // The same backend with a client that has it, and the same client where nobody insists.
  expect_healthy(GetParam(), backend, credentials_, curl_with({"--tls-max", "1.2"}));
  const JavaServer tolerant(credentials_, "http", {"1.2"});
  EXPECT_THAT(findings(through(GetParam(), tolerant, credentials_, without()).session), IsEmpty());
}

TEST_P(MasterSecret, TheClientInsistsOnIt) {
  const Nginx backend(credentials_,
                      {.versions = {"1.2"}, .openssl_configuration = configuration()});
  const Spoken direct = directly(backend, credentials_, insisting_client);
  ASSERT_NE(direct.exit_code, 0);
  ASSERT_THAT(direct.errors, HasSubstr("Extended Master Secret"));
  const Seen seen = through(GetParam(), backend, credentials_, insisting_client);
  EXPECT_NE(seen.spoken.exit_code, 0);
  const std::string line = "ems-mismatch backend error likely";
  const std::string agreed = "; TLS 1.2 TLS_[A-Z0-9_]+";
  if (passes())
    EXPECT_THAT(story(seen.session), ElementsAre(line, kFailsDirect,
                                                 closed_by_a_peer("direct_leg failed certificate",
                                                                  agreed + "; client fatal 40")));
  else
    EXPECT_THAT(story(seen.session),
                ElementsAre(line, kFailedUnknown,
                            MatchesRegex("client_leg failed certificate, closed by (client|proxy) "
                                         "(fin|rst)" +
                                         agreed + "; client fatal 40"),
                            closed("backend_leg established finished", "(proxy|backend)", agreed)));
  EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
  expect_healthy(GetParam(), backend, credentials_, curl_with({"--tls-max", "1.2"}));
}

/// The session of a first visit with the extension, offered without it: RFC 7627 5.3. Our own hello
/// never carries another's ticket.
TEST_F(ResumedMasterSecret, IsNotOfferedAgain) {
  const std::string file = (folder_.path() / "session.pem").string();
  const Nginx nginx(credentials_, {.versions = {"1.2"}});
  ASSERT_EQ(directly(nginx, credentials_, client("/dev/null", {"-sess_out", file})).exit_code, 0);
  const Asking again = client(configuration(), {"-sess_in", file});
  ASSERT_THAT(directly(nginx, credentials_, again).errors, HasSubstr("alert number 40"));
  const Seen seen = through(Mode::passthrough, nginx, credentials_, again);
  EXPECT_THAT(story(seen.session),
              ::testing::ElementsAreArray(
                  refused_hello(Mode::passthrough, "ems-mismatch client error likely", 40, false)));
  // With it, the session is resumed.
  const Seen fine =
      through(Mode::passthrough, nginx, credentials_, client("/dev/null", {"-sess_in", file}));
  EXPECT_THAT(findings(fine.session), IsEmpty());
  EXPECT_EQ(word(fine.session, "/direct_leg/established/resumed"), "true");
}

INSTANTIATE_TEST_SUITE_P(In, MasterSecret, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

/// The MAC of one side's first record is wrong.
class EncryptThenMac : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }
  /// s_server with one suite, and before it what stands for a library that is wrong.
  void expect_found(const std::string& suite, const std::vector<std::string>& options,
                    const std::string& direction, const std::string& found) const {
    std::vector<std::string> words{"-www", "-tls1_2", "-cipher", suite};
    words.insert(words.end(), options.begin(), options.end());
    const OpensslServer server(credentials_, words);
    const Asking client = openssl_with({"-tls1_2"});
    ASSERT_EQ(directly(server, credentials_, client).exit_code, 0);
    const PythonPeer wrong("mac_damager.py",
                           {"--to", std::to_string(server.port()), "--direction", direction});
    ASSERT_NE(directly(wrong, credentials_, client).exit_code, 0);
    const Seen seen = through(GetParam(), wrong, credentials_, client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(findings(seen.session), ElementsAre(found));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(verdict(seen.session), passes() ? kFailsDirect : kFailedUnknown);
    expect_data(seen.session, false);
    const std::string by = direction == "c2s" ? "backend-alert" : "proxy-check";
    EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), by);
    expect_healthy(GetParam(), server, credentials_, client);
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(EncryptThenMac, IsComputedWronglyByTheClient) {
  expect_found("ECDHE-RSA-AES128-SHA", {}, "c2s", "etm-mismatch both error likely");
}

/// In passthrough the client's alert is encrypted, and may be a close_notify: a port check's.
TEST_P(EncryptThenMac, IsComputedWronglyByTheBackend) {
  if (!passes())
    return expect_found("ECDHE-RSA-AES128-SHA", {}, "s2c", "etm-mismatch both error likely");
  const OpensslServer server(credentials_, {"-www", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"});
  const PythonPeer wrong("mac_damager.py",
                         {"--to", std::to_string(server.port()), "--direction", "s2c"});
  const Seen seen = through(GetParam(), wrong, credentials_, openssl_with({"-tls1_2"}));
  EXPECT_THAT(seen.spoken.errors, HasSubstr("bad record mac"));
  EXPECT_THAT(findings(seen.session), IsEmpty());
  EXPECT_EQ(verdict(seen.session), kPassedUnknown);
}

TEST_P(EncryptThenMac, IsNotNamedWhereItIsNotAgreedOn) {
  expect_found("ECDHE-RSA-AES128-SHA", {"-no_etm"}, "c2s", "record-mac-failure both error likely");
  expect_found("ECDHE-RSA-AES128-GCM-SHA256", {}, "c2s", "record-mac-failure both error likely");
}

/// The two have different keys: the Finished is the first that shows it, whoever agreed on what.
TEST_P(EncryptThenMac, IsNotNamedWhereThePresharedKeysMayDiffer) {
  const std::string suite = "PSK-AES128-CBC-SHA";
  const OpensslServer backend(credentials_,
                              {"-www", "-tls1_2", "-psk", "44556677", "-cipher", suite});
  const auto with_key = [&](const std::string& key) {
    return openssl_with({"-tls1_2", "-psk", key, "-cipher", suite});
  };
  ASSERT_EQ(directly(backend, credentials_, with_key("44556677")).exit_code, 0);
  ASSERT_THAT(directly(backend, credentials_, with_key("00112233")).errors,
              HasSubstr("alert bad record mac"));
  const Seen seen = through(GetParam(), backend, credentials_, with_key("00112233"));
  EXPECT_NE(seen.spoken.exit_code, 0);
  if (passes()) {
    EXPECT_THAT(story(seen.session),
                ElementsAre("record-mac-failure both error likely", kFailsDirect,
                            closed_by_a_peer("direct_leg failed server_hello",
                                             "; TLS 1.2 TLS_PSK_WITH_AES_128_CBC_SHA; "
                                             "backend fatal 20")));
    EXPECT_THAT(word(seen.session, "/direct_leg/server_hello/extensions"),
                HasSubstr("encrypt_then_mac"));
    EXPECT_THAT(word(seen.session, "/findings/0/cause"), HasSubstr("most likely differ in it"));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    const Seen fine = through(GetParam(), backend, credentials_, with_key("44556677"));
    EXPECT_THAT(findings(fine.session), IsEmpty());
    EXPECT_EQ(agreed(fine.session),
              agreed_by_all(GetParam(), "TLS 1.2 TLS_PSK_WITH_AES_128_CBC_SHA"));
  } else {
    // Without the key our library has none of these suites, and the reason is the headline's.
    EXPECT_THAT(word(seen.session, "/verdict/headline"),
                HasSubstr("our TLS library has none of the offered suites"));
    EXPECT_THAT(findings(seen.session), IsEmpty());
    EXPECT_EQ(verdict(seen.session), kFailedUnknown);
  }
  expect_data(seen.session, false);
}

INSTANTIATE_TEST_SUITE_P(In, EncryptThenMac, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

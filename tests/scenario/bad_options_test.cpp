// The command line: what is wrong is said in one line, with the exit code that scripts rely on;
// what is right ends cleanly.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kBadOptions = 2;
constexpr int kCouldNotWork = 3;

struct WrongOptions {
  std::string name;
  std::vector<std::string> words;
  std::string said;  ///< in the one line on stderr
};

void PrintTo(const WrongOptions& wrong, std::ostream* out) { *out << wrong.name; }

/// FOLDER in a word stands for the test's own folder; its "plain" is a text file.
class BadOptions : public ::testing::TestWithParam<WrongOptions> {
 protected:
  [[nodiscard]] std::vector<std::string> in_folder(std::vector<std::string> words) const {
    for (std::string& word : words)
      if (const std::size_t at = word.find("FOLDER"); at != std::string::npos)
        word.replace(at, 6, folder_.path().string());
    return words;
  }

  TemporaryDirectory folder_;
};

void expect_one_line(const Ran& ran, const std::string& said) {
  EXPECT_EQ(std::count(ran.errors.begin(), ran.errors.end(), '\n'), 1) << ran.errors;
  EXPECT_THAT(ran.errors, ::testing::StartsWith("visavis: "));
  EXPECT_THAT(ran.errors, HasSubstr(said));
  EXPECT_EQ(ran.output, "");
}

TEST_P(BadOptions, EndWithOneLineAndCodeTwo) {
  (void)folder_.write("plain", "no certificate\n");
  std::vector<std::string> words = in_folder(GetParam().words);
  words.insert(words.begin(),
               {"proxy", "--listen", "127.0.0.1:0", "--ca-dir", (folder_.path() / "ca").string()});
  const Ran ran = visavis(words);
  EXPECT_EQ(ran.exit_code, kBadOptions);
  expect_one_line(ran, GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    Of, BadOptions,
    ::testing::Values(
        WrongOptions{"unknown", {"--backened", "127.0.0.1:1"}, "--backened"},
        WrongOptions{"backend_without_port", {"--backend", "localhost"}, "--backend"},
        WrongOptions{"backend_without_value", {"--backend"}, "--backend"},
        WrongOptions{"backend_port_too_high", {"--backend", "localhost:65536"}, "--backend"},
        WrongOptions{"backend_port_zero", {"--backend", "localhost:0"}, "--backend"},
        WrongOptions{"backend_port_word", {"--backend", "localhost:https"}, "--backend"},
        WrongOptions{"backend_bare_ipv6", {"--backend", "::1:443"}, "--backend"},
        WrongOptions{"route_without_name", {"--route", "127.0.0.1:1"}, "--route"},
        WrongOptions{"route_without_port", {"--route", "a.test=b"}, "--route"},
        WrongOptions{"intermediates_missing",
                     {"--backend", "a:1", "--intermediates", "FOLDER/none"},
                     "--intermediates"},
        WrongOptions{"intermediates_without_any",
                     {"--backend", "a:1", "--intermediates", "FOLDER"},
                     "no certificate in the files of"},
        WrongOptions{"crl_missing", {"--backend", "a:1", "--crl", "FOLDER/none"}, "--crl"},
        WrongOptions{
            "crl_is_none", {"--backend", "a:1", "--crl", "FOLDER/plain"}, "no CRL (PEM or DER) in"},
        WrongOptions{"trust_missing", {"--backend", "a:1", "--trust", "FOLDER/none"}, "--trust"},
        WrongOptions{"trust_not_pem", {"--backend", "a:1", "--trust", "FOLDER/plain"}, "--trust"},
        WrongOptions{
            "trust_named_missing", {"--backend", "a:1", "--trust", "java=FOLDER/none"}, "--trust"},
        WrongOptions{
            "ca_cert_alone", {"--backend", "a:1", "--ca-cert", "FOLDER/plain"}, "--ca-key"},
        WrongOptions{"ca_key_alone", {"--backend", "a:1", "--ca-key", "FOLDER/plain"}, "--ca-cert"},
        WrongOptions{"ca_cert_missing",
                     {"--backend", "a:1", "--ca-cert", "FOLDER/none", "--ca-key", "FOLDER/plain"},
                     "--ca-cert"},
        WrongOptions{"log_folder_missing", {"--backend", "a:1", "--log", "FOLDER/x/log"}, "--log"},
        WrongOptions{"log_is_a_folder", {"--backend", "a:1", "--log", "FOLDER"}, "--log"},
        WrongOptions{"ready_file_folder_missing",
                     {"--backend", "a:1", "--ready-file", "FOLDER/x/ready"},
                     "--ready-file"},
        WrongOptions{"hello_nonsense", {"--hello", "nonsense"}, "--hello"},
        WrongOptions{"answer_nonsense", {"--answer", "nonsense"}, "--answer"},
        WrongOptions{"mode_nonsense", {"--mode", "nonsense"}, "--mode: nonsense not in"},
        WrongOptions{"twin_nonsense", {"--twin", "sometimes"}, "--twin: sometimes not in"},
        WrongOptions{"split_nonsense", {"--split", "2/n-2"}, "--split: '2/n-2' is none of keep"},
        WrongOptions{"split_of_nothing", {"--split", "max:0"}, "--split: 'max:0' is none of keep"},
        WrongOptions{
            "split_too_large", {"--split", "max:16385"}, "--split: 'max:16385' is none of keep"},
        WrongOptions{"segments_nonsense", {"--split-segments", "3"}, "--split-segments: 3 not in"},
        WrongOptions{"verify_nonsense", {"--verify", "off"}, "--verify: off not in"},
        WrongOptions{"color_nonsense", {"--color", "blue"}, "--color"},
        WrongOptions{"threads_zero", {"--threads", "0"}, "--threads"},
        WrongOptions{"threads_word", {"--threads", "many"}, "--threads"},
        WrongOptions{"timeout_negative", {"--hello-timeout", "-1"}, "--hello-timeout"},
        WrongOptions{"timeout_word", {"--idle-timeout", "soon"}, "--idle-timeout"}),
    [](const auto& wrong) { return wrong.param.name; });

const std::string kTerminateOnly =
    " goes with --mode terminate; in passthrough client and backend ";
const std::string kOwnCertificates = "see each other's certificates, never ours";

INSTANTIATE_TEST_SUITE_P(
    Together, BadOptions,
    ::testing::Values(
        WrongOptions{"cert_with_passthrough",
                     {"--mode", "passthrough", "--cert", "FOLDER/none"},
                     "--cert:" + kTerminateOnly + kOwnCertificates},
        WrongOptions{"key_with_passthrough",
                     {"--mode", "passthrough", "--key", "FOLDER/none"},
                     "--key:" + kTerminateOnly + kOwnCertificates},
        WrongOptions{"cert_pass_with_passthrough",
                     {"--mode", "passthrough", "--cert-pass", "pass:x"},
                     "--cert-pass:" + kTerminateOnly + kOwnCertificates},
        WrongOptions{"client_cert_with_passthrough",
                     {"--mode", "passthrough", "--client-cert", "FOLDER/none"},
                     "--client-cert:" + kTerminateOnly + kOwnCertificates},
        WrongOptions{"enforce_with_passthrough",
                     {"--mode", "passthrough", "--verify", "enforce"},
                     "--verify: enforce" + kTerminateOnly + "decide themselves whom they trust"},
        WrongOptions{"hello_with_passthrough",
                     {"--mode", "passthrough", "--hello", "default"},
                     "--hello: default" + kTerminateOnly + "get each other's own messages"},
        WrongOptions{"answer_with_passthrough",
                     {"--mode", "passthrough", "--answer", "own"},
                     "--answer: own" + kTerminateOnly + "get each other's own messages"},
        WrongOptions{"key_alone",
                     {"--key", "FOLDER/none"},
                     "--key: goes with --cert, whose certificate it is the key of"},
        WrongOptions{"cert_pass_alone",
                     {"--cert-pass", "pass:x"},
                     "--cert-pass: goes with --cert, whose password it is"},
        WrongOptions{"client_key_alone",
                     {"--client-key", "FOLDER/none"},
                     "--client-key: goes with --client-cert, whose certificate it is the key of"},
        WrongOptions{"client_cert_pass_alone",
                     {"--client-cert-pass", "pass:x"},
                     "--client-cert-pass: goes with --client-cert, whose password it is"},
        WrongOptions{"client_cert_twice",
                     {"--client-cert", "FOLDER/none", "--client-cert", "FOLDER/none"},
                     "--client-cert: At Most 1 required"}),
    [](const auto& wrong) { return wrong.param.name; });

TEST(Subcommand, HelpListsEveryOption) {
  const Ran ran = visavis({"proxy", "--help"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.errors, "");
  for (const char* option : {"--listen HOST:PORT",
                             "--backend HOST:PORT",
                             "--route NAME=HOST:PORT",
                             "--mode",
                             "--trust [NAME=]FILE",
                             "--verify",
                             "--cert FILE",
                             "--key FILE",
                             "--cert-pass SOURCE",
                             "--client-cert FILE",
                             "--client-key FILE",
                             "--client-cert-pass SOURCE",
                             "--hello",
                             "--answer",
                             "--ca-dir DIR",
                             "--ca-cert FILE",
                             "--ca-key FILE",
                             "--threads",
                             "--hello-timeout SECONDS",
                             "--json",
                             "--quiet",
                             "--log FILE",
                             "--color",
                             "--ready-file FILE",
                             "--log-queries"})
    EXPECT_THAT(ran.output, HasSubstr(option));
}

TEST(Subcommand, UnknownIsNamed) {
  const std::pair<std::vector<std::string>, std::string> wrong[] = {
      {{"nonsense"}, "no subcommand 'nonsense'"},
      {{"ca", "nonsense"}, "no subcommand 'nonsense'"},
      {{"--bogus"}, "--bogus"},
      {{}, "proxy, compare, read, report, explain, ca"}};
  for (const auto& [words, said] : wrong) {
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, kBadOptions);
    expect_one_line(ran, said);
  }
}

TEST(Explain, PrintsTheLongFormOfAFinding) {
  const Ran text = visavis({"explain", "no-server-hello"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_TRUE(text.output.starts_with("no-server-hello: ")) << text.output;
  for (const char* part : {"CAUSE", "EVIDENCE", "REMEDY ON THE CLIENT", "REMEDY ON THE BACKEND"})
    EXPECT_THAT(text.output, HasSubstr(std::string("\n\n") + part + "\n"));
  const Ran json = visavis({"explain", "no-server-hello", "--json"});
  const auto document = boost::json::parse(json.output);
  EXPECT_EQ(document.at("type"), "explanation");
  EXPECT_EQ(document.at("inputs").at(0).at("readings").at(0).at("value"), "no-server-hello");
  EXPECT_THAT(visavis({"explain"}).output, HasSubstr("\nno-server-hello "));
}

TEST(Explain, SuggestsWhatIsNear) {
  const Ran ran = visavis({"explain", "no-server-helo"});
  EXPECT_EQ(ran.exit_code, kCouldNotWork);
  expect_one_line(ran, "no finding 'no-server-helo'; did you mean no-server-hello");
  expect_one_line(visavis({"explain", "qqqqqqqq"}), "`visavis explain` lists them");
}

TEST_F(BadOptions, ConfigurationIsReadBeforeAndBehindTheSubcommand) {
  const std::string file = (folder_.path() / "config").string();
  const std::pair<const char*, const char*> lines[] = {{"backend = \"localhost\"", "--backend"},
                                                       {"bakend = \"a:1\"", "bakend"}};
  for (const auto& [line, said] : lines) {
    std::ofstream(file) << "[proxy]\n" << line << "\n";
    for (const auto& words : {std::vector<std::string>{"--config", file, "proxy"},
                              std::vector<std::string>{"proxy", "--config", file}}) {
      const Ran ran = visavis(words);
      EXPECT_EQ(ran.exit_code, kBadOptions);
      expect_one_line(ran, said);
    }
  }
}

TEST_F(BadOptions, ListenAddressWithoutPort) {
  const Ran ran = visavis({"proxy", "--listen", "localhost", "--backend", "a:1", "--ca-dir",
                           (folder_.path() / "ca").string()});
  EXPECT_EQ(ran.exit_code, kBadOptions);
  expect_one_line(ran, "--listen");
}

TEST_F(BadOptions, PortInUseIsNamed) {
  const ProxyProcess first({"--backend", "127.0.0.1:1"});
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  const Ran second = visavis({"proxy", "--listen", address, "--backend", "127.0.0.1:1", "--ca-dir",
                              (folder_.path() / "ca").string()});
  EXPECT_EQ(second.exit_code, kCouldNotWork);
  expect_one_line(second, address);
}

TEST_F(BadOptions, KeyThatOthersCanReadIsRefused) {
  const std::string directory = (folder_.path() / "ca").string();
  ASSERT_EQ(visavis({"ca", "init", "--ca-dir", directory}).exit_code, 0);
  std::filesystem::permissions(directory + "/ca.key", std::filesystem::perms::owner_read |
                                                          std::filesystem::perms::owner_write |
                                                          std::filesystem::perms::group_read);
  for (const auto& words : {std::vector<std::string>{"proxy", "--backend", "a:1", "--listen",
                                                     "127.0.0.1:0", "--ca-dir", directory},
                            std::vector<std::string>{"ca", "show", "--ca-dir", directory}}) {
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, kBadOptions);
    expect_one_line(ran, "ca.key");
  }
}

TEST(CaCommand, MakesShowsAndExportsOneAndTheSame) {
  const TemporaryDirectory folder;
  const std::string directory = (folder.path() / "ca").string();
  const Ran init = visavis({"ca", "init", "--ca-dir", directory});
  ASSERT_EQ(init.exit_code, 0) << init.errors;
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(directory + "/ca.key").permissions(),
            perms::owner_read | perms::owner_write);
  const Ran show = visavis({"ca", "show", "--ca-dir", directory});
  EXPECT_EQ(show.exit_code, 0);
  EXPECT_EQ(show.output, init.output) << "made once, not again";
  EXPECT_THAT(show.output, ::testing::Not(HasSubstr("PRIVATE KEY")));

  const std::string file = (folder.path() / "exported.pem").string();
  ASSERT_EQ(visavis({"ca", "export", "-o", file, "--ca-dir", directory}).exit_code, 0);
  const Ran standard_output = visavis({"ca", "export", "-o", "-", "--ca-dir", directory});
  EXPECT_EQ(standard_output.output, whole_text(file));
  EXPECT_EQ(whole_text(file), whole_text(directory + "/ca.pem"));
  // Somebody else's reader agrees, and says the fingerprint that `show` says.
  const Ran openssl =
      run({{"openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256", "-text"}});
  ASSERT_EQ(openssl.exit_code, 0) << openssl.errors;
  EXPECT_THAT(openssl.output, HasSubstr("CA:TRUE"));
  std::string fingerprint = openssl.output.substr(openssl.output.find("ingerprint=") + 11, 95);
  std::erase(fingerprint, ':');
  std::transform(fingerprint.begin(), fingerprint.end(), fingerprint.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  EXPECT_THAT(show.output, HasSubstr(fingerprint));

  const Ran nowhere = visavis({"ca", "export", "-o", directory + "/x/y", "--ca-dir", directory});
  EXPECT_EQ(nowhere.exit_code, kBadOptions);
  expect_one_line(nowhere, "-o");
}

class ProxyCommand : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_F(ProxyCommand, InterruptWritesOutSessionsInFlight) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SCOPED_TRACE(signal);
    const PythonPeer silent("mute_server.py", {"silent"});
    const OpensslServer server(credentials_, {"-rev"});
    ProxyProcess proxy({"--backend", server.address(), "--trust", credentials_.root.string(),
                        "--route", "cut.example.test=" + silent.address()});
    Process established({{"openssl", "s_client", "-brief", "-ign_eof", "-servername", "localhost",
                          "-connect", "127.0.0.1:" + std::to_string(proxy.port())},
                         "visavis\n",
                         {}});
    ASSERT_EQ(established.wait_for("siv"), "asiv");
    Process waiting(curl_command({proxy.port(), proxy.ca_certificate(), "cut.example.test"},
                                 {"--trace-ascii", "-"}));
    (void)waiting.wait_for("=> Send SSL data");  // the hello
    proxy.process().signal(signal);
    ASSERT_EQ(proxy.process().wait(), 0) << proxy.process().errors();
    const auto sessions = proxy.sessions(2);
    std::vector<std::string> outcomes{word(sessions[0], "/client_leg/outcome"),
                                      word(sessions[1], "/client_leg/outcome")};
    EXPECT_THAT(outcomes, ::testing::UnorderedElementsAre("established", "failed"));
    for (const Session& session : sessions)
      EXPECT_THAT(findings(session), ::testing::IsEmpty()) << "the stop is nobody's fault";
  }
}

TEST_F(ProxyCommand, JsonIsOneDocumentALineAndNothingElse) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(
      {"--backend", nginx.address(), "--trust", credentials_.root.string(), "--json"});
  Visit visit = proxy.visit();
  visit.path = "/?user=me&password=geheim";
  ASSERT_EQ(curl(visit).exit_code, 0);
  ASSERT_EQ(curl(visit).exit_code, 0);
  (void)proxy.sessions(2);
  EXPECT_EQ(proxy.stop(), 0);
  const std::string output = proxy.process().output();
  EXPECT_EQ(output, proxy.log_text()) << "the same documents";
  EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 2);
  const auto first = boost::json::parse(output.substr(0, output.find('\n')));
  EXPECT_EQ(first.at("schema"), 1);
  EXPECT_EQ(first.at("type"), "session");
  EXPECT_EQ(word(first, "/http/0/target"), "/?user=***&password=***");
  EXPECT_EQ(output.find("geheim"), std::string::npos) << "nowhere else either";
}

TEST_F(ProxyCommand, QueriesAreLoggedWhenAsked) {
  const Nginx nginx(credentials_);
  const ProxyProcess proxy(
      {"--backend", nginx.address(), "--trust", credentials_.root.string(), "--log-queries"});
  Visit visit = proxy.visit();
  visit.path = "/?user=me";
  ASSERT_EQ(curl(visit).exit_code, 0);
  EXPECT_EQ(word(proxy.session(), "/http/0/target"), "/?user=me");
}

TEST_F(ProxyCommand, QuietPrintsTheHeadlineOnly) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy({"--backend", nginx.address(), "--trust", credentials_.root.string()});
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  (void)proxy.session();
  EXPECT_EQ(proxy.stop(), 0);
  const std::string output = proxy.process().output();
  EXPECT_THAT(output, ::testing::StartsWith("healthy: "));
  EXPECT_THAT(output, ::testing::Not(HasSubstr("CLIENT LEG")));
  EXPECT_THAT(proxy.process().errors(),
              ::testing::StartsWith("listening on 127.0.0.1:" + std::to_string(proxy.port())));
}

}  // namespace
}  // namespace visavis::testing

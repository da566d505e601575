// Captures of the proxy's own that do not hold everything, read back: what is not there is nobody's
// fault. No finding comes of it, and nothing is said to have failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <csignal>
#include <fstream>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// How much is captured, and of which version.
struct Clipped {
  std::string name;
  std::vector<std::string> options;
};
void PrintTo(const Clipped& clipped, std::ostream* out) { *out << clipped.name; }

class ClippedCaptures : public ::testing::Test {
 protected:
  /// What is read out of the files, one after the other.
  [[nodiscard]] std::vector<Session> read(const std::vector<std::string>& files,
                                          int exit_code = 0) const {
    std::vector<std::string> words{"read", "--json", "--trust", credentials_.root.string()};
    words.insert(words.end(), files.begin(), files.end());
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.errors;
    const boost::json::value document = boost::json::parse(ran.output);
    const auto& sessions = document.at("sessions").as_array();
    return {sessions.begin(), sessions.end()};
  }
  [[nodiscard]] static std::vector<std::string> of_version(const Version& version) {
    return {"--tlsv" + version, "--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0"};
  }
  /// All that may be said of a session that went well, and of a part of one.
  static void expect_no_blame(const Session& session, const std::string& mode = "terminate") {
    EXPECT_EQ(word(session, "/mode"), mode);
    EXPECT_EQ(word(session, "/source"), "capture");
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_THAT(word(session, "/verdict/class"), AnyOf("healthy", "unknown"));
    EXPECT_NE(word(session, "/verdict/proxied"), "failed");
    EXPECT_NE(word(session, "/verdict/direct"), "failed");
  }

  TemporaryDirectory folder_;
  std::string file_ = (folder_.path() / "case.pcapng").string();
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

class ClippedCapturesOf : public ClippedCaptures,
                          public ::testing::WithParamInterface<std::tuple<Clipped, Version>> {};

TEST_P(ClippedCapturesOf, OfAHealthySessionBlameNobody) {
  const auto& [clipped, version] = GetParam();
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "data", std::ios::binary) << std::string(300'000, 'x');
  std::vector<std::string> options{"--capture", file_, "--twin", "always"};
  options.insert(options.end(), clipped.options.begin(), clipped.options.end());
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, options);
  Visit visit = proxy.visit();
  visit.path = "/data";
  std::vector<std::string> words = of_version(version);
  words.insert(words.end(), {"--output", (folder_.path() / "got").string()});
  ASSERT_EQ(curl(visit, words).exit_code, 0);
  const Session live = proxy.session();
  ASSERT_EQ(proxy.stop(), 0);
  EXPECT_THAT(findings(live), IsEmpty());
  const std::vector<Session> sessions = read({file_});
  ASSERT_EQ(sessions.size(), 1U);
  expect_no_blame(sessions[0]);
  EXPECT_EQ(word(sessions[0], "/id"), word(live, "/id"));
  EXPECT_EQ(verdict(sessions[0]), verdict(live));
  EXPECT_EQ(word(sessions[0], "/verdict/headline"), word(live, "/verdict/headline"));
  for (const std::string leg : {"client_leg", "backend_leg"})
    for (const std::string field : {"version", "cipher"})
      EXPECT_EQ(word(sessions[0], "/" + leg + "/established/" + field + "/name"),
                word(live, "/" + leg + "/established/" + field + "/name"));
}

/// What the proxy found is not lost with the bytes that it found it in, and what they are is not
/// told by that.
class FailuresIn : public ClippedCapturesOf {};

TEST_P(FailuresIn, ClippedCapturesAreWhatWasFoundLive) {
  const auto& [clipped, version] = GetParam();
  const PythonPeer backend(
      "ending_server.py",
      {credentials_.chain.string(), credentials_.key.string(), "short", "--max", version});
  std::vector<std::string> options{"--capture", file_, "--twin", "never"};
  options.insert(options.end(), clipped.options.begin(), clipped.options.end());
  if (clipped.name == "Snap") options[options.size() - 2] = "1500";
  ProxyProcess proxy(Mode::terminate, backend, credentials_, options);
  Visit visit = proxy.visit();
  visit.path = "/planted-path";
  EXPECT_EQ(curl(visit).exit_code, 18);
  // And one that refuses the proxy's certificate.
  Visit distrustful = proxy.visit();
  distrustful.trusted = credentials_.root;
  EXPECT_EQ(curl(distrustful).exit_code, 60);
  const auto lives = proxy.sessions_as_begun(2);
  const Session& live = lives[0];
  const Session& refused = lives[1];
  ASSERT_EQ(proxy.stop(), 0);
  EXPECT_EQ(findings(live), std::vector<std::string>{"truncation backend error proven"});
  const std::vector<Session> sessions = read({file_}, 1);
  ASSERT_EQ(sessions.size(), 2U);
  for (const auto& [read, was] : {std::pair(sessions[0], live), {sessions[1], refused}}) {
    EXPECT_EQ(findings(read), findings(was));
    EXPECT_EQ(verdict(read), verdict(was));
    EXPECT_EQ(word(read, "/verdict/headline"), word(was, "/verdict/headline"));
  }
  EXPECT_EQ(whole_text(file_).find("planted-path"), std::string::npos);
}

const auto kClipped =
    ::testing::Values(Clipped{"NoSecrets", {}}, Clipped{"HandshakesOnly", {"--handshakes-only"}},
                      Clipped{"HandshakesOnlyAndSecrets", {"--handshakes-only", "--secrets"}},
                      Clipped{"Snap", {"--snap-session", "8K", "--secrets"}});

std::string name_of(const ::testing::TestParamInfo<std::tuple<Clipped, Version>>& parameter) {
  std::string name = std::get<0>(parameter.param).name + std::get<1>(parameter.param);
  std::erase(name, '.');
  return name;
}

INSTANTIATE_TEST_SUITE_P(With, ClippedCapturesOf,
                         ::testing::Combine(kClipped, ::testing::Values("1.0", "1.2", "1.3")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(With, FailuresIn,
                         ::testing::Combine(kClipped, ::testing::Values("1.2", "1.3")), name_of);

/// A session that begins in one file and ends in the next.
TEST_F(ClippedCaptures, ThatRotatedBlameNobody) {
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "data", std::ios::binary) << std::string(400'000, 'x');
  const std::string at_exit = (folder_.path() / "exit.zip").string();
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     {"--capture", file_, "--secrets", "--capture-rotate", "300K:3", "--twin",
                      "always", "--bundle-on-exit", at_exit, "--include-secrets"});
  Visit visit = proxy.visit();
  visit.path = "/data";
  const std::vector<std::string> words{"--output", (folder_.path() / "got").string()};
  ASSERT_EQ(curl(visit, words).exit_code, 0);
  const Session live = proxy.session();
  const std::string id = word(live, "/id");
  ASSERT_EQ(proxy.stop(), 0);
  // Together they are the session, in whatever order they are named.
  const std::vector<std::string> names{"case.1.pcapng", "case.2.pcapng", "case.pcapng"};
  std::vector<std::string> all;
  for (const std::string& name : names) all.push_back((folder_.path() / name).string());
  const std::vector<Session> together = read(all);
  ASSERT_EQ(together.size(), 1U);
  EXPECT_EQ(word(together[0], "/id"), word(live, "/id"));
  EXPECT_EQ(verdict(together[0]), verdict(live));
  EXPECT_THAT(findings(together[0]), IsEmpty());
  EXPECT_EQ(word(together[0], "/bytes/backend_to_client"), word(live, "/bytes/backend_to_client"));
  // And so they are in a bundle, and in the one that the proxy made itself.
  const std::string reported = (folder_.path() / "case.zip").string();
  std::vector<std::string> words_of_report{
      "report", "--trust", credentials_.root.string(), "--include-secrets", "-o", reported};
  words_of_report.insert(words_of_report.end(), all.begin(), all.end());
  ASSERT_EQ(visavis(words_of_report).exit_code, 0);
  for (const std::string& bundle : {reported, at_exit}) {
    SCOPED_TRACE(bundle);
    const std::string unpacked = bundle + ".d";
    ASSERT_EQ(run({{"unzip", "-q", bundle, "-d", unpacked}}).exit_code, 0);
    const std::vector<Session> bundled = read({unpacked + "/capture.pcapng"});
    ASSERT_EQ(bundled.size(), 1U);
    EXPECT_EQ(word(bundled[0], "/id"), word(live, "/id"));
    EXPECT_EQ(verdict(bundled[0]), verdict(live));
    EXPECT_THAT(findings(bundled[0]), IsEmpty());
    EXPECT_EQ(word(bundled[0], "/bytes/backend_to_client"), word(live, "/bytes/backend_to_client"));
  }
  // One that is cut is named, and the others are read all the same.
  const std::string cut = (folder_.path() / "case.2.pcapng").string();
  const std::string whole = whole_text(cut);
  std::ofstream(cut, std::ios::binary) << whole.substr(0, whole.size() - 1000);
  std::vector<std::string> words_of_read{"read", "--json", "--trust", credentials_.root.string()};
  words_of_read.insert(words_of_read.end(), all.begin(), all.end());
  const Ran damaged = visavis(words_of_read);
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_THAT(damaged.errors, HasSubstr(cut));
  EXPECT_THAT(damaged.errors, HasSubstr("the file ends in a block"));
  const boost::json::value document = boost::json::parse(damaged.output);
  EXPECT_EQ(document.at("sessions").as_array().size(), 2U);
  std::ofstream(cut, std::ios::binary) << whole;
  std::size_t parts = 0;
  for (const std::string& file : all) {
    SCOPED_TRACE(file);
    for (const Session& session : read({file})) {
      // A file that shows neither its first packet nor its last does not say whose it is.
      const bool nobodys = word(session, "/id").starts_with("tcp-");
      expect_no_blame(session, nobodys ? "observed" : "terminate");
      if (!nobodys) {
        EXPECT_EQ(word(session, "/id"), id);
      }
      ++parts;
    }
  }
  EXPECT_GE(parts, 2U);
}

/// Before the session has ended: neither its verdict nor its note is there.
TEST_F(ClippedCaptures, OfAProxyThatWasKilledBlameNobody) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, {"--capture", file_, "--secrets"});
  const Spoken spoken = curl(proxy.visit());
  ASSERT_EQ(spoken.exit_code, 0) << spoken.errors;
  EXPECT_TRUE(wait_until([&] { return whole_text(file_).find(": healthy: ") != std::string::npos; },
                         Milliseconds(5000)));
  proxy.process().signal(SIGKILL);
  ASSERT_EQ(proxy.process().wait(), 128 + SIGKILL);
  // As it was a moment before: cut at the beginning of the first verdict's packet.
  const std::string whole = whole_text(file_);
  const std::size_t verdict = whole.find(": healthy: ");
  ASSERT_NE(verdict, std::string::npos);
  const std::string cut = (folder_.path() / "cut.pcapng").string();
  std::ofstream(cut, std::ios::binary) << whole.substr(0, verdict);
  const Ran ran = visavis({"read", "--json", "--trust", credentials_.root.string(), cut});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.errors, HasSubstr("the file ends in a block"));
  const boost::json::value document = boost::json::parse(ran.output);
  ASSERT_EQ(document.at("sessions").as_array().size(), 1U);
  expect_no_blame(document.at("sessions").as_array()[0]);
}

}  // namespace
}  // namespace visavis::testing

// `visavis read` of what other people's programs said to each other and dumpcap captured, on this
// machine's loopback: no part of it is ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <csignal>
#include <optional>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kFindingOfError = 1;

/// Capturing is dumpcap on the loopback interface, which takes root or CAP_NET_RAW.
class Capturing {
 public:
  Capturing(const std::filesystem::path& file, std::uint16_t port)
      : file_(file),
        process_(Command{{"dumpcap", "-i", "lo", "-f", "tcp port " + std::to_string(port), "-w",
                          file.string()}}) {
    (void)process_.wait_for("File: ");
  }

  /// stop waits until `done` holds for the sessions that are in the file so far.
  template <class Done>
  boost::json::value stop(std::vector<std::string> options, Done done) {
    options.insert(options.begin(), {"read", "--json"});
    options.push_back(file_.string());
    std::optional<boost::json::value> document;
    const bool there = wait_until([&] {
      const Ran ran = visavis(options);
      boost::system::error_code error;
      document = boost::json::parse(ran.output, error);
      return !error && done(document->at("sessions").as_array());
    });
    EXPECT_TRUE(there) << process_.errors();
    process_.signal(SIGINT);
    EXPECT_EQ(process_.wait(), 0) << process_.errors();
    const Ran ran = visavis(options);
    exit_code_ = ran.exit_code;
    return boost::json::parse(ran.output);
  }

  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  std::filesystem::path file_;
  Process process_;
  int exit_code_ = -1;
};

/// A container may keep even root from it.
bool may_capture() {
  const int socket = ::socket(AF_PACKET, SOCK_RAW, 0);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

class LoopbackCapture : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_capture()) GTEST_SKIP() << "to capture on loopback takes CAP_NET_RAW";
  }

  TemporaryDirectory folder_;
  std::filesystem::path file_ = folder_.path() / "lo.pcapng";
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// Both have closed.
bool is_over(const Session& session) {
  return word(session, "/direct_leg/capture/end_missing") == "false";
}

TEST_F(LoopbackCapture, OfNginxAndCurlIsWhatTheySay) {
  const Nginx nginx(credentials_);
  const std::string key_log = (folder_.path() / "keys").string();
  Capturing capturing(file_, nginx.port());
  Command command = curl_command({nginx.port(), credentials_.root}, {"--http1.1"});
  command.environment.push_back("SSLKEYLOGFILE=" + key_log);
  const Ran ran = run(command);
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_THAT(ran.output, ::testing::HasSubstr("hello from nginx"));
  const auto document = capturing.stop(
      {"--keylog", key_log, "--trust", credentials_.root.string()},
      [](const auto& sessions) { return sessions.size() == 1 && is_over(sessions[0]); });
  EXPECT_EQ(capturing.exit_code(), 0);
  EXPECT_TRUE(document.at("problems").as_array().empty());
  EXPECT_TRUE(document.at("not_read").as_array().empty());
  const Session& session = document.at("sessions").at(0);
  EXPECT_EQ(word(session, "/source"), "capture");
  EXPECT_EQ(word(session, "/mode"), "observed");
  EXPECT_EQ(word(session, "/sni"), kHost);
  EXPECT_EQ(word(session, "/backend"), "127.0.0.1:" + std::to_string(nginx.port()));
  EXPECT_EQ(verdict(session), "healthy proxied none direct ok by passthrough");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(word(session, "/client_leg") + word(session, "/backend_leg"), "nullnull");
  EXPECT_EQ(word(session, "/direct_leg/outcome"), "established");
  // What nginx logs of it: "PROTOCOL CIPHER CURVE STATUS BYTES".
  const std::vector<std::string> logged = nginx.request(1);
  ASSERT_TRUE(logged.at(0).starts_with("TLSv"));
  EXPECT_EQ(word(session, "/direct_leg/established/version/name"), "TLS " + logged.at(0).substr(4));
  EXPECT_EQ(word(session, "/direct_leg/established/cipher/name"), logged.at(1));
  EXPECT_EQ(word(session, "/direct_leg/established/alpn"), "http/1.1");
  EXPECT_EQ(word(session, "/direct_leg/certificates/0/problems"), "[]");
  EXPECT_EQ(word(session, "/direct_leg/chain/trusted"), "true");
  EXPECT_EQ(word(session, "/direct_leg/capture/lost"), R"({"c2s":0,"s2c":0})");
  // nginx says so, too, unless the client's FIN was there before.
  EXPECT_THAT(alerts(session, "direct_leg"),
              ::testing::AnyOf(ElementsAre("client warning 0"),
                               ElementsAre("client warning 0", "backend warning 0")));
  ASSERT_EQ(session.at("http").as_array().size(), 1U);
  EXPECT_EQ(word(session, "/http/0/method"), "GET");
  EXPECT_EQ(word(session, "/http/0/target"), "/");
  EXPECT_EQ(word(session, "/http/0/status"), logged.at(3));
  EXPECT_EQ(word(session, "/http/0/content_type"), "text/plain");
  EXPECT_EQ(word(session, "/http/0/response_bytes"), "17");
}

/// A port on which TLS was spoken before: the backend is stopped, and its client tries again.
TEST_F(LoopbackCapture, ARefusedConnectionIsTheBackendsFault) {
  std::optional<Nginx> nginx(std::in_place, credentials_);
  const std::uint16_t port = nginx->port();
  Capturing capturing(file_, port);
  ASSERT_EQ(curl({port, credentials_.root}).exit_code, 0);
  nginx.reset();
  constexpr int kCouldNotConnect = 7;  // curl's own number
  const Spoken refused = curl({port, credentials_.root});
  ASSERT_EQ(refused.exit_code, kCouldNotConnect) << refused.errors;
  const auto document = capturing.stop({"--trust", credentials_.root.string()},
                                       [](const auto& sessions) { return sessions.size() == 2; });
  EXPECT_EQ(capturing.exit_code(), kFindingOfError);
  EXPECT_THAT(findings(document.at("sessions").at(0)), IsEmpty());
  const Session& session = document.at("sessions").at(1);
  EXPECT_THAT(findings(session), ElementsAre("backend-unreachable backend error proven"));
  EXPECT_EQ(verdict(session), "unknown proxied none direct unknown by none");
  EXPECT_EQ(word(session, "/verdict/headline").find("127.0.0.1") != std::string::npos, false);
  EXPECT_EQ(word(session, "/direct_leg/reached"), "none");
  EXPECT_EQ(word(session, "/direct_leg/events/1/what"), "connection refused");
}

}  // namespace
}  // namespace visavis::testing

// --har: the HTTP exchanges as a HAR document, checked by a script that knows the format and
// nothing of us.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sstream>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kBadOptions = 2;

/// What har_check.py lists of a file; "not HAR: ..." when it is none.
std::vector<std::string> entries_of(const std::string& file) {
  const Ran ran = run({python("har_check.py", {file})});
  if (ran.exit_code != 0) return {"not HAR: " + ran.errors};
  std::vector<std::string> lines;
  std::istringstream text(ran.output);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

const std::string kAgreed = " TLS 1.3 TLS_AES_256_GCM_SHA384 ";

class Har : public ::testing::Test {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  Nginx nginx_{credentials_, {.http2 = true}};
  std::string file_ = (folder_.path() / "run.har").string();

  static void ask(const ProxyProcess& proxy, std::vector<std::string> options) {
    const Spoken spoken = curl(proxy.visit(), std::move(options));
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  }
};

TEST_F(Har, HasTheRequestsOfBothProtocols) {
  ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--har", file_});
  ask(proxy, {"--http1.1"});
  (void)proxy.sessions(1);
  ask(proxy, {"--http2"});
  (void)proxy.sessions(2);
  ask(proxy, {"--http1.1", "--data", "a=b"});
  (void)proxy.sessions(3);
  EXPECT_EQ(proxy.stop(), 0);
  EXPECT_THAT(entries_of(file_),
              ElementsAre("GET / HTTP/1.1 200 17 text/plain 127.0.0.1 connected" + kAgreed +
                              "http/1.1 healthy whole",
                          "GET / HTTP/2 200 17 text/plain 127.0.0.1 connected" + kAgreed +
                              "h2 healthy whole",
                          "POST / HTTP/1.1 200 17 text/plain 127.0.0.1 connected" + kAgreed +
                              "http/1.1 healthy whole"));
}

TEST_F(Har, OnlyTheFirstRequestOfAConnectionWaitedForIt) {
  ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--har", file_});
  const std::string again =
      "https://" + std::string(kHost) + ":" + std::to_string(proxy.port()) + "/missing?user=secret";
  ask(proxy, {"--http1.1", again});
  (void)proxy.session();
  EXPECT_EQ(proxy.stop(), 0);
  std::vector<std::string> entries = entries_of(file_);
  ASSERT_EQ(entries.size(), 2U) << entries.front();
  EXPECT_THAT(entries[0], HasSubstr("GET /missing HTTP/1.1 404 "));
  EXPECT_THAT(entries[0], HasSubstr(" connected "));
  EXPECT_THAT(entries[1], HasSubstr("GET / HTTP/1.1 200 "));
  EXPECT_THAT(entries[1], HasSubstr(" reused "));
  EXPECT_THAT(whole_text(file_), HasSubstr("?user=***"));
  EXPECT_EQ(whole_text(file_).find("secret"), std::string::npos);
}

/// It is a whole document at any time, and stays one however the process ends.
TEST_F(Har, IsWholeHoweverTheProcessEnds) {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    ProxyProcess proxy(Mode::terminate, nginx_, credentials_, {"--har", file_});
    EXPECT_EQ(entries_of(file_).size(), 0U);
    ask(proxy, {"--http1.1"});
    ask(proxy, {"--http1.1"});
    (void)proxy.sessions(2);
    // The log is written first.
    EXPECT_TRUE(wait_until([&] { return entries_of(file_).size() == 2; })) << signal;
    proxy.process().signal(signal);
    EXPECT_TRUE(proxy.process().wait());
    EXPECT_EQ(entries_of(file_).size(), 2U) << signal;
  }
}

TEST_F(Har, FilesThatCantBeUsedAreRefusedAtOnce) {
  const std::string log = (folder_.path() / "log.jsonl").string();
  const auto errors = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"proxy", "--listen", "127.0.0.1:0", "--backend", "127.0.0.1:9"});
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, kBadOptions);
    return ran.errors;
  };
  EXPECT_EQ(errors({"--har", "/nowhere/a.har"}),
            "visavis: --har /nowhere/a.har: can't be written: No such file or directory\n");
  EXPECT_EQ(errors({"--har", "/dev/null"}),
            "visavis: --har /dev/null: is no file on a disk, and its end has to be written again "
            "and again\n");
  EXPECT_EQ(errors({"--har", log, "--log", log}),
            "visavis: --har: " + log + " is the --log file; one would destroy the other\n");
}

/// By another name, through links, and of files that are only read.
TEST_F(Har, NoFileIsWrittenTwice) {
  const std::string log = folder_.write("log.jsonl", "").string();
  const std::string link = (folder_.path() / "link.pcapng").string();
  const std::string hard = (folder_.path() / "hard.pcapng").string();
  std::filesystem::create_symlink("log.jsonl", link);
  std::filesystem::create_hard_link(log, hard);
  const std::string dotted = (folder_.path() / "." / "log.jsonl").string();
  const auto errors = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"proxy", "--listen", "127.0.0.1:0", "--backend", "127.0.0.1:9"});
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, kBadOptions);
    return ran.errors;
  };
  const auto expected = [](const std::string& option, const std::string& file,
                           const std::string& other) {
    return "visavis: " + option + ": " + file + " is the " + other +
           " file; one would destroy the other\n";
  };
  for (const std::string& name : {link, hard, dotted, log})
    EXPECT_EQ(errors({"--log", log, "--capture", name}), expected("--capture", name, "--log"));
  EXPECT_EQ(errors({"--keylog", log, "--capture", log}), expected("--capture", log, "--keylog"));
  EXPECT_EQ(errors({"--har", log, "--capture", log}), expected("--capture", log, "--har"));
  EXPECT_EQ(errors({"--keylog", log, "--log", log}), expected("--keylog", log, "--log"));
  EXPECT_EQ(errors({"--trust", log, "--capture", log}), expected("--capture", log, "--trust"));
  EXPECT_EQ(errors({"--trust", "name=" + log, "--log", log}), expected("--log", log, "--trust"));
  const std::string capture = (folder_.path() / "c.pcapng").string();
  const std::string rotated = (folder_.path() / "c.2.pcapng").string();
  EXPECT_EQ(errors({"--capture", capture, "--capture-rotate", "1M:3", "--log", rotated}),
            "visavis: --capture-rotate: " + rotated +
                " is the --log file; the capture would be renamed onto it\n");
}

TEST_F(Har, ReadingACaptureNeverOverwritesIt) {
  const std::string capture = folder_.write("some.pcap", "no capture").string();
  const Ran ran = visavis({"read", "--har", capture, capture});
  EXPECT_EQ(ran.exit_code, kBadOptions);
  EXPECT_EQ(ran.errors,
            "visavis: --har: " + capture + " is the capture file; one would destroy the other\n");
  EXPECT_EQ(whole_text(capture), "no capture");
}

}  // namespace
}  // namespace visavis::testing

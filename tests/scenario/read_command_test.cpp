// `visavis read`: captures of other people's programs become the reports that a live run gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "inspect/report/json_reader.h"
#include "inspect/report/text_report.h"
#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kFindingOfError = 1;
constexpr int kBadOptions = 2;
constexpr int kCouldNotWork = 3;

std::string capture(const std::string& name) {
  return std::string(VISAVIS_SOURCE_DIR) + "/tests/data/captures/pcap/" + name;
}

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

boost::json::value read_json(std::vector<std::string> words, int exit_code) {
  words.insert(words.begin(), {"read", "--json"});
  const Ran ran = visavis(words);
  EXPECT_EQ(ran.exit_code, exit_code) << ran.errors;
  return boost::json::parse(ran.output);
}

std::vector<std::string> findings_of(const boost::json::value& session) {
  std::vector<std::string> lines;
  for (const auto& finding : session.at("findings").as_array())
    lines.push_back(std::string(finding.at("id").as_string()) + ' ' +
                    std::string(finding.at("side").as_string()) + ' ' +
                    std::string(finding.at("severity").as_string()) + ' ' +
                    std::string(finding.at("confidence").as_string()));
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// Network Monitor's own format gives the same report as the pcap that it was made of.
TEST(ReadCommand, ReadsNetworkMonitorsFormat) {
  for (const std::string name : {"zeek__tls-expired-cert.pcap", "mercury__tlsv1_3.pcap"}) {
    const TemporaryDirectory folder;
    const std::string file = (folder.path() / "trace.cap").string();
    const Ran converted = run({{"editcap", "-F", "netmon2", capture(name), file}, "", {"TZ=UTC"}});
    ASSERT_EQ(converted.exit_code, 0) << converted.errors;
    ASSERT_THAT(bytes_of(file), StartsWith("GMBU"));
    const Ran as_pcap = visavis({"read", capture(name)});
    const Ran ran = visavis({"read", file});
    EXPECT_EQ(ran.exit_code, as_pcap.exit_code);
    EXPECT_EQ(ran.errors, "");
    EXPECT_THAT(ran.output, HasSubstr("session tcp-0"));
    EXPECT_EQ(ran.output, as_pcap.output);
  }
}

/// Of what nobody looked into it is not said that it has no TLS.
TEST(ReadCommand, NamesALinkLayerThatIsNotRead) {
  const TemporaryDirectory folder;
  const std::string wlan = (folder.path() / "wlan.pcap").string();
  const Ran converted = run({{"editcap", "-F", "pcap", "-T", "ieee-802-11-radiotap",
                              capture("zeek__tls-expired-cert.pcap"), wlan}});
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const Ran ran = visavis({"read", wlan});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.output,
            "READ: 0 sessions in 49 packets; not read: 49 of a link layer that is not read (type "
            "127)\n");
  const std::string usb = (folder.path() / "usb.pcap").string();
  ASSERT_EQ(run({{"editcap", "-F", "pcap", "-T", "usb-linux", wlan, usb}}).exit_code, 0);
  EXPECT_EQ(visavis({"read", wlan, usb}).output,
            "READ: 0 sessions in 98 packets; not read: 98 of a link layer that is not read (type "
            "127 and others)\n");
  const std::string both = (folder.path() / "both.pcapng").string();
  ASSERT_EQ(run({{"mergecap", "-w", both, wlan, usb}}).exit_code, 0);
  const auto mixed = read_json({both}, 0).at("not_read").at(0);
  EXPECT_EQ(mixed.at("unread_link_packets"), 98);
  EXPECT_EQ(mixed.at("other_link_types"), true);
  const auto document = read_json({wlan, capture("zeek__tls-expired-cert.pcap")}, kFindingOfError);
  EXPECT_EQ(document.at("sessions").as_array().size(), 2U);
  EXPECT_EQ(document.at("packets"), 98);
  const boost::json::value expected{
      {"protocol", "other"}, {"packets", 49}, {"unread_link_packets", 49}, {"link_type", 127}};
  EXPECT_EQ(document.at("not_read"), boost::json::array{expected});
}

TEST(ReadCommand, ACertificateIsJudgedAtTheCapturesTime) {
  const auto document = read_json({capture("zeek__tls-expired-cert.pcap")}, kFindingOfError);
  EXPECT_EQ(document.at("schema"), 1);
  EXPECT_EQ(document.at("type"), "capture");
  EXPECT_EQ(document.at("packets"), 49);
  EXPECT_TRUE(document.at("problems").as_array().empty());
  ASSERT_EQ(document.at("sessions").as_array().size(), 2U);
  const auto& session = document.at("sessions").at(0);
  EXPECT_EQ(session.at("source"), "capture");
  EXPECT_EQ(session.at("mode"), "observed");
  EXPECT_EQ(session.at("id"), "tcp-0");
  EXPECT_EQ(session.at("client"), "192.168.4.149:60539");
  EXPECT_EQ(session.at("backend"), "87.98.220.10:443");
  EXPECT_TRUE(session.at("client_leg").is_null() && session.at("backend_leg").is_null());
  EXPECT_EQ(session.at("verdict").at("class"), "healthy");
  EXPECT_EQ(session.at("direct_leg").at("established").at("version").at("name"), "TLS 1.0");
  EXPECT_EQ(session.at("findings").at(0).at("title"),
            "The backend's certificate expired 8 days ago");
  // Somebody else's clock of today would have the intermediate expired, too.
  const std::vector<std::string> expected{
      "dh-too-small backend warning proven", "expired backend error proven",
      "untrusted-root backend error likely", "weak-signature backend error proven"};
  EXPECT_EQ(findings_of(session), expected);
}

TEST(ReadCommand, TheTextIsRenderedFromTheJson) {
  const std::string file = capture("zeek__hrr.pcap");
  const Ran text = visavis({"read", "--color", "never", file});
  const auto document = read_json({file}, text.exit_code);
  std::string rendered;
  for (const auto& session : document.at("sessions").as_array()) {
    std::string problem;
    const auto report = inspect::read_session_json(boost::json::serialize(session), &problem);
    ASSERT_TRUE(report) << problem;
    rendered += inspect::render_text(*report, {});
  }
  EXPECT_THAT(text.output, StartsWith(rendered));
  EXPECT_THAT(text.output, HasSubstr("READ: 1 session in "));
}

TEST(ReadCommand, StandardInputIsAFile) {
  const std::string file = capture("zeek__irc-starttls.pcap");
  const Ran by_name = visavis({"read", "--color", "never", file});
  const Ran piped = run({{visavis_program(), "read", "--color", "never", "-"}, bytes_of(file)});
  EXPECT_EQ(piped.exit_code, by_name.exit_code);
  EXPECT_EQ(piped.output, by_name.output);
  EXPECT_THAT(piped.output,
              HasSubstr("IRC before TLS: 10 bytes from the client, 74 from the backend"));
}

TEST(ReadCommand, ACutCaptureIsReportedUpToTheCut) {
  const TemporaryDirectory folder;
  const std::string whole = bytes_of(capture("zeek__tls-expired-cert.pcap"));
  const std::string file = folder.write("cut.pcap", whole.substr(0, whole.size() - 10)).string();
  const Ran ran = visavis({"read", "--quiet", "--color", "never", file});
  EXPECT_EQ(ran.exit_code, kCouldNotWork);
  EXPECT_THAT(ran.output, HasSubstr("192.168.4.149:60539 -> 87.98.220.10:443"));
  EXPECT_EQ(std::count(ran.errors.begin(), ran.errors.end(), '\n'), 1) << ran.errors;
  EXPECT_THAT(ran.errors, StartsWith("visavis: " + file + ", byte "));
  EXPECT_THAT(ran.errors, HasSubstr("the file ends in a packet: "));
  const auto document = read_json({file}, kCouldNotWork);
  EXPECT_EQ(document.at("sessions").as_array().size(), 2U);
  EXPECT_EQ(document.at("problems").at(0).at("file"), file.c_str());
  EXPECT_TRUE(document.at("problems").at(0).at("byte").is_int64());
}

TEST(ReadCommand, WhatIsNoCaptureIsNamed) {
  const TemporaryDirectory folder;
  const std::string file = folder.write("log.jsonl", "{\"schema\":1}\n").string();
  const Ran ran = visavis({"read", file, folder.path().string() + "/absent.pcap"});
  EXPECT_EQ(ran.exit_code, kCouldNotWork);
  EXPECT_EQ(ran.errors, "visavis: " + file + ", byte 0: no capture, but JSON text\nvisavis: " +
                            folder.path().string() + "/absent.pcap: No such file or directory\n");
}

/// Arguments: a capture, a program and its arguments. The program gets the capture on its standard
/// input, which then fails: a socket that is closed before all that was sent to it was read.
constexpr const char* kReadingFromASocketThatIsReset = R"(
import socket, subprocess, sys
ours, theirs = socket.socketpair()
theirs.sendall(b'unread')
ours.sendall(open(sys.argv[1], 'rb').read())
ours.close()
sys.exit(subprocess.run(sys.argv[2:], stdin=theirs).returncode)
)";

/// As a file on a network disk may.
TEST(ReadCommand, WhatWasReadBeforeAFailureIsReported) {
  const std::string file = capture("zeek__tls-expired-cert.pcap");
  const Ran ran = run({{"python3", "-c", kReadingFromASocketThatIsReset, file, visavis_program(),
                        "read", "--color", "never", "-"}});
  EXPECT_EQ(ran.exit_code, kCouldNotWork);
  EXPECT_EQ(ran.errors, "visavis: standard input: Connection reset by peer\n");
  const Ran whole = visavis({"read", "--color", "never", file});
  EXPECT_EQ(ran.output, whole.output + "  standard input: Connection reset by peer\n");
}

TEST(ReadCommand, FiltersChooseSessions) {
  const std::vector<std::string> files{capture("zeek__tls-expired-cert.pcap"),
                                       capture("zeek__hrr.pcap"),
                                       capture("arkime__openssl-ssl3.pcap")};
  const auto chosen = [&files](std::vector<std::string> words) {
    words.insert(words.begin(), {"read", "--json"});
    words.insert(words.end(), files.begin(), files.end());
    const auto document = boost::json::parse(visavis(words).output);
    std::vector<std::string> ids;
    for (const auto& session : document.at("sessions").as_array())
      ids.emplace_back(session.at("id").as_string());
    return ids;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(chosen({}), (Ids{"tcp-0", "tcp-1", "2-tcp-0", "3-tcp-0"}));
  EXPECT_EQ(chosen({"--filter", "finding=expired"}), Ids{"tcp-0"});
  EXPECT_EQ(chosen({"--filter", "version=1.3"}), Ids{"2-tcp-0"});
  EXPECT_EQ(chosen({"--session", "3-tcp-0"}), Ids{"3-tcp-0"});
  // What was not chosen is counted, so that nobody believes it was not there.
  const Ran none = visavis({"read", "--session", "tcp-7", files[0]});
  EXPECT_THAT(none.output, StartsWith("READ: 0 of 2 sessions in 49 packets"));
  const Ran one = visavis({"read", "--json", "--filter", "finding=expired", files[0]});
  EXPECT_EQ(boost::json::parse(one.output).at("sessions_not_shown"), 1);
  const Ran wrong = visavis({"read", "--filter", "colour=red", files[0]});
  EXPECT_EQ(wrong.exit_code, kBadOptions);
  EXPECT_THAT(wrong.errors, StartsWith("visavis: --filter: no key 'colour'; there are name,"));
  // A value that no session can have is an error, too.
  for (const auto& [condition, line] :
       {std::pair("finding=no-common-versoin", "no finding; did you mean no-common-version"),
        {"verdict=fail",
         "no verdict; there are healthy, fails-direct, proxy-introduces, proxy-masks, fails-both, "
         "unknown"},
        {"port=x", "no port: 0 to 65535"},
        {"port=65536", "no port: 0 to 65535"}}) {
    const Ran refused = visavis({"read", "--filter", condition, files[0]});
    EXPECT_EQ(refused.exit_code, kBadOptions) << condition;
    EXPECT_EQ(refused.errors, "visavis: --filter: " + std::string(condition) + ": " + line + "\n");
  }
}

}  // namespace
}  // namespace visavis::testing

// Connections of a capture that did not come about.
#include <gtest/gtest.h>
#include <initializer_list>

#include "inspect/capture/capture_sessions.h"
#include "inspect/transcript/event.h"
#include "tests/support/packet_builder.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;

/// Asked is a packet of a connection from `client_port` to `server_port`.
struct Asked {
  std::string flags;
  bool from_client = true;
  std::uint16_t client_port = 1000;
  std::uint16_t server_port = 443;
  ByteVector payload{};
};

/// Packets come a second apart.
std::vector<CapturedSession> read(const std::vector<Asked>& packets) {
  std::vector<CapturedSession> found;
  CaptureSessions sessions([&](CapturedSession session) { found.push_back(std::move(session)); });
  std::uint64_t number = 0;
  for (const Asked& each : packets) {
    const bool opens = each.flags == "S";
    const ByteVector frame =
        test::tcp_frame({.from_client = each.from_client,
                         .sequence = each.from_client ? (opens ? 100U : 101U)
                                                      : (each.flags == "SA" ? 5000U : 5001U),
                         .acknowledged = opens ? 0U : (each.from_client ? 5001U : 101U),
                         .flags = each.flags,
                         .payload = each.payload,
                         .client_port = each.client_port,
                         .server_port = each.server_port});
    ++number;
    sessions.add({.link_type = 1,
                  .bytes = Bytes(frame),
                  .original_length = frame.size(),
                  .time_ns = static_cast<std::int64_t>(number) * 1'000'000'000,
                  .number = number});
  }
  sessions.finish();
  return found;
}

std::vector<std::string> events_of(const CapturedSession& session) {
  std::vector<std::string> lines;
  for (const Event& event : session.transcript.events)
    lines.push_back(std::string(event.note) + " by " +
                    (event.sender == Party::client ? "client" : "backend") + " at " +
                    std::to_string(event.t_us));
  return lines;
}

ByteVector client_hello() {
  const test::HelloBytes hello{.extensions = {test::server_name("www.example.com")}};
  return test::record(22, 0x0301, hello.message());
}

TEST(NotReached, ARefusedSynIsASession) {
  const auto sessions = read({{"S"}, {"RA", false}});
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].transcript.from, "10.0.0.1:1000");
  EXPECT_EQ(sessions[0].transcript.to, "10.0.0.2:443");
  EXPECT_EQ(
      events_of(sessions[0]),
      (std::vector<std::string>{"SYN by client at 0", "connection refused by backend at 1000000"}));
  EXPECT_EQ(sessions[0].duration_us, 1'000'000);
  EXPECT_FALSE(sessions[0].transcript.capture->gap());
  EXPECT_FALSE(sessions[0].transcript.client_hello);
}

/// Windows asks three times, even after RST.
TEST(NotReached, TriesAgainAreOneSession) {
  EXPECT_EQ(read({{"S"}, {"RA", false}, {"S"}, {"RA", false}, {"S"}, {"RA", false}}).size(), 1U);
  EXPECT_EQ(read({{"S"}, {"RA", false}, {"S", true, 1001}, {"RA", false, 1001}}).size(), 2U);
}

TEST(NotReached, SilenceIsOneAfterSeveralSyns) {
  EXPECT_TRUE(read({{"S"}}).empty());
  EXPECT_TRUE(read({{"S"}, {"S"}}).empty()) << "the answer may have come after the capture's end";
  const auto sessions = read({{"S"}, {"S"}, {"S"}});
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(events_of(sessions[0]),
            (std::vector<std::string>{"SYN by client at 0",
                                      "no answer to the dial by backend at 2000000"}));
  EXPECT_FALSE(sessions[0].transcript.capture->gap());
}

/// Where only the client's packets were captured, it goes on as if it had been answered.
TEST(NotReached, AClientThatGoesOnWasAnswered) {
  EXPECT_TRUE(read({{"S"}, {"S"}, {"S"}, {"A"}}).empty());
  EXPECT_TRUE(read({{"S"}, {"SA", false}, {"RA", false}}).empty());
  EXPECT_TRUE(read({{"S"}, {"RA"}}).empty()) << "given up by the client itself";
  EXPECT_TRUE(read({{"RA", false}}).empty());
}

TEST(NotReached, OnlyWhereTlsWasToBeExpected) {
  EXPECT_TRUE(read({{"S", true, 1000, 80}, {"RA", false, 1000, 80}}).empty());
  for (const std::uint16_t port : std::initializer_list<std::uint16_t>{
           443, 465, 636, 990, 993, 995, 3269, 4443, 5671, 8443, 8883, 9443})
    EXPECT_EQ(read({{"S", true, 1000, port}, {"RA", false, 1000, port}}).size(), 1U) << port;
  for (const std::uint16_t port :
       std::initializer_list<std::uint16_t>{0, 22, 25, 442, 444, 3389, 5432, 8080, 9444, 65535})
    EXPECT_TRUE(read({{"S", true, 1000, port}, {"RA", false, 1000, port}}).empty()) << port;
}

TEST(NotReached, OrWhereItWasSpokenBefore) {
  const std::vector<Asked> spoken{{"S", true, 1000, 5555},
                                  {"SA", false, 1000, 5555},
                                  {"A", true, 1000, 5555, client_hello()},
                                  {"RA", true, 1000, 5555}};
  std::vector<Asked> packets = spoken;
  // Two seconds later the first is over.
  for (int i = 0; i < 3; ++i) packets.push_back({"S", true, 2000, 80});
  packets.push_back({"S", true, 1001, 5555});
  packets.push_back({"RA", false, 1001, 5555});
  const auto sessions = read(packets);
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[1].transcript.from, "10.0.0.1:1001");
  EXPECT_EQ(sessions[1].transcript.to, "10.0.0.2:5555");
  EXPECT_EQ(read(spoken).size(), 1U);
}

}  // namespace
}  // namespace visavis::inspect

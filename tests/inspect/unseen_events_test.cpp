#include "inspect/transcript/unseen_events.h"

#include <gtest/gtest.h>

#include "inspect/transcript/transcript_builder.h"

namespace visavis::inspect {
namespace {

constexpr std::uint8_t kAlertRecord[] = {21, 3, 3, 0, 2, 2, 40};

/// What the transcript looks like in a report: order, numbers, words.
std::string shown(const Transcript& transcript) {
  std::string text;
  for (const Event& event : transcript.events)
    text += std::to_string(event.i) + ' ' + std::string(name(event.sender)) + ' ' +
            std::string(describe(event)) + '\n';
  return text + transcript.history;
}

/// A client that went silent behind its alert.
TranscriptBuilder client_leg(bool live) {
  TranscriptBuilder builder(LegKind::client_leg);
  builder.observe_connected(0, Party::client, std::nullopt);
  if (live) builder.observe_close(5, Party::proxy, CloseHow::timeout);
  builder.observe_wire(10, Direction::c2s, kAlertRecord);
  builder.observe_close(20, Party::proxy, CloseHow::fin);
  builder.observe_close(30, Party::client, CloseHow::fin);
  return builder;
}

TEST(UnseenEvents, AreWhatThePacketsDoNotShow) {
  const TranscriptBuilder live = client_leg(true);
  const auto unseen = unseen_events(live.transcript());
  EXPECT_EQ(unseen, (std::vector<UnseenEvent>{{5, Party::proxy, true, "timeout", 0}}));
  TranscriptBuilder read = client_leg(false);
  EXPECT_TRUE(unseen_events(read.transcript()).empty());
  put_back(unseen, read.transcript());
  EXPECT_EQ(shown(read.transcript()), shown(live.transcript()));
  ASSERT_EQ(read.transcript().alerts.size(), 1U);
  EXPECT_EQ(read.transcript().alerts[0].event, live.transcript().alerts[0].event);
  EXPECT_EQ(read.transcript().close->how, CloseHow::timeout);
  EXPECT_EQ(read.transcript().event_count, live.transcript().event_count);
}

TEST(UnseenEvents, OfADialThatFailed) {
  TranscriptBuilder live(LegKind::direct_leg);
  live.observe_tcp(0, Party::client, tcp_note::kConnected);
  live.observe_wire(3, Direction::c2s, kAlertRecord);
  live.observe_tcp(7, Party::backend, tcp_note::kRefused);
  TranscriptBuilder read(LegKind::direct_leg);
  read.observe_connected(2, Party::proxy, 1);
  read.observe_wire(3, Direction::c2s, kAlertRecord);
  forget_connection(read.transcript());
  EXPECT_EQ(read.transcript().reached, Reached::none);
  put_back(unseen_events(live.transcript()), read.transcript());
  EXPECT_EQ(shown(read.transcript()), shown(live.transcript()));
  EXPECT_EQ(read.transcript().alerts[0].event, live.transcript().alerts[0].event);
}

TEST(UnseenEvents, ThatNoProxyOfOursNotesArePassedOver) {
  TranscriptBuilder read = client_leg(false);
  const std::string before = shown(read.transcript());
  put_back({{1, Party::client, false, "something else", 0},
            {1, Party::client, false, std::string(tcp_note::kConnected), 0},  // there already
            {1, Party::client, true, "close_notify", 0},
            {1, Party::client, true, "", 0}},
           read.transcript());
  EXPECT_EQ(shown(read.transcript()), before);
  // A place that is not in the history is its end, and a flood has its limit.
  put_back(std::vector<UnseenEvent>(5000, {1, Party::client, true, "rst", 4'000'000'000U}),
           read.transcript());
  EXPECT_LE(read.transcript().history.size(), 104U);
  EXPECT_LE(read.transcript().events.size(), 50U);
}

}  // namespace
}  // namespace visavis::inspect

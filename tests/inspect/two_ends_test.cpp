// Captures of both ends of one connection: what the way between them did to it, and that nothing is
// said of a way that did nothing, wherever the captures begin, end and lack packets.
#include "inspect/findings/two_ends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "inspect/experiment/end_comparison.h"
#include "tests/inspect/end_captures.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ComparisonReport compared(const std::vector<EndCapture::Packet>& client,
                          const std::vector<EndCapture::Packet>& server, bool told = false) {
  ComparisonReport comparison;
  const auto one = sessions_in(client);
  const auto other = sessions_in(server);
  compare_ends(one, other, match_ends(one, other, told), comparison);
  return comparison;
}

ComparisonReport compared(const BothEnds& ends, bool told = false) {
  return compared(ends.client.packets, ends.server.packets, told);
}

/// What was done on the way, "ID SEVERITY CONFIDENCE"; every finding is held to be complete, and
/// its evidence to be there.
std::vector<std::string> found(const ComparisonReport& comparison) {
  std::vector<std::string> all;
  for (const FindingReport& finding : comparison.findings) {
    if (finding.side != side::kNetwork) continue;
    all.push_back(finding.id + ' ' + finding.severity + ' ' + finding.confidence);
    expect_complete(finding);
    EXPECT_FALSE(finding.evidence.empty());
    for (const EvidenceReport& evidence : finding.evidence) {
      EXPECT_TRUE(evidence.leg == kClientEnd || evidence.leg == kServerEnd) << evidence.leg;
      if (!evidence.event) continue;
      const RunReport& run = comparison.runs[evidence.leg == kClientEnd ? 0 : 1];
      const auto& events = run.session->direct_leg->events;
      EXPECT_TRUE(std::any_of(events.begin(), events.end(), [&](const EventReport& event) {
        return event.i == *evidence.event;
      })) << evidence.what;
    }
  }
  return all;
}

/// In TLS 1.2 and 1.3.
class TwoEndsOf : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] BothEnds healthy() const {
    BothEnds ends;
    ends.syn().say(dialogue_).end(true).end(false);
    return ends;
  }
  const test::WireDialogue dialogue_ = spoken(GetParam());
};

TEST_P(TwoEndsOf, AnUntouchedConnectionIsTheSame) {
  const ComparisonReport comparison = compared(healthy());
  ASSERT_EQ(comparison.connections.size(), 1U);
  EXPECT_EQ(comparison.connections[0].matched_by, "client-random");
  EXPECT_THAT(comparison.findings, IsEmpty());
  EXPECT_EQ(comparison.verdict.verdict_class, "healthy");
  EXPECT_EQ(comparison.verdict.headline, "Both ends show the same: nothing on the way changed it.");
  ASSERT_EQ(comparison.differences.size(), 1U);
  EXPECT_EQ(comparison.differences[0].aspect, "addresses");
  EXPECT_FALSE(ends_fail(comparison));
  ASSERT_TRUE(comparison.connections[0].clock_offset_ms);
  EXPECT_NEAR(*comparison.connections[0].clock_offset_ms, 0, 1);
}

TEST_P(TwoEndsOf, ClocksMayBeHoursApartAndSegmentsOthers) {
  BothEnds ends;
  ends.server.clock_us = -7'200'000'000;
  ends.server.segment = 536;
  ends.syn().say(dialogue_).end(true).end(false);
  const ComparisonReport comparison = compared(ends);
  EXPECT_THAT(comparison.findings, IsEmpty());
  ASSERT_EQ(comparison.connections.size(), 1U);
  EXPECT_NEAR(*comparison.connections[0].clock_offset_ms, -7'200'000, 1);
}

/// Wherever either capture begins or ends, nobody is blamed.
TEST_P(TwoEndsOf, CapturesThatBeginLateOrEndEarlyAccuseNobody) {
  const BothEnds ends = healthy();
  const auto& client = ends.client.packets;
  const auto& server = ends.server.packets;
  using Difference = std::ptrdiff_t;
  for (std::size_t cut = 0; cut <= client.size(); ++cut)
    for (std::size_t other = 0; other <= server.size(); other += 3) {
      const auto at = static_cast<Difference>(cut);
      const auto there = static_cast<Difference>(other);
      SCOPED_TRACE(std::to_string(cut) + ", " + std::to_string(other));
      EXPECT_THAT(found(compared({client.begin(), client.begin() + at},
                                 {server.begin(), server.end() - there})),
                  IsEmpty());
      EXPECT_THAT(found(compared({client.begin() + at, client.end()},
                                 {server.begin(), server.end() - there})),
                  IsEmpty());
      EXPECT_THAT(found(compared({client.begin(), client.begin() + at},
                                 {server.begin() + there, server.end()})),
                  IsEmpty());
    }
}

/// A packet that a capturing machine has lost was not lost on the way.
TEST_P(TwoEndsOf, PacketsThatACaptureLacksAccuseNobody) {
  const BothEnds ends = healthy();
  for (const bool of_client : {true, false}) {
    const auto& whole = of_client ? ends.client.packets : ends.server.packets;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      auto lacking = whole;
      lacking.erase(lacking.begin() + static_cast<std::ptrdiff_t>(i));
      SCOPED_TRACE((of_client ? "client's packet " : "server's packet ") + std::to_string(i));
      EXPECT_THAT(found(compared(of_client ? lacking : ends.client.packets,
                                 of_client ? ends.server.packets : lacking)),
                  IsEmpty());
    }
  }
}

/// Every byte of the streams, changed on its way, is found.
TEST_P(TwoEndsOf, AnyChangedByteIsFound) {
  for (std::size_t step = 0; step < dialogue_.size(); ++step)
    for (std::size_t at = 0; at < dialogue_[step].bytes.size();
         at += at < 300 ? 7 : dialogue_[step].bytes.size() / 3) {
      BothEnds ends;
      ends.syn();
      for (std::size_t i = 0; i < dialogue_.size(); ++i) {
        ByteVector got = dialogue_[i].bytes;
        if (i == step) got[at] ^= 0x20;
        ends.say(dialogue_[i].direction == Direction::c2s, dialogue_[i].bytes, got);
      }
      ends.end(true).end(false);
      const ComparisonReport comparison = compared(ends);
      // The first bytes of the hello are what TLS and the connection are told by.
      if (step == 0 && at < 43) continue;
      const auto ids = found(comparison);
      ASSERT_EQ(ids.size(), 1U) << step << " " << at;
      EXPECT_TRUE(ids[0].starts_with("hello-altered") || ids[0].starts_with("bytes-altered"))
          << ids[0] << " " << step << " " << at;
      EXPECT_TRUE(ids[0].ends_with("proven")) << ids[0];
    }
}

/// What a side sent last and the other end closes without.
TEST_P(TwoEndsOf, BytesThatAreLeftOutAreFound) {
  BothEnds ends;
  ends.syn();
  for (std::size_t i = 0; i + 1 < dialogue_.size(); ++i)
    ends.say(dialogue_[i].direction == Direction::c2s, dialogue_[i].bytes);
  const test::WireStep& last = dialogue_.back();
  const bool client = last.direction == Direction::c2s;
  ends.say(client, last.bytes, {}).end(client).end(!client);
  const ComparisonReport comparison = compared(ends);
  EXPECT_EQ(found(comparison).size(), 1U);
  ASSERT_FALSE(comparison.findings.empty());
  EXPECT_EQ(comparison.findings[0].id, "bytes-lost");
  EXPECT_EQ(comparison.findings[0].confidence, "proven");
}

/// What did not arrive before the receiver closed was on its way, mostly; after some seconds nobody
/// knows what became of it. Neither is a finding.
TEST_P(TwoEndsOf, BytesThatDidNotArriveBeforeTheCloseAreTold) {
  for (const bool waited : {false, true}) {
    BothEnds ends;
    ends.syn().say(dialogue_);
    ends.say(false, test::record(23, 0x0303, ByteVector(9000, 7)));
    ends.say(false, test::record(23, 0x0303, ByteVector(500, 7)), {});
    if (waited) ends.wait_ms(5000);
    ends.end(true).end(false, "RA");
    const ComparisonReport comparison = compared(ends);
    EXPECT_THAT(found(comparison), IsEmpty()) << waited;
    const std::string& headline = comparison.verdict.headline;
    EXPECT_THAT(headline, HasSubstr("bytes of the backend's when the client closed")) << waited;
    EXPECT_EQ(headline.find("is not known") != std::string::npos, waited) << headline;
    EXPECT_EQ(comparison.verdict.verdict_class, waited ? "unknown" : "healthy") << headline;
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, TwoEndsOf, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

}  // namespace
}  // namespace visavis::inspect

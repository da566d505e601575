// What a capture lacks is held against nobody when its connections become a session's facts.
#include "proxy/captured_session_facts.h"

#include <gtest/gtest.h>

#include "inspect/http/http_tap.h"

namespace visavis::proxy {
namespace {

using inspect::CapturedSession;
using inspect::Direction;
using inspect::LegKind;

/// A connection with a request and no response, of which nothing is missing.
CapturedSession asked(LegKind leg = LegKind::direct_leg) {
  CapturedSession session;
  session.transcript.leg = leg;
  session.transcript.capture.emplace();
  auto tap = std::make_unique<inspect::HttpTap>(false);
  const std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  tap->plaintext(0, Direction::c2s,
                 {reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
  session.plaintext = std::move(tap);
  return session;
}

std::optional<std::string> excuse_of(CapturedSession session) {
  std::string problem;
  const SessionFacts facts = facts_of(std::move(session), "tcp-0", problem);
  EXPECT_EQ(problem, "");
  EXPECT_EQ(facts.http.size(), 1U);
  if (facts.http.size() != 1 || !facts.http[0].excused) return std::nullopt;
  return std::string(*facts.http[0].excused);
}

TEST(CapturedSessionFacts, AResponseThatIsNotThereIsExcusedWhereBytesAreMissing) {
  const std::string excuse = "the capture does not show all bytes";
  EXPECT_EQ(excuse_of(asked()), std::nullopt);
  CapturedSession lost = asked();
  lost.transcript.capture->s2c_lost = 1;
  EXPECT_EQ(excuse_of(std::move(lost)), excuse);
  CapturedSession early = asked();
  early.transcript.capture->end_missing = true;
  EXPECT_EQ(excuse_of(std::move(early)), excuse);
  CapturedSession late = asked();
  late.transcript.capture->start_missing = true;
  EXPECT_EQ(excuse_of(std::move(late)), excuse);
}

}  // namespace
}  // namespace visavis::proxy

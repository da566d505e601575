#include "inspect/report/session_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;

SessionNote full_note() {
  SessionNote note;
  note.started_us = 1'700'000'000'123'456;
  note.duration_ms = 12.345;
  note.client = "127.0.0.1:1000";
  note.listener = "127.0.0.1:443";
  note.backend = "backend.test:8443";
  note.backend_address = "[::1]:8443";
  note.connect = "backend.test:8443";
  note.passed_through_because = "our TLS library has none of the \"offered\" suites";
  note.checked_host = "backend.test";
  note.hello = "default";
  note.answer = "own";
  note.split_policy = "max:100";
  note.split_segments = "two";
  note.unmirrored = {{"backend_leg", "client certificate", "no key"}};
  note.faults = {"expired"};
  note.twin = TwinReport{"ok", "The backend answers", true, 2.5};
  note.client_to_backend_bytes = 1;
  note.backend_to_client_bytes = UINT64_MAX;
  note.packets_not_captured = 3;
  LegNote client;
  client.leg = LegKind::client_leg;
  client.segments_exact = true;
  client.failure = "no complete ClientHello within the hello time-out";
  client.events = {{500, Party::proxy, true, "timeout", 2}};
  LegNote backend;
  backend.leg = LegKind::backend_leg;
  backend.connected = false;
  backend.to = "[::1]:8443";
  backend.events = {{7, Party::backend, false, std::string(tcp_note::kRefused), 0}};
  LegNote direct;
  direct.leg = LegKind::direct_leg;
  direct.connect_us = 42;
  note.legs = {client, backend, direct};
  LiveJudgement& live = note.live.emplace();
  live.verdict = {"proxy-introduces", "failed", "ok", "twin", "It fails with us", false};
  FindingReport& finding = live.findings.emplace().emplace_back();
  finding.id = "closed-after-request";
  finding.kind = "connection";
  finding.role = "cause";
  finding.severity = "error";
  finding.side = "backend";
  finding.confidence = "likely";
  finding.remedy = "Look at the backend's log";
  return note;
}

TEST(SessionNotes, ReadBackAsTheyAreWritten) {
  for (const SessionNote& note : {SessionNote{}, full_note()}) {
    const std::string text = render_note(note);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    std::string problem;
    const auto read = read_note(text, problem);
    ASSERT_TRUE(read) << problem;
    EXPECT_EQ(*read, note);
  }
}

TEST(SessionNotes, SayOnlyWhatIsNotUsual) {
  SessionNote note;
  note.legs.emplace_back();
  EXPECT_EQ(render_note(note),
            R"({"visavis_note":1,"duration_ms":0,"client":"","listener":"","backend":"",)"
            R"("client_to_backend":0,"backend_to_client":0,"legs":[{"leg":"client_leg"}]})");
}

TEST(SessionNotes, CutAnywhereAreNone) {
  const std::string text = render_note(full_note());
  for (std::size_t length = 0; length < text.size(); ++length) {
    std::string problem;
    EXPECT_FALSE(read_note(text.substr(0, length), problem)) << length;
    EXPECT_FALSE(problem.empty());
  }
}

struct Bad {
  std::string_view is;  // in the note
  std::string_view becomes;
  std::string_view problem;
};

class BadNotes : public ::testing::TestWithParam<Bad> {};

TEST_P(BadNotes, AreNamed) {
  std::string text = render_note(full_note());
  const auto at = text.find(GetParam().is);
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, GetParam().is.size(), GetParam().becomes);
  std::string problem;
  EXPECT_FALSE(read_note(text, problem));
  EXPECT_THAT(problem, HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    SessionNotes, BadNotes,
    ::testing::Values(
        Bad{R"("visavis_note":1)", R"("visavis_note":2)", "an unknown visavis_note"},
        Bad{R"("started_us":1700000000123456)", R"("started_us":9000000000000001)", "no clock"},
        Bad{R"("started_us":1700000000123456)", R"("started_us":-1)", "before 1970"},
        Bad{R"("connect_us":42)", R"("connect_us":-9000000000000001)", "no clock"},
        Bad{R"("t_us":500)", R"("t_us":9223372036854775807)", "legs[0].events[0]"},
        Bad{R"("sender":"proxy")", R"("sender":"nobody")", "an unknown sender"},
        Bad{R"("leg":"direct_leg")", R"("leg":"other_leg")", "an unknown leg"},
        Bad{R"("leg":"direct_leg")", R"("leg":7)", "a text was expected"},
        Bad{R"("hello":"default")", R"("hello":"<b>")", "an unknown policy"},
        Bad{R"("split_policy":"max:100")", R"("split_policy":"some")", "an unknown policy"},
        Bad{R"("legs":[)", R"("legs":[{"leg":"client_leg"},)", "more than three legs"},
        Bad{R"("class":"proxy-introduces")", R"("class":"<b>")", "an unknown word"},
        Bad{R"("severity":"error")", R"("severity":"fatal")", "an unknown word"},
        Bad{R"("client":"127.0.0.1:1000",)", "", "client is missing"}));

/// Names of peers may be long; the file's format sets the limit.
TEST(SessionNotes, AreNoLongerThanTheFileTakes) {
  SessionNote note = full_note();
  note.unmirrored.assign(40, {"backend_leg", std::string(4000, 'x'), ""});
  const std::string text = render_note(note);
  ASSERT_FALSE(text.empty());
  EXPECT_LE(text.size(), kMaxNoteBytes);
  std::string problem;
  note.unmirrored.clear();
  note.live->findings.reset();
  EXPECT_EQ(read_note(text, problem), note) << problem;
  EXPECT_FALSE(read_note(std::string(kMaxNoteBytes + 1, ' '), problem));
  EXPECT_EQ(problem, "too long");
}

}  // namespace
}  // namespace visavis::inspect

#include "inspect/findings/record_split_intolerance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/compare/record_split.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint16_t kAesSha = 0x002f;

/// Record is one of application data; without `plaintext`, nobody has decrypted it.
struct Record {
  bool c2s;
  std::uint16_t length;
  std::optional<std::uint32_t> plaintext;
  std::int64_t after_ms = 0;
};
using Records = std::vector<Record>;

const Records kEmptyFirst{{true, 36, 0}, {true, 100, 79}};
const Records kOneFirst{{true, 36, 1}, {true, 100, 78}};
const Records kWhole{{true, 100, 79}};
const Records kAnswered{{true, 100, 79}, {false, 100, 70}};
const Records kUndecrypted{{true, 36, {}}, {true, 100, {}}};

Records operator+(Records left, const Records& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

LegReport leg(LegScript script, const Records& records, const std::string& by,
              const std::string& how, std::uint16_t version = 0x0301,
              std::uint16_t suite = kAesSha) {
  script.hello({suite}, {}, version).server_hello(version, suite).established();
  for (const Record& record : records) {
    script.after_ms(record.after_ms).record(record.c2s, 23, record.length);
    script->records.back().plaintext_length = record.plaintext;
  }
  if (!by.empty()) script.close(by, how);
  LegReport report = script.leg();
  report.established->encrypt_then_mac = true;
  report.split_c2s = split_kind(report, true);
  return report;
}

SessionReport terminated(const Records& records, const std::string& by = "backend",
                         const std::string& how = "fin", std::uint16_t version = 0x0301) {
  SessionReport session = session_of(leg(LegScript::client_leg(), records, by, how, version),
                                     leg(LegScript::backend_leg(), records, by, how, version));
  session.backend = "old.example:443";
  session.verdict.proxied = "failed";
  return session;
}

SessionReport passed(const Records& records, const std::string& by = "backend",
                     const std::string& how = "fin") {
  SessionReport session = passed_session(leg(LegScript::direct_leg(), records, by, how));
  session.backend = "old.example:443";
  session.verdict.direct = "failed";
  return session;
}

SessionReport worked(const Records& records = kAnswered, std::uint16_t version = 0x0301) {
  SessionReport session = terminated(records, "client", "close_notify", version);
  session.split_policy = "none";
  session.verdict.proxied = "ok";
  return session;
}

std::string found(const SessionReport& session) {
  const auto finding = diagnose_record_split_intolerance(session);
  if (!finding) return "nothing";
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  return finding->side + ' ' + finding->severity + ' ' + finding->confidence;
}

HttpExchange exchange(const std::string& method, std::optional<int> status) {
  HttpExchange made;
  made.protocol = "http/1.1";
  made.method = method;
  made.target = "/";
  made.status = status;
  return made;
}

constexpr std::string_view kLikely = "backend error likely";
constexpr std::string_view kNothing = "nothing";

TEST(FindingRecordSplitIntolerance, WhenTheConnectionDiesBehindTheFirstSplit) {
  for (const Records& records : {kEmptyFirst, kOneFirst})
    for (const std::string how : {"fin", "rst", "close_notify"})
      EXPECT_EQ(found(terminated(records, "backend", how)), kLikely) << how;
  EXPECT_EQ(found(terminated(kEmptyFirst, "proxy", "timeout")), kLikely);
}

/// As Java does: the first request whole, and answered; the second one split.
TEST(FindingRecordSplitIntolerance, WhenAnEarlierRequestWentWhole) {
  Records later = kOneFirst;
  EXPECT_EQ(found(terminated(kAnswered + later)), kNothing)
      << "the rest of a request that was answered at its first line";
  SessionReport http = terminated(kAnswered + later);
  http.http = {exchange("GET", 200), exchange("GET", std::nullopt)};
  EXPECT_EQ(found(http), kLikely);
  http.http.pop_back();
  EXPECT_EQ(found(http), kNothing) << "all requests have their answers";
  later.front().after_ms = 100;
  EXPECT_EQ(found(terminated(kAnswered + later)), kLikely);
  EXPECT_EQ(
      found(passed({{true, 100, {}}, {false, 100, {}}, {true, 36, {}, 100}, {true, 100, {}}})),
      kLikely);
}

TEST(FindingRecordSplitIntolerance, NeverWhenTheBackendWasClosingBefore) {
  SessionReport session = terminated(kEmptyFirst);
  LegReport& backend = *session.backend_leg;
  const auto close = std::find_if(backend.events.begin(), backend.events.end(),
                                  [](const EventReport& event) { return event.kind == "close"; });
  ASSERT_NE(close, backend.events.end());
  close->i = 5;  // before the records of the request
  EXPECT_EQ(found(session), kNothing);
}

TEST(FindingRecordSplitIntolerance, NamesTheSwitchesAndTheServerFirst) {
  const auto finding = diagnose_record_split_intolerance(terminated(kEmptyFirst));
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->remedy.rfind("Fix the server", 0), 0U);
  for (const char* word : {"TLS 1.2", "MS12-006", "KB2643584", "SendExtraRecord",
                           "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL",
                           "-Djsse.enableCBCProtection=false", "--ssl-allow-beast", "--split none"})
    EXPECT_THAT(finding->remedy, HasSubstr(word));
  EXPECT_THAT(finding->cause, HasSubstr("an empty record, and the request behind it (0/n)"));
  EXPECT_EQ(finding->presented, "FIN, and no byte of an answer");
  ASSERT_EQ(finding->evidence.size(), 2U);
  EXPECT_EQ(finding->evidence[0].event, 6U) << "the record of the small half";
}

TEST(FindingRecordSplitIntolerance, IsWeakerWhereNothingWasDecrypted) {
  const auto finding = diagnose_record_split_intolerance(passed(kUndecrypted));
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->confidence, "likely");
  EXPECT_THAT(finding->title, HasSubstr("may not take"));
  EXPECT_THAT(finding->cause, HasSubstr("seems to split"));
  EXPECT_THAT(finding->cause, Not(HasSubstr("0/n")));
}

TEST(FindingRecordSplitIntolerance, NeverWhenAnsweredOrUnsplit) {
  const Records answer{{false, 100, 70}};
  EXPECT_EQ(found(terminated(kEmptyFirst + answer)), kNothing);
  EXPECT_EQ(found(terminated(kEmptyFirst + answer + kEmptyFirst)), kNothing)
      << "a split one was answered before: it is something else";
  EXPECT_EQ(found(terminated(kWhole)), kNothing);
  EXPECT_EQ(found(terminated(kAnswered + kWhole)), kNothing);
  EXPECT_EQ(found(terminated({{true, 100, 40}, {true, 36, 1}, {true, 100, 30}})), kNothing)
      << "the request begins unsplit: its first write may be what the server died of";
  EXPECT_EQ(found(terminated({})), kNothing);
  EXPECT_EQ(found(passed({{true, 100, {}}})), kNothing);
}

TEST(FindingRecordSplitIntolerance, NeverWhenSomebodyElseEndedIt) {
  EXPECT_EQ(found(terminated(kEmptyFirst, "client", "fin")), kNothing);
  EXPECT_EQ(found(terminated(kEmptyFirst, "proxy", "fin")), kNothing);
  EXPECT_EQ(found(terminated(kEmptyFirst, "", "")), kNothing) << "not over";
  SessionReport stopped = terminated(kEmptyFirst, "proxy", "timeout");
  stopped.backend_leg->failure = "the proxy was stopped";
  EXPECT_EQ(found(stopped), kNothing);
  SessionReport cut = terminated(kEmptyFirst);
  cut.backend_leg->records_total = 1000;
  EXPECT_EQ(found(cut), kNothing) << "the end is not in the ledger";
}

TEST(FindingRecordSplitIntolerance, UnderLaterVersionsOnlyOurOwnSplitIsOne) {
  SessionReport session = terminated(kOneFirst, "backend", "fin", 0x0303);
  EXPECT_EQ(found(session), kNothing) << "the application's own two writes";
  session.split_policy = "1/n-1";
  EXPECT_EQ(found(session), kLikely);
  const auto finding = diagnose_record_split_intolerance(session);
  ASSERT_TRUE(finding);
  EXPECT_THAT(finding->cause, HasSubstr("The proxy, told to (--split 1/n-1)"));
  EXPECT_THAT(finding->remedy, Not(HasSubstr("SendExtraRecord")));
}

/// A reset may come before the rest has left. HTTP has no request of one byte.
TEST(FindingRecordSplitIntolerance, TheLoneFirstByteOfAnHttpRequest) {
  const Records lone = kAnswered + Records{{true, 36, 1}};
  EXPECT_EQ(found(terminated(lone, "backend", "rst")), kNothing);
  SessionReport http = terminated(lone, "backend", "rst");
  http.http.push_back(exchange("GET", 200));
  EXPECT_EQ(found(http), kLikely);
}

TEST(ProveRecordSplitIntolerance, TheSameRequestFailsSplitAndWorksWhole) {
  for (const SessionReport& failed : {terminated(kEmptyFirst), passed(kUndecrypted)}) {
    const auto finding = prove_record_split_intolerance(failed, worked());
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->id, "record-split-intolerance");
    EXPECT_EQ(finding->confidence, "proven");
    EXPECT_EQ(finding->side, "backend");
    EXPECT_EQ(finding->evidence.size(), 3U);
    expect_complete(*finding);
  }
}

TEST(ProveRecordSplitIntolerance, NothingWithoutAllOfIt) {
  const SessionReport failed = terminated(kEmptyFirst);
  const auto proves = [](const SessionReport& with, const SessionReport& without) {
    return prove_record_split_intolerance(with, without).has_value();
  };
  ASSERT_TRUE(proves(failed, worked()));
  EXPECT_FALSE(proves(worked(), failed)) << "the other way round";
  EXPECT_FALSE(proves(terminated(kWhole), worked())) << "it failed unsplit";
  EXPECT_FALSE(proves(failed, worked(kEmptyFirst + Records{{false, 100, 70}})));
  EXPECT_FALSE(proves(failed, worked(kWhole))) << "no answer";
  EXPECT_FALSE(proves(failed, worked(kAnswered, 0x0303))) << "another version";
  SessionReport elsewhere = worked();
  elsewhere.backend = "new.example:443";
  EXPECT_FALSE(proves(failed, elsewhere));
  SessionReport broken = worked();
  broken.verdict.proxied = "failed";
  EXPECT_FALSE(proves(failed, broken));
  SessionReport get = failed;
  get.http.push_back(exchange("GET", std::nullopt));
  SessionReport put = worked();
  put.http.push_back(exchange("PUT", 200));
  EXPECT_FALSE(proves(get, put)) << "another request";
}

}  // namespace
}  // namespace visavis::inspect

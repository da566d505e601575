#include "inspect/report/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "inspect/report/json_report.h"
#include "inspect/report/text_report.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using testing::HasSubstr;

std::string problem_of(const std::string& text) {
  std::string problem;
  EXPECT_FALSE(read_session_json(text, &problem));
  EXPECT_FALSE(problem.empty());
  EXPECT_EQ(problem.find('\n'), std::string::npos);
  return problem;
}

/// A session with one replacement in its JSON.
std::string changed(const SessionReport& session, const std::string& from, const std::string& to) {
  std::string json = render_json(session);
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

/// A session with every kind of field and few bytes, for tests that try every byte.
SessionReport small_session() {
  SessionReport session = test::incomplete_chain_session();
  session.client_leg.reset();
  LegReport& leg = *session.backend_leg;
  leg.raw_c2s.resize(16);
  leg.raw_s2c.resize(16);
  leg.events.resize(1);
  leg.client_hello->ciphers.resize(1);
  leg.client_hello->extensions.resize(1);
  leg.client_hello->sig_algs->resize(1);
  leg.client_hello->groups->resize(1);
  return session;
}

TEST(JsonReader, WhatWasWrittenReadsBackLetterForLetter) {
  for (const auto& [name, session] : test::sample_sessions()) {
    const std::string json = render_json(session);
    std::string problem;
    const auto read = read_session_json(json, &problem);
    ASSERT_TRUE(read) << name << ": " << problem;
    EXPECT_EQ(render_json(*read), json) << name;
    for (const int width : {60, 80, 100})
      EXPECT_EQ(render_text(*read, {width, true, false}),
                render_text(session, {width, true, false}))
          << name;
    EXPECT_EQ(render_text(*read, {100, false, true}), render_text(session, {100, false, true}));
  }
}

TEST(JsonReader, SessionsOfValidTextReadBackEqual) {
  for (const auto& session :
       {test::healthy_session(), test::no_common_version_session(),
        test::incomplete_chain_session(), test::passthrough_session(),
        test::passthrough_healthy_session(), test::passthrough_refused_session(),
        test::client_certificate_session(), test::not_tls_session(), SessionReport{}}) {
    EXPECT_EQ(read_session_json(render_json(session), nullptr), session);
  }
}

TEST(JsonReader, LongTextThatIsNoUtf8ReadsBackTheSame) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>((i * 7919) >> 3);
  const SessionReport session = test::hostile_session(bytes);
  const auto read = read_session_json(render_json(session), nullptr);
  ASSERT_TRUE(read);
  EXPECT_EQ(render_json(*read), render_json(session));
  EXPECT_EQ(render_text(*read), render_text(session));
}

TEST(JsonReader, DurationsReadBackTheSame) {
  SessionReport session;
  for (const double duration : {0.0, -0.0001, 0.001, 0.1, 12.3456, 99999.999, 123456789.123,
                                1e10 + 0.987, 1e11, 1e300, -17.25}) {
    session.duration_ms = duration;
    const std::string json = render_json(session);
    const auto read = read_session_json(json, nullptr);
    ASSERT_TRUE(read);
    EXPECT_EQ(render_json(*read), json);
  }
}

TEST(JsonReader, TruncatedAtEveryByteIsAProblem) {
  const std::string json = render_json(small_session());
  for (std::size_t length = 0; length < json.size(); ++length) {
    std::string problem;
    ASSERT_FALSE(read_session_json(std::string_view(json).substr(0, length), &problem)) << length;
    ASSERT_THAT(problem, HasSubstr("line 1 column ")) << length;
  }
}

TEST(JsonReader, EveryFieldMayBeDamaged) {
  const std::string json = render_json(small_session());
  for (std::size_t i = 0; i < json.size(); ++i) {
    for (const char byte : {'"', '0', '\0', '\xff', '{', ']'}) {
      std::string broken = json;
      broken[i] = byte;
      std::string problem;
      const auto read = read_session_json(broken, &problem);
      ASSERT_NE(read.has_value(), !problem.empty());
    }
  }
}

TEST(JsonReader, UnknownFieldsAreSkipped) {
  const SessionReport session = test::healthy_session();
  const auto read = read_session_json(
      changed(session, "\"verdict\":{", "\"later\":[{}],\"verdict\":{\"more\":1,"), nullptr);
  EXPECT_EQ(read, session);
}

TEST(JsonReader, FieldsBeyondTheContractMayBeAbsent) {
  SessionReport session = test::client_certificate_session();
  auto json = boost::json::parse(render_json(session));
  auto& leg = json.as_object()["client_leg"].as_object();
  for (const char* name : {"first_bytes", "failure", "malformed", "certificate_request",
                           "client_certificates", "client_signature", "encrypted_extensions",
                           "stapled_ocsp_bytes", "session_tickets", "key_updates"})
    leg.erase(name);
  leg["raw"].as_object().erase("cut");
  leg["client_hello"].as_object().erase("extension_values");
  leg["server_hello"].as_object().erase("extension_values");
  leg["established"].as_object().erase("dh_bits");
  LegReport& expected = *session.client_leg;
  expected.certificate_request.reset();
  expected.client_certificates.reset();
  expected.client_signature.reset();
  expected.stapled_ocsp_bytes.reset();
  expected.session_tickets = expected.key_updates = 0;
  expected.client_hello->extension_values.clear();
  expected.server_hello->extension_values.clear();
  expected.established->dh_bits.reset();
  EXPECT_EQ(read_session_json(boost::json::serialize(json), nullptr), session);
}

TEST(JsonReader, NamesTheFieldThatIsWrong) {
  const SessionReport session = test::no_common_version_session();
  EXPECT_EQ(problem_of(changed(session, "\"schema\":1", "\"schema\":2")),
            "document: its schema is 2, and 1 is known here");
  EXPECT_EQ(problem_of(changed(session, "\"session\"", "\"capture\"")),
            "document: its type is not session");
  EXPECT_EQ(problem_of(changed(session, "\"event\":7", "\"event\":-7")),
            "field client_leg.alerts[0].event: the number does not fit");
  EXPECT_EQ(problem_of(changed(session, "\"event\":7", "\"event\":\"7\"")),
            "field client_leg.alerts[0].event: a whole number was expected");
  EXPECT_EQ(problem_of(changed(session, "\"event\":7", "\"event\":7.5")),
            "field client_leg.alerts[0].event: the number does not fit");
  EXPECT_EQ(problem_of(changed(session, "\"hello_retry\":false", "\"hello_retry\":0")),
            "field client_leg.hello_retry: true or false was expected");
  EXPECT_EQ(problem_of(changed(session, "\"reached\"", "\"reach\"")),
            "field client_leg: its field reached is missing");
  EXPECT_EQ(problem_of(changed(session, "\"duration_ms\":8.125", "\"duration_ms\":\"8\"")),
            "field duration_ms: a number was expected");
  EXPECT_EQ(problem_of(changed(session, "\"backend\":\"legacy", "\"backend\":null,\"x\":\"legacy")),
            "field backend: a text was expected");
  EXPECT_EQ(problem_of(changed(session, "\"http\":[]", "\"http\":{}")),
            "field http: a list was expected");
  EXPECT_EQ(problem_of(changed(session, "[200,\"c2s\",22,771,517,null]", "[200,\"c2s\",22]")),
            "field client_leg.records[0]: more items were expected");
  EXPECT_EQ(problem_of(changed(session, "[200,\"c2s\"", "[200,\"up\"")),
            "field client_leg.records[0]: its direction is neither c2s nor s2c");
  EXPECT_EQ(problem_of("[]"), "document: an object was expected");
}

TEST(JsonReader, SaysWhereTheSyntaxIsWrong) {
  EXPECT_THAT(problem_of(""), HasSubstr("line 1 column 1: "));
  EXPECT_THAT(problem_of("{\n \"a\": ?}"), HasSubstr("line 2 column 7: "));
  EXPECT_THAT(problem_of(render_json({}) + "\n\n {}"),
              HasSubstr("line 3 column 2: something follows"));
  EXPECT_TRUE(read_session_json(render_json({}) + "\r\n", nullptr));
}

TEST(JsonReader, BoundsNestingAndSize) {
  EXPECT_THAT(problem_of(std::string(100'000, '[')), HasSubstr("line 1 column "));
  EXPECT_THAT(problem_of(std::string(33U * 1024 * 1024, ' ')), HasSubstr("larger than 32 MiB"));
}

}  // namespace
}  // namespace visavis::inspect

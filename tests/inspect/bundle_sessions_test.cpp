#include "inspect/bundle/bundle_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/report/json_report.h"

namespace visavis::inspect {
namespace {

using ::testing::ElementsAre;

SessionReport session(std::string id, std::string verdict) {
  SessionReport session;
  session.id = std::move(id);
  session.client = "192.0.2.1:4000";
  session.verdict.verdict_class = std::move(verdict);
  return session;
}

std::vector<std::string> ids(BundleSessions& sessions) {
  std::vector<std::string> ids;
  for (const SessionReport& each : sessions.take()) ids.push_back(each.id);
  return ids;
}

TEST(BundleSessions, ComeInTheirOrderAndOnce) {
  BundleSessions sessions(10, 1 << 20);
  for (const char* id : {"b", "a", "b", "c"}) sessions.add(session(id, "healthy"));
  SessionReport other = session("a", "healthy");
  other.client = "192.0.2.2:4000";
  sessions.add(std::move(other));
  EXPECT_EQ(sessions.size(), 4U);
  EXPECT_EQ(sessions.left_out(), 0U);
  EXPECT_THAT(ids(sessions), ElementsAre("b", "a", "c", "a"));
  EXPECT_EQ(sessions.size(), 0U);
}

TEST(BundleSessions, WhatFailedIsKeptBeforeOthers) {
  BundleSessions sessions(4, 1 << 20);
  sessions.add(session("h1", "healthy"));
  sessions.add(session("u1", "unknown"));
  sessions.add(session("h2", "healthy"));
  sessions.add(session("u2", "unknown"));
  sessions.add(session("h3", "healthy"));
  EXPECT_EQ(sessions.left_out(), 1U);
  sessions.add(session("f1", "fails-direct"));
  sessions.add(session("u3", "unknown"));
  sessions.add(session("f2", "proxy-masks"));
  EXPECT_EQ(sessions.left_out(), 4U);
  EXPECT_EQ(sessions.size(), 4U);
  EXPECT_THAT(ids(sessions), ElementsAre("u1", "u2", "f1", "f2"));
}

TEST(BundleSessions, OfThoseThatFailedTheFirstAreKept) {
  BundleSessions sessions(2, 1 << 20);
  for (const char* id : {"f1", "f2", "f3"}) sessions.add(session(id, "fails-both"));
  sessions.add(session("f3", "fails-both"));
  EXPECT_EQ(sessions.left_out(), 1U) << "it was given twice";
  EXPECT_THAT(ids(sessions), ElementsAre("f1", "f2"));
}

/// A large one needs the room of several; one that no bundle holds drives nobody out.
TEST(BundleSessions, AreBoundedByTheirBytes) {
  const std::size_t each = render_json(session("h1", "healthy")).size();
  BundleSessions sessions(100, 3 * each);
  for (const char* id : {"h1", "h2", "h3"}) sessions.add(session(id, "healthy"));
  SessionReport huge = session("f1", "fails-both");
  huge.verdict.headline = std::string(4 * each, 'x');
  sessions.add(std::move(huge));
  EXPECT_EQ(sessions.size(), 3U);
  SessionReport large = session("f2", "fails-both");
  large.verdict.headline = std::string(each / 2, 'x');
  sessions.add(std::move(large));
  EXPECT_EQ(sessions.left_out(), 3U);
  EXPECT_THAT(ids(sessions), ElementsAre("h1", "f2"));
}

}  // namespace
}  // namespace visavis::inspect

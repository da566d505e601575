#include "inspect/report/session_filter.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

bool takes(const SessionReport& session, std::initializer_list<std::string_view> conditions) {
  SessionFilter filter;
  for (const std::string_view condition : conditions) filter.add(condition);
  return filter.takes(session);
}

SessionReport session() {
  SessionReport made;
  made.id = "tcp-7";
  made.client = "10.0.0.1:50000";
  made.backend = "[2001:db8::1]:8443";
  made.sni = "WWW.Example.com";
  made.verdict.verdict_class = "fails-direct";
  made.findings.emplace_back();
  made.findings.back().id = "expired";
  made.direct_leg.emplace();
  made.direct_leg->server_hello.emplace();
  made.direct_leg->server_hello->version = {0x0303, std::string("TLS 1.2")};
  return made;
}

TEST(SessionFilter, EveryKeyTakesWhatItNames) {
  for (const std::string_view right :
       {"name=www.example.com", "name=*.example.com", "address=10.0.0.1", "address=2001:DB8::1",
        "address=[2001:db8::1]", "port=8443", "port=50000", "verdict=fails-direct",
        "finding=expired", "version=1.2", "version=TLSv1.2", "version=tls 1.2", "id=tcp-7"})
    EXPECT_TRUE(takes(session(), {right})) << right;
  for (const std::string_view wrong :
       {"name=example.com", "name=*.www.example.com", "address=10.0.0.2", "port=443",
        "verdict=healthy", "finding=expire", "version=1.3", "id=tcp-70"})
    EXPECT_FALSE(takes(session(), {wrong})) << wrong;
}

TEST(SessionFilter, AllKeysMustHoldAndOfOneKeyAnyValue) {
  EXPECT_TRUE(takes(session(), {}));
  EXPECT_TRUE(takes(session(), {"port=443", "port=8443", "verdict=fails-direct"}));
  EXPECT_FALSE(takes(session(), {"port=8443", "verdict=healthy"}));
}

TEST(SessionFilter, WhatIsNoConditionIsNamed) {
  SessionFilter filter;
  for (const std::string_view wrong : {"expired", "name=", "colour=red"})
    EXPECT_THROW(filter.add(wrong), std::invalid_argument) << wrong;
}

}  // namespace
}  // namespace visavis::inspect

#include "inspect/compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inspect/codepoint/protocol_version.h"
#include "tests/support/sample_legs.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

const ComparisonRow* row(const std::vector<ComparisonRow>& rows, std::string_view aspect) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const ComparisonRow& one) { return one.aspect == aspect; });
  return found == rows.end() ? nullptr : &*found;
}

std::string range(const std::optional<std::vector<std::uint16_t>>& versions,
                  ProtocolVersion legacy = kTls12) {
  ClientHelloReport hello;
  hello.legacy_version = code_point(legacy);
  if (versions) {
    hello.supported_versions.emplace();
    for (const std::uint16_t version : *versions)
      hello.supported_versions->push_back(code_point(ProtocolVersion{version}));
  }
  return version_range(hello);
}

TEST(VersionRange, InWords) {
  EXPECT_EQ(range(std::nullopt), "up to TLS 1.2");
  EXPECT_EQ(range(std::nullopt, kSsl3), "up to SSL 3.0");
  EXPECT_EQ(range({{0x0304, 0x0303}}), "TLS 1.2 to TLS 1.3");
  EXPECT_EQ(range({{0x0301, 0x0304, 0x0303}}), "TLS 1.0 to TLS 1.3") << "whatever the order";
  EXPECT_EQ(range({{0x3a3a, 0x0304}}), "TLS 1.3 only");
  EXPECT_EQ(range({{0x0304, 0x0304}}), "TLS 1.3 only");
  EXPECT_EQ(range({{}}), "none");
  EXPECT_EQ(range({{0x3a3a}}), "none");
  EXPECT_NE(range({{0x7f1c, 0x0303}}).find("TLS 1.2 only, "), std::string::npos);
  EXPECT_NE(range({{0x7f1c}}), "none") << "a draft is something";
  EXPECT_EQ(range({{0x7f1c}}).front() == ',', false);
}

TEST(Comparison, NothingToCompareGivesNoRows) {
  EXPECT_TRUE(compare_legs(SessionReport{}).empty());
  EXPECT_TRUE(compare_legs(test::passthrough_session()).empty());
}

TEST(Comparison, EveryRowHasAValueARelationAndAnOrigin) {
  for (const auto& [name, session] : test::sample_sessions())
    for (const ComparisonRow& one : compare_legs(session)) {
      EXPECT_TRUE(one.client || one.backend) << name << ' ' << one.aspect;
      const std::string expected = one.client && one.backend
                                       ? (*one.client == *one.backend ? "same" : "differs")
                                       : (one.client ? "only-client" : "only-backend");
      EXPECT_EQ(one.relation, expected) << name << ' ' << one.aspect;
      EXPECT_TRUE(one.origin == "mirrored" || one.origin == "ours" || one.origin == "peer");
    }
}

TEST(Comparison, OriginFollowsTheMirrorsPolicy) {
  SessionReport session = test::healthy_session();
  const auto origin = [&](std::string_view aspect) {
    return row(compare_legs(session), aspect)->origin;
  };
  EXPECT_EQ(origin("offered suites"), "mirrored");
  EXPECT_EQ(origin("version"), "mirrored");
  EXPECT_EQ(origin("certificate"), "ours");
  EXPECT_EQ(origin("close"), "peer");
  session.mirror.hello = "default";
  EXPECT_EQ(origin("offered suites"), "ours");
  EXPECT_EQ(origin("version"), "mirrored");
  session.mirror.answer = "own";
  EXPECT_EQ(origin("version"), "ours");
}

TEST(Comparison, GreaseDoesNotMakeADifference) {
  SessionReport session = test::healthy_session();
  session.backend_leg->client_hello->ciphers.erase(
      session.backend_leg->client_hello->ciphers.begin());
  EXPECT_EQ(row(compare_legs(session), "offered suites")->relation, "same");
  std::swap(session.backend_leg->client_hello->ciphers[0],
            session.backend_leg->client_hello->ciphers[1]);
  EXPECT_EQ(row(compare_legs(session), "offered suites")->relation, "differs") << "order counts";
}

TEST(Comparison, ClientCertificates) {
  SessionReport session = test::client_certificate_session();
  auto rows = compare_legs(session);
  EXPECT_EQ(row(rows, "client certificate asked for")->relation, "same");
  EXPECT_EQ(row(rows, "client certificate asked for")->origin, "mirrored");
  EXPECT_EQ(row(rows, "client certificate sent")->client, "CN=alice,O=Example Shop");
  EXPECT_EQ(row(rows, "client certificate sent")->backend, "none");
  EXPECT_EQ(row(rows, "DH prime")->client, "2048 bits");
  EXPECT_EQ(row(rows, "DH prime")->relation, "differs");
  EXPECT_EQ(row(rows, "DH prime")->origin, "ours") << "its parameters are our library's";
  session.client_leg->certificate_request.reset();
  session.client_leg->client_certificates.reset();
  rows = compare_legs(session);
  EXPECT_EQ(row(rows, "client certificate asked for")->relation, "only-backend");
  EXPECT_EQ(row(rows, "client certificate sent")->relation, "only-backend");
  rows = compare_legs(test::healthy_session());
  for (const char* aspect : {"client certificate asked for", "client certificate sent", "DH prime"})
    EXPECT_EQ(row(rows, aspect), nullptr) << aspect;
}

TEST(Comparison, OneLegOnly) {
  SessionReport session = test::healthy_session();
  session.backend_leg.reset();
  for (const ComparisonRow& one : compare_legs(session)) EXPECT_EQ(one.relation, "only-client");
  session = test::healthy_session();
  session.client_leg.reset();
  for (const ComparisonRow& one : compare_legs(session)) EXPECT_EQ(one.relation, "only-backend");
}

TEST(Comparison, VersionOfALegThatFailedComesFromItsServerHello) {
  const SessionReport session = test::no_common_version_session();
  const auto rows = compare_legs(session);
  EXPECT_EQ(row(rows, "version")->client, "TLS 1.0");
  EXPECT_EQ(row(rows, "group"), nullptr) << "nothing was established";
  EXPECT_EQ(row(rows, "outcome")->backend, "failed");
}

TEST(Comparison, WhatOnlyOneLegHas) {
  SessionReport session = test::healthy_session();
  session.backend_leg->client_hello->sni.reset();
  EXPECT_EQ(row(compare_legs(session), "SNI")->relation, "only-client");
  session.client_leg->client_hello->sni.reset();
  EXPECT_EQ(row(compare_legs(session), "SNI"), nullptr);
}

}  // namespace
}  // namespace visavis::inspect

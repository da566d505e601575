#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/findings/hello_intolerance.h"
#include "inspect/findings/hello_suspects.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using Ids = std::vector<std::string>;

CodePoint extension(std::uint16_t type) { return code_point(ExtensionType{type}); }

ClientHelloReport hello_of(std::uint32_t length, std::vector<std::uint32_t> segments = {1}) {
  ClientHelloReport hello;
  hello.legacy_version = code_point(ProtocolVersion{0x0303});
  hello.supported_versions = {code_point(ProtocolVersion{0x0304})};
  hello.length = length;
  hello.segments = std::move(segments);
  return hello;
}

LegReport ended(LegScript leg = LegScript::direct_leg()) { return leg.leg(); }

Ids ranked(const ClientHelloReport& refused, const ClientHelloReport& taken,
           const LegReport* trial = nullptr) {
  Ids ids;
  for (const Suspect& suspect : rank_suspects(refused, taken, trial)) ids.push_back(suspect.id);
  return ids;
}

TEST(HelloSuspects, OnlyWhatTheHellosDifferIn) {
  EXPECT_EQ(ranked(hello_of(508), hello_of(508)), Ids{});
  EXPECT_EQ(ranked(hello_of(508, {100, 417}), hello_of(508)), Ids{"hello-split-over-segments"});
  EXPECT_EQ(ranked(hello_of(1700, {1460, 249}), hello_of(1690)), Ids{})
      << "the proxy's own does not fit a segment either";
  // 4 bytes of message header and 5 of record header: one byte more than a segment's 1460.
  EXPECT_EQ(ranked(hello_of(1452), hello_of(1451)), Ids{"hello-too-large"});
  EXPECT_EQ(ranked(hello_of(1451), hello_of(1450)), Ids{});
  EXPECT_EQ(ranked(hello_of(600), hello_of(508)), Ids{"hello-too-large"});
  // RFC 7685 1: 256 to 511 bytes with the message's header.
  EXPECT_EQ(ranked(hello_of(252), hello_of(251)), Ids{"hello-length-bug"});
  EXPECT_EQ(ranked(hello_of(507), hello_of(508)), Ids{"hello-length-bug"});
  EXPECT_EQ(ranked(hello_of(251), hello_of(252)), Ids{});
  EXPECT_EQ(ranked(hello_of(508), hello_of(507)), Ids{});
  ClientHelloReport refused = hello_of(200);
  refused.extensions = {extension(28), extension(0x0a0a)};
  EXPECT_EQ(ranked(refused, hello_of(200)), (Ids{"extension-intolerance", "grease-intolerance"}));
  refused.extensions = {extension(0x1a1a)};
  EXPECT_EQ(ranked(refused, hello_of(200)), Ids{"grease-intolerance"});
  refused.extensions.clear();
  refused.supported_versions->push_back(code_point(ProtocolVersion{0x7f1c}));
  EXPECT_EQ(ranked(refused, hello_of(200)), Ids{"version-intolerance"});
}

/// A hello that differs in all: what the backend did puts one or the other first.
TEST(HelloSuspects, TheEndingRanksThem) {
  ClientHelloReport refused = hello_of(400, {300, 109});
  refused.extensions = {extension(28), extension(0x0a0a)};
  refused.supported_versions->push_back(code_point(ProtocolVersion{0x7f1c}));
  const ClientHelloReport taken = hello_of(200);
  EXPECT_EQ(ranked(refused, taken),
            (Ids{"hello-split-over-segments", "hello-length-bug", "extension-intolerance",
                 "grease-intolerance", "version-intolerance"}));
  LegScript silent = LegScript::direct_leg();
  silent.hello({0x1301}).close("proxy", "timeout");
  const LegReport silence = ended(silent);
  EXPECT_EQ(ranked(refused, taken, &silence),
            (Ids{"hello-length-bug", "hello-split-over-segments", "extension-intolerance",
                 "grease-intolerance", "version-intolerance"}));
  LegScript early = LegScript::direct_leg();
  early.alert("backend", 50).close("proxy", "fin");
  const LegReport partial = ended(early);
  EXPECT_EQ(ranked(refused, taken, &partial),
            (Ids{"hello-split-over-segments", "extension-intolerance", "grease-intolerance",
                 "hello-length-bug", "version-intolerance"}));
  LegScript version = LegScript::direct_leg();
  version.hello({0x1301}).alert("backend", 70).close("backend", "fin");
  const LegReport seventy = ended(version);
  EXPECT_EQ(ranked(refused, taken, &seventy).front(), "version-intolerance");
}

/// It works through the proxy, whose hello comes in one segment; the client's own does not.
SessionReport masked() {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}, {0x0304}).server_hello(0x0304, 0x1301).established();
  client->client_hello->length = 1700;
  client->client_hello->segments = {1460, 249};
  LegScript backend = LegScript::backend_leg();
  backend.hello({0x1301}, {0x0304}).server_hello(0x0304, 0x1301).established();
  backend->client_hello->length = 508;
  SessionReport session = session_of(client.leg(), backend.leg());
  LegScript trial = LegScript::direct_leg();
  trial.hello({0x1301}, {0x0304}).close("backend", "rst");
  session.direct_leg = trial.leg();
  session.twin = TwinReport{"failed", "The backend resets the connection (RST)", false, 0};
  return session;
}

TEST(FindingHelloIntolerance, SuspectsAreRankedAndNoneIsClaimed) {
  const SessionReport session = masked();
  EXPECT_EQ(lines(session), Lines{"hello-intolerance backend error likely"});
  const auto finding = diagnose_hello_intolerance(session);
  EXPECT_EQ(line(finding), "backend error likely twin");
  EXPECT_EQ(finding->suspects, (Ids{"hello-split-over-segments", "hello-too-large"}));
  EXPECT_EQ(finding->codes.chrome, "ERR_CONNECTION_RESET");
}

TEST(FindingHelloIntolerance, AnEarlierTwinHasNoLegAndIsEnough) {
  SessionReport session = masked();
  session.direct_leg.reset();
  session.twin->cached = true;
  EXPECT_EQ(lines(session), Lines{"hello-intolerance backend error likely"});
}

/// A profile's hello has no client behind it: all that there is of the client leg is the hello.
SessionReport of_a_profile() {
  SessionReport session = masked();
  LegScript hello = LegScript::client_leg();
  hello.hello({0x1301}, {0x0304, 0x0303});
  hello->outcome = "incomplete";
  hello->client_hello->length = 1700;
  hello->client_hello->segments = {1460, 249};
  session.client_leg = hello.leg();
  return session;
}

TEST(FindingHelloIntolerance, OfTwoTrials) {
  const SessionReport whole = of_a_profile();
  EXPECT_EQ(line(diagnose_hello_intolerance(whole)), "backend error likely twin");
  SessionReport direct = passed_session(*whole.direct_leg);
  direct.twin = whole.twin;
  SessionReport proxied = whole;
  proxied.twin.reset();
  proxied.direct_leg.reset();
  const auto finding = suspect_hello(direct, proxied);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->id, "hello-intolerance");
  EXPECT_EQ(finding->role, "cause");
  EXPECT_EQ(finding->suspects, (Ids{"hello-split-over-segments", "hello-too-large"}));
  expect_complete(*finding);
  EXPECT_EQ(suspect_hello(proxied, proxied), std::nullopt) << "no trial";
  direct.twin->result = "ok";
  EXPECT_EQ(suspect_hello(direct, proxied), std::nullopt);
}

TEST(FindingHelloIntolerance, OfAHelloThatOffersWhatWasAgreed) {
  SessionReport version = of_a_profile();
  version.client_leg->client_hello->supported_versions = {code_point(kTls12)};
  EXPECT_EQ(line(diagnose_hello_intolerance(version)), "none");
  SessionReport suite = of_a_profile();
  suite.client_leg->client_hello->ciphers.clear();
  EXPECT_EQ(line(diagnose_hello_intolerance(suite)), "none");
  SessionReport gone = of_a_profile();
  gone.client_leg->close = CloseReport{"client", "fin"};
  EXPECT_EQ(line(diagnose_hello_intolerance(gone)), "none") << "a client that left";
}

TEST(FindingHelloIntolerance, NearMisses) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"no twin", [](SessionReport& s) { s.twin.reset(); }},
      {"the twin worked", [](SessionReport& s) { s.twin->result = "ok"; }},
      {"nothing is known", [](SessionReport& s) { s.twin->result = "unknown"; }},
      {"our hello was not meant to be like it",
       [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"ours failed as well", [](SessionReport& s) { s.backend_leg->established.reset(); }},
      {"something else was agreed",
       [](SessionReport& s) { s.backend_leg->established->version = code_point(kTls12); }},
      {"under the proxy's own name", [](SessionReport& s) { s.sni = "proxy.example.com"; }},
      {"the hellos don't differ",
       [](SessionReport& s) {
         s.client_leg->client_hello->length = 508;
         s.client_leg->client_hello->segments = {517};
       }},
      {"a run without us has shown that it works", [](SessionReport& s) {
         s.verdict.direct = "ok";
         s.verdict.direct_known_by = "passthrough";
       }}};
  for (const auto& [what, change] : changes) {
    SessionReport session = masked();
    change(session);
    EXPECT_EQ(line(diagnose_hello_intolerance(session)), "none") << what;
  }
}

}  // namespace
}  // namespace visavis::inspect

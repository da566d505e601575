#include <gtest/gtest.h>

#include "inspect/findings/rule.h"
#include "inspect/transcript/event.h"
#include "tests/inspect/leg_script.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_backend_unreachable;

SessionReport unreached(std::string_view note, const std::string& sender, std::string failure) {
  LegScript client = LegScript::client_leg();
  client.hello({0x1301}).close("proxy", "rst");
  LegScript backend = LegScript::backend_leg();
  backend.tcp(sender, note);
  backend->reached = "none";
  backend->failure = std::move(failure);
  return session_of(client.leg(), backend.leg());
}

struct Expected {
  std::string_view note;
  std::string line;
  std::string title;
  std::string java;
};

TEST(FindingBackendUnreachable, SaysWhichWayItFailed) {
  const Expected cases[] = {
      {tcp_note::kRefused, "backend error proven proxy-check",
       "The backend refuses the connection: nothing listens on this port",
       "ConnectException: Connection refused"},
      {tcp_note::kNoRoute, "network error likely proxy-check",
       "There is no route to the backend's address", "NoRouteToHostException: No route to host"},
      {tcp_note::kNoAnswer, "network error likely proxy-check",
       "The backend's address does not answer at all", "SocketTimeoutException: Connect timed out"},
      {tcp_note::kNameUnknown, "network error likely proxy-check",
       "The backend's name has no address", "UnknownHostException"},
      {tcp_note::kFailed, "network error likely proxy-check", "The backend can't be reached",
       "SocketException"}};
  for (const Expected& expected : cases) {
    SCOPED_TRACE(expected.note);
    const SessionReport session = unreached(expected.note, "backend", "what the dial said");
    const auto finding = diagnose(session);
    EXPECT_EQ(line(finding), expected.line);
    EXPECT_EQ(finding->title, expected.title);
    EXPECT_EQ(finding->codes.java, expected.java);
    EXPECT_EQ(finding->presented, "what the dial said");
    EXPECT_EQ(finding->expected, "a TCP connection to shop.example.com:443 (198.51.100.7:443)");
    ASSERT_EQ(finding->evidence.size(), 1U);
    EXPECT_EQ(finding->evidence[0].event, 0U);
    expect_complete(*finding);
    expect_evidence_exists(session, *finding);
  }
}

/// netstat, PID 4 and iplisten: what the IIS article asks for in its scenario 3.
TEST(FindingBackendUnreachable, RefusedOnWindowsMeansThatHttpSysDoesNotListen) {
  const auto finding = diagnose(unreached(tcp_note::kRefused, "backend", "refused"));
  for (const char* word : {"netstat -ano", "PID 4", "iplisten"})
    EXPECT_NE(finding->remedy.find(word), std::string::npos) << word;
  EXPECT_EQ(finding->codes.hresult, "0x8007274d") << "WSAECONNREFUSED, 10061";
}

TEST(FindingBackendUnreachable, OurOwnMachinesLimitIsNobodysFault) {
  const SessionReport session =
      unreached(tcp_note::kFailed, "proxy", "127.0.0.1:443: Too many open files");
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "proxy error proven proxy-check");
  EXPECT_NE(finding->cause.find("Too many open files"), std::string::npos);
  expect_complete(*finding);
}

TEST(FindingBackendUnreachable, OnADirectLegTheClientsHelloMayBeThere) {
  LegScript leg = LegScript::direct_leg();
  leg.tcp("client", tcp_note::kConnected).hello({0x1301}).tcp("backend", tcp_note::kRefused);
  leg->failure = "connection refused by 198.51.100.7:443";
  const SessionReport session = passed_session(leg.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error proven proxy-check");
  EXPECT_EQ(finding->evidence.at(0).leg, "direct_leg");
  EXPECT_EQ(finding->evidence.at(0).event, 3U);
  EXPECT_FALSE(diagnose_no_server_hello(session)) << "no hello ever reached it";
}

TEST(FindingBackendUnreachable, NearMisses) {
  SessionReport session = unreached(tcp_note::kConnected, "proxy", "");
  EXPECT_FALSE(diagnose(session)) << "connected";
  session = unreached(tcp_note::kRefused, "backend", "refused");
  session.backend_leg->outcome = "established";
  EXPECT_FALSE(diagnose(session)) << "dialled again with success";
  session = unreached(tcp_note::kFailed, "proxy", "the proxy was stopped");
  EXPECT_FALSE(diagnose(session)) << "nobody's fault";
  session = unreached(tcp_note::kRefused, "backend", "refused");
  std::swap(session.backend_leg, session.client_leg);
  EXPECT_FALSE(diagnose(session)) << "the client leg is not dialled";
  EXPECT_FALSE(diagnose(SessionReport{}));
}

}  // namespace
}  // namespace visavis::inspect

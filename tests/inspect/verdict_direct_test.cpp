#include <gtest/gtest.h>

#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict.h"
#include "inspect/findings/rank.h"
#include "tests/inspect/judged_session.h"

/// The verdict on a connection that was passed on untouched.
namespace visavis::inspect {
namespace {

constexpr std::uint16_t kAlert = 19;     // TLS 1.3, tag of 16 bytes
constexpr std::uint16_t kFinished = 53;  // with SHA-256
constexpr std::uint16_t kTicket = 250;

LegScript tls12() {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).server_hello(0x0303, 0xc02f).established();
  return leg;
}

/// As an observer sees it: hellos in clear, then records that all look like data.
LegScript tls13() {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301}).server_hello(0x0304, 0x1301);
  leg.record(false, 20, 1).record(false, 23, 437).record(false, 23, kFinished);
  leg.record(true, 20, 1).record(true, 23, kFinished).established();
  return leg;
}

/// "CLASS direct DIRECT by KNOWN-BY".
std::string judged(const LegScript& leg, const std::vector<ChainProblemReport>& problems = {}) {
  SessionReport session = passed_session(leg.leg());
  if (!problems.empty()) {
    session.direct_leg->certificates = {certificate_of("CN=a", "CN=a")};
    session.direct_leg->certificates[0].problems = {"self-signed"};
    session.direct_leg->chain = ChainReport{false, problems, std::nullopt, {}};
  }
  session.findings = diagnose_session(session);
  rank_findings(session);
  const VerdictReport verdict = judge_session(session);
  EXPECT_EQ(verdict.proxied, "none");
  EXPECT_TRUE(verdict.headline.ends_with('.')) << verdict.headline;
  return verdict.verdict_class + " direct " + verdict.direct + " by " + verdict.direct_known_by;
}

const std::string kHealthy = "healthy direct ok by passthrough";
const std::string kFails = "fails-direct direct failed by passthrough";
const std::string kUnknown = "unknown direct unknown by none";
const std::vector<ChainProblemReport> kSelfSigned{
    {0, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT", "0x800b0109"}};

TEST(VerdictDirect, DataBothWaysIsHealthy) {
  LegScript old = tls12();
  old.record(true, 23, 100).record(false, 23, 400);
  EXPECT_EQ(judged(old), kHealthy);
  old.close("client", "rst");
  EXPECT_EQ(judged(old), kHealthy) << "RST after data went both ways";
  LegScript modern = tls13();
  modern.record(true, 23, 100).record(false, 23, kTicket).record(false, 23, kTicket);
  modern.record(false, 23, 900).record(true, 23, kAlert).close("client", "fin");
  EXPECT_EQ(judged(modern), kHealthy);
}

TEST(VerdictDirect, AServerThatSpeaksFirst) {
  LegScript leg = tls12();
  leg.record(false, 23, 60).close("client", "fin");
  EXPECT_EQ(judged(leg), kHealthy);
}

TEST(VerdictDirect, ARequestWithoutAnAnswerFails) {
  for (const auto& [by, how] :
       {std::pair{"backend", "fin"}, {"backend", "rst"}, {"client", "fin"}, {"proxy", "timeout"}}) {
    LegScript leg = tls12();
    leg.record(true, 23, 24).record(true, 23, 200).close(by, how);
    EXPECT_EQ(judged(leg), kFails) << by << how;
  }
  LegScript modern = tls13();
  modern.record(true, 23, 100).close("backend", "fin");
  EXPECT_EQ(judged(modern), kFails);
  LegScript waiting = tls12();
  waiting.record(true, 23, 100);
  EXPECT_EQ(judged(waiting), kUnknown) << "not over";
}

/// One ticket or two of the same length are no answer, and can't be told from a short one.
TEST(VerdictDirect, TicketsAloneLeaveItUnknown) {
  for (const int tickets : {1, 2}) {
    LegScript leg = tls13();
    leg.record(true, 23, 100);
    for (int i = 0; i < tickets; ++i) leg.record(false, 23, kTicket);
    leg.close("backend", "fin");
    EXPECT_EQ(judged(leg), kUnknown) << tickets;
  }
  LegScript other_lengths = tls13();
  other_lengths.record(true, 23, 100).record(false, 23, kTicket).record(false, 23, kTicket + 1);
  EXPECT_EQ(judged(other_lengths), kHealthy);
  LegScript long_answer = tls13();
  long_answer.record(true, 23, 100).record(false, 23, 4000);
  EXPECT_EQ(judged(long_answer), kHealthy);
}

TEST(VerdictDirect, AHandshakeThatDoesNotComeAboutFails) {
  LegScript refused = LegScript::direct_leg();
  refused.hello({0xc02f}).alert("backend", 40).close("backend", "fin");
  EXPECT_EQ(judged(refused), kFails);
  LegScript mute = LegScript::direct_leg();
  mute.hello({0xc02f}).close("proxy", "timeout");
  EXPECT_EQ(judged(mute), kFails);
  LegScript rejected = LegScript::direct_leg();
  rejected.hello({0x1301}).server_hello(0x0304, 0x1301).record(false, 23, 437);
  rejected.record(true, 23, kAlert).close("client", "fin");
  EXPECT_EQ(judged(rejected), kFails) << "an alert in place of the client's Finished";
  LegScript left = LegScript::direct_leg();
  left.hello({0x1301}).close("client", "fin");
  EXPECT_EQ(judged(left), kFails);
  LegScript broken = LegScript::direct_leg();
  broken->malformed = {"ClientHello sent by client: truncated"};
  broken.close("client", "fin");
  EXPECT_EQ(judged(broken), kFails);
}

TEST(VerdictDirect, WhatNobodyTriedIsUnknown) {
  LegScript checked = LegScript::direct_leg();
  checked.close("client", "fin");
  EXPECT_EQ(judged(checked), kUnknown) << "a port check";
  LegScript going = LegScript::direct_leg();
  going.hello({0xc02f});
  going->outcome = "incomplete";
  EXPECT_EQ(judged(going), kUnknown);
  LegScript stopped = LegScript::direct_leg();
  stopped.hello({0xc02f}).close("proxy", "fin");
  stopped->failure = "the proxy was stopped";
  EXPECT_EQ(judged(stopped), kUnknown);
  LegScript unreached = LegScript::direct_leg();
  unreached.hello({0xc02f}).tcp("backend", "connection refused");
  EXPECT_EQ(judged(unreached), kUnknown) << "the client's machine may have another way";
  LegScript plain = LegScript::direct_leg();
  plain->outcome = "not-tls";
  plain->first_bytes = "unknown bytes";
  EXPECT_EQ(judged(plain), kUnknown);
  LegScript unrouted = LegScript::direct_leg();
  unrouted.hello({0xc02f}).close("proxy", "fin");
  unrouted->to.clear();
  EXPECT_EQ(judged(unrouted), kUnknown) << "no route for the name: our own configuration";
}

/// The ledger lists 400 records: an answer after a long upload is known by the bytes that passed.
TEST(VerdictDirect, AnAnswerAfterTheLedgersEnd) {
  LegScript leg = tls12();
  for (int i = 0; i < 395; ++i) leg.record(true, 23, 16408);
  leg->records_total = 20'000;
  leg.close("client", "fin");
  SessionReport session = passed_session(leg.leg());
  session.backend_to_client_bytes = 60'000;
  EXPECT_EQ(judge_session(session).direct, "ok");
  session.backend_to_client_bytes = 1'000;
  EXPECT_EQ(judge_session(session).direct, "failed");
}

TEST(VerdictDirect, PlaintextThatWasRefusedFails) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).tcp("backend", "plain HTTP response").close("backend", "fin");
  leg->outcome = "not-tls";
  leg->first_bytes = "plain HTTP response";
  EXPECT_EQ(judged(leg), kFails);
  leg->first_bytes = "unknown bytes";
  EXPECT_EQ(judged(leg), kFails) << "whatever it is, it is no ServerHello";
}

TEST(VerdictDirect, AlertsAfterTheHandshake) {
  LegScript leg = tls12();
  leg.record(true, 23, 50).alert("backend", 20).close("backend", "fin");
  EXPECT_EQ(judged(leg), kFails);
  LegScript reset = tls12();
  reset.close("client", "rst");
  EXPECT_EQ(judged(reset), kFails) << "RST before data went both ways";
}

/// openssl s_client < /dev/null and a client that refuses what it was shown say the same: an
/// encrypted alert or FIN, and no request. Only a fault of the chain makes one of them likelier.
TEST(VerdictDirect, LeavingRightAfterTheHandshakeIsAFailureOnlyWithAReason) {
  LegScript alerted = tls12();
  alerted.encrypted_alert("client").close("client", "fin");
  EXPECT_EQ(judged(alerted), kUnknown);
  EXPECT_EQ(judged(alerted, kSelfSigned), kFails);
  LegScript closed_by_backend = tls12();
  closed_by_backend.encrypted_alert("client").close("backend", "fin");
  EXPECT_EQ(judged(closed_by_backend, kSelfSigned), kFails) << "the client's alert came first";
  LegScript silent = tls12();
  silent.close("client", "fin");
  EXPECT_EQ(judged(silent), kUnknown);
  EXPECT_EQ(judged(silent, kSelfSigned), kFails);
  LegScript modern = tls13();
  modern.record(true, 23, kAlert).record(false, 23, kTicket).record(false, 23, kTicket);
  modern.close("client", "fin");
  EXPECT_EQ(judged(modern), kUnknown);
  LegScript backend = tls12();
  backend.close("backend", "fin");
  EXPECT_EQ(judged(backend, kSelfSigned), kUnknown) << "it was not the client who left";
  LegScript quicker = tls12();
  quicker.encrypted_alert("client").close("backend", "fin").close("client", "fin");
  EXPECT_EQ(judged(quicker), kUnknown);
  EXPECT_EQ(judged(quicker, kSelfSigned), kFails) << "the backend only answers the alert";
  LegScript idle = tls12();
  idle.encrypted_alert("backend").encrypted_alert("client").close("backend", "fin");
  EXPECT_EQ(judged(idle, kSelfSigned), kUnknown) << "the client only answers the alert";
  LegScript asked = tls12();
  asked.record(true, 23, 50).record(false, 23, 50).encrypted_alert("client").close("client", "fin");
  EXPECT_EQ(judged(asked, kSelfSigned), kHealthy) << "close_notify after the answer";
}

TEST(VerdictDirect, TheHeadlineSaysWhatItIs) {
  const auto headline = [](const LegScript& leg) {
    SessionReport session = passed_session(leg.leg());
    session.findings = diagnose_session(session);
    rank_findings(session);
    return judge_session(session).headline;
  };
  LegScript works = tls12();
  works.record(true, 23, 100).record(false, 23, 400);
  EXPECT_EQ(headline(works),
            "Works without the proxy's help: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.");
  LegScript alerted = tls12();
  alerted.encrypted_alert("client").close("client", "fin");
  EXPECT_EQ(
      headline(alerted),
      "The client sent an encrypted alert right after the handshake, instead of a request, "
      "and closed: it may have refused the backend's certificate, or only looked whether the "
      "port shakes hands. Run visavis compare shop.example.com:443 -- CLIENT COMMAND, or visavis "
      "without --mode passthrough, to look inside.");
  SessionReport captured = passed_session(alerted.leg());
  captured.source = "capture";
  captured.mode = "observed";
  EXPECT_TRUE(judge_session(captured).headline.ends_with(
      ". Run visavis compare shop.example.com:443 -- CLIENT COMMAND to look inside."));
  LegScript polite = tls13();
  polite.record(true, 23, kAlert).alert("client", 0, "warning").close("client", "close_notify");
  polite->records.back().t_us = polite->events[polite->alerts.back().event].t_us;
  EXPECT_TRUE(headline(polite).starts_with("The client closed right after the handshake"))
      << "a secret shows what the alert says: " << headline(polite);
  LegScript refused = LegScript::direct_leg();
  refused.hello({0xc02f}).alert("backend", 70);
  EXPECT_EQ(headline(refused),
            "Client and backend share no TLS version: the client offers up to TLS 1.2, the backend "
            "refuses all of that.");
  LegScript rejected = LegScript::direct_leg();
  rejected.hello({0x1301}, {0x0304}).server_hello(0x0304, 0x1301).record(false, 23, 437);
  LegScript silent = rejected;
  rejected.record(true, 23, kAlert).close("client", "fin");
  EXPECT_EQ(headline(rejected),
            "The client sent an encrypted alert in answer to the backend's ServerHello, and no "
            "Finished: it probably refuses the backend's certificate.");
  silent.close("client", "fin");
  EXPECT_EQ(headline(silent),
            "The client left when it had the backend's answer, without a Finished: it probably "
            "refuses the backend's certificate.");
  LegScript wanted = tls13();
  wanted.record(true, 23, 100).record(false, 23, kAlert).close("backend", "fin");
  EXPECT_EQ(headline(wanted),
            "The handshake succeeded, but the request got no byte of an answer: the backend sent "
            "an encrypted alert and closed, as it does in TLS 1.3 where a client certificate is "
            "missing. The backend closes the connection when it has the request.");
  LegScript unanswered = tls12();
  unanswered.record(true, 23, 100).close("backend", "fin");
  EXPECT_EQ(headline(unanswered),
            "The handshake succeeded, but the request got no byte of an answer: the backend closed "
            "the connection (fin). The backend closes the connection when it has the request.");
}

/// A twin beside the two legs changes nothing here.
TEST(VerdictDirect, OnlyWithoutTheOtherLegs) {
  SessionReport session = passed_session(tls12().leg());
  session.client_leg = LegScript::client_leg().leg();
  EXPECT_EQ(judge_session(session).direct_known_by, "none");
}

TEST(LegOutcome, SeesDataByTypeUpToTls12) {
  LegScript leg = tls12();
  EXPECT_FALSE(see_data(leg.leg()).asked);
  leg.record(true, 23, 24);
  EXPECT_TRUE(see_data(leg.leg()).asked);
  EXPECT_FALSE(see_data(leg.leg()).answered);
  leg.record(false, 23, 24);
  EXPECT_TRUE(see_data(leg.leg()).answered);
  EXPECT_FALSE(see_data(LegReport{}).asked);
}

TEST(LegOutcome, SeesDataByLengthInTls13) {
  LegScript leg = tls13();
  leg.record(true, 23, kAlert).record(false, 23, kAlert).record(true, 23, 22);  // KeyUpdate
  EXPECT_FALSE(see_data(leg.leg()).asked);
  EXPECT_FALSE(see_data(leg.leg()).answered);
  leg.record(true, 23, 23);
  EXPECT_TRUE(see_data(leg.leg()).asked);
  LegScript with_certificate = LegScript::direct_leg();
  with_certificate.hello({0x1301}).server_hello(0x0304, 0x1301).record(false, 23, 437);
  with_certificate.record(true, 23, 900).record(true, 23, 96).record(true, 23, kFinished);
  with_certificate.established();
  EXPECT_FALSE(see_data(with_certificate.leg()).asked) << "the client's certificate is no request";
  LegScript coalesced = LegScript::direct_leg();
  coalesced.hello({0x1301}).server_hello(0x0304, 0x1301).record(true, 23, 1100).established();
  EXPECT_FALSE(see_data(coalesced.leg()).asked);
}

/// As seen of s_server: its peer closes without close_notify, and it says decode_error.
TEST(LegOutcome, AnAlertInAnswerToACloseEndsNothing) {
  LegScript leg = tls12();
  leg.close("client", "fin").alert("backend", 50);
  EXPECT_FALSE(has_fatal_alert(leg.leg()));
  LegScript own = tls12();
  own.alert("backend", 50).close("backend", "fin");
  EXPECT_TRUE(has_fatal_alert(own.leg()));
  LegScript same = tls12();
  same.close("backend", "fin").alert("backend", 50);
  EXPECT_TRUE(has_fatal_alert(same.leg())) << "it had not been closed by the other side";
  LegScript hello = LegScript::direct_leg();
  hello.hello({0xc02f}).close("client", "fin").alert("backend", 40);
  EXPECT_TRUE(has_fatal_alert(hello.leg())) << "the answer to a hello";
  LegScript java = LegScript::direct_leg();
  java.hello({0xc02f}).close("backend", "fin").alert("client", 40);
  EXPECT_FALSE(has_fatal_alert(java.leg()));
}

TEST(LegOutcome, FatalAlerts) {
  LegScript leg = tls12();
  leg.alert("client", 112, "warning");
  EXPECT_FALSE(has_fatal_alert(leg.leg()));
  leg.alert("client", 20, "0x07");
  EXPECT_TRUE(has_fatal_alert(leg.leg())) << "an unknown level is no warning";
  LegScript modern = tls13();
  modern.alert("client", 0, "warning").alert("client", 90, "warning");
  EXPECT_FALSE(has_fatal_alert(modern.leg()));
  modern.alert("client", 112, "warning");
  EXPECT_TRUE(has_fatal_alert(modern.leg()));
  for (std::uint32_t id = 0; id < 256; ++id)
    EXPECT_EQ(is_of_certificate(id), (id >= 42 && id <= 46) || id == 48);
}

}  // namespace
}  // namespace visavis::inspect

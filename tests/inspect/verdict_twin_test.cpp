#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/compare/twin_outcome.h"
#include "inspect/compare/verdict.h"
#include "inspect/findings/rank.h"
#include "inspect/report/text_report.h"
#include "tests/inspect/judged_session.h"

/// What the verdict, the headline, the findings and the text make of a direct twin beside the two
/// legs. DESIGN.md section 5.
namespace visavis::inspect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// As complete_report goes about it, with the legs' unmirrored features given.
SessionReport judged(SessionReport session) {
  session.findings = diagnose_session(session);
  rank_findings(session);
  if (session.twin) session.twin = qualify_twin(*session.twin, session);
  session.verdict = judge_session(session);
  return session;
}

std::string line_of(const SessionReport& session) {
  const VerdictReport verdict = judged(session).verdict;
  return verdict.verdict_class + " proxied " + verdict.proxied + " direct " + verdict.direct +
         " by " + verdict.direct_known_by;
}

TwinReport ok() {
  return {"ok", "The backend answers the client's own hello: TLS 1.2, SUITE", false, 0};
}
TwinReport failed() {
  return {"failed", "The backend closes the connection (FIN) in answer to the client's own hello",
          false, 0};
}

SessionReport working(std::optional<TwinReport> twin) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  client.certificate({certificate_of("CN=shop.example.com", "CN=visavis CA")}).established();
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  backend.certificate({certificate_of("CN=shop.example.com", "CN=CA")}).established();
  backend->chain = ChainReport{true, {}, std::nullopt, {{"system", true, {}}}};
  SessionReport session = session_of(client.leg(), backend.leg());
  session.client_to_backend_bytes = session.backend_to_client_bytes = 100;
  session.twin = std::move(twin);
  return session;
}

/// The backend refuses our hello in this way.
SessionReport refused(std::optional<TwinReport> twin, std::optional<std::uint8_t> alert) {
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).close("proxy", "fin");
  LegScript backend = LegScript::backend_leg();
  backend.hello({0xc02f});
  if (alert) backend.alert("backend", *alert);
  backend.close("backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  session.mirror.unmirrored = {{"backend_leg", "groups: X25519MLKEM768", "OpenSSL has it not"}};
  session.twin = std::move(twin);
  return session;
}

/// The client turns our certificate down; the backend leg stands.
SessionReport rejected(std::optional<TwinReport> twin) {
  SessionReport session = working(std::move(twin));
  LegScript client = LegScript::client_leg();
  client.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  client.certificate({certificate_of("CN=shop.example.com", "CN=visavis CA")});
  session.client_leg = client.alert("client", 48).close("client", "fin").leg();
  session.client_to_backend_bytes = session.backend_to_client_bytes = 0;
  return session;
}

TEST(VerdictTwin, AllClasses) {
  EXPECT_EQ(line_of(working(ok())), "healthy proxied ok direct ok by twin");
  EXPECT_EQ(line_of(working(failed())), "proxy-masks proxied ok direct failed by twin");
  EXPECT_EQ(line_of(refused(failed(), 40)), "fails-both proxied failed direct failed by twin");
  EXPECT_EQ(line_of(refused(failed(), {})), "fails-both proxied failed direct failed by twin");
  EXPECT_EQ(line_of(refused(ok(), 40)), "proxy-introduces proxied failed direct ok by twin");
  EXPECT_EQ(line_of(rejected(ok())), "proxy-introduces proxied failed direct ok by twin");
  EXPECT_EQ(line_of(refused({}, {})), "unknown proxied failed direct unknown by none");
  EXPECT_EQ(line_of(rejected({})), "unknown proxied failed direct unknown by none");
}

TEST(VerdictTwin, OneThatProvesNothingLeavesTheOffer) {
  const TwinReport unknown{"unknown", "It may take one at a time", false, 0};
  EXPECT_EQ(line_of(working(unknown)), "healthy proxied ok direct ok by offer");
  EXPECT_EQ(line_of(refused(unknown, {})), "unknown proxied failed direct unknown by none");
}

TEST(VerdictTwin, OkHoldsForTheClientsOwnWayOnly) {
  using Change = void (*)(SessionReport&);
  const std::pair<const char*, Change> changes[] = {
      {"hello", [](SessionReport& s) { s.mirror.hello = "default"; }},
      {"answer", [](SessionReport& s) { s.mirror.answer = "own"; }},
      {"split", [](SessionReport& s) { s.split_policy = "none"; }},
      {"records that were not repeated",
       [](SessionReport& s) {
         s.mirror.unmirrored = {{"backend_leg", "record split", "0/n"}};
       }},
      {"a client certificate",
       [](SessionReport& s) { s.backend_leg->certificate_request.emplace(); }},
      {"an untrusted chain", [](SessionReport& s) { s.backend_leg->chain->trusted = false; }},
      {"no chain", [](SessionReport& s) { s.backend_leg->chain.reset(); }},
      {"another chain for the client's hello",
       [](SessionReport& s) {
         s.direct_leg = s.backend_leg;
         s.direct_leg->chain->trusted = false;
       }},
  };
  for (const auto& [what, change] : changes) {
    SessionReport session = working(ok());
    change(session);
    const SessionReport done = judged(session);
    EXPECT_EQ(done.twin->result, "unknown") << what;
    EXPECT_THAT(done.twin->why, HasSubstr("; but ")) << what;
    EXPECT_EQ(done.verdict.direct_known_by == "twin", false) << what;
    // What a twin proves to fail, fails whatever the proxy did.
    session.twin = failed();
    EXPECT_EQ(judged(session).verdict.verdict_class, "proxy-masks") << what;
  }
}

/// The first flight is all that a twin sees: what broke off later may break off directly too.
TEST(VerdictTwin, OkExplainsNoFailureAfterTheFirstFlight) {
  SessionReport reset = working(ok());
  reset.backend_leg->close = CloseReport{"backend", "rst"};
  EXPECT_EQ(line_of(reset), "unknown proxied failed direct unknown by none");
  SessionReport unanswered = working(ok());
  unanswered.backend_to_client_bytes = 0;
  EXPECT_EQ(line_of(unanswered), "unknown proxied failed direct unknown by none");
  SessionReport left = refused(ok(), {});
  left.client_leg->close = CloseReport{"client", "fin"};
  EXPECT_EQ(line_of(left), "unknown proxied failed direct unknown by none");
  EXPECT_THAT(judged(left).twin->why, HasSubstr("this session failed after that"));
}

TEST(VerdictTwin, FailedUnderTheProxysNameProvesNothing) {
  SessionReport session = refused(failed(), 112);
  session.sni = session.client_leg->client_hello->sni = "localhost";
  EXPECT_EQ(line_of(session), "unknown proxied failed direct unknown by none");
  EXPECT_THAT(judged(session).twin->why, HasSubstr("server name is not the backend's"));
}

TEST(VerdictTwin, HeadlinesSayWhoIsAtFault) {
  SessionReport masked = working(failed());
  masked.mirror.hello = "default";
  masked.split_policy = "1/n-1";
  masked.client_leg->client_hello->segments = {1400, 300};
  masked.mirror.unmirrored = {{"backend_leg", "groups: X25519MLKEM768", ""},
                              {"backend_leg", "extensions: order", ""},
                              {"client_leg", "ALPN", ""},
                              {"backend_leg", "alert-after-handshake", ""}};
  EXPECT_EQ(judged(masked).verdict.headline,
            "It works only through the proxy: the backend closes the connection (FIN) in answer to "
            "the client's own hello. What the proxy changed: the hello (--hello default), the "
            "record split (--split 1/n-1), the hello's 2 TCP segments, which leave as one, groups: "
            "X25519MLKEM768 and 1 more.");
  EXPECT_EQ(judged(rejected(ok())).verdict.headline,
            "The proxy is the cause, not the backend: the client refuses the certificate that the "
            "proxy showed it. The backend answers the client's own hello: TLS 1.2, SUITE.");
  EXPECT_EQ(judged(refused(ok(), 40)).verdict.headline,
            "The proxy is the cause, not the backend: the backend refuses the proxy's hello, and "
            "answers the client's own. The backend answers the client's own hello: TLS 1.2, SUITE. "
            "What the proxy changed: groups: X25519MLKEM768.");
  EXPECT_EQ(judged(refused(failed(), {})).verdict.headline,
            "The backend closes after the ClientHello: no ServerHello, no alert. It fails without "
            "the proxy too: the backend closes the connection (FIN) in answer to the client's own "
            "hello.");
  EXPECT_EQ(judged(working(ok())).verdict.headline,
            "Works: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 on both legs.");
  EXPECT_THAT(judged(refused({}, {})).verdict.headline, HasSubstr("--mode passthrough"));
}

/// Where no twin was sent, its option is named if it would tell.
TEST(VerdictTwin, IsRecommendedWhereItWouldTell) {
  const auto recommended = [](const SessionReport& session) {
    const VerdictReport verdict = judged(session).verdict;
    EXPECT_EQ(verdict.verdict_class, "unknown");
    EXPECT_THAT(verdict.headline, HasSubstr("run visavis compare "));
    return verdict.headline.find(", or visavis with --mode passthrough or --twin auto, to tell.") !=
           std::string::npos;
  };
  const auto other_hello = [](SessionReport session) {
    session.mirror.unmirrored = {{"backend_leg", "extensions: order", "ours"}};
    return session;
  };
  EXPECT_TRUE(recommended(other_hello(working({}))));
  EXPECT_TRUE(recommended(refused({}, 40)));
  EXPECT_TRUE(recommended(refused({}, std::nullopt)));
  const TwinReport refused_one{"unknown", "The client's own hello was not tried: too many", false,
                               0};
  EXPECT_FALSE(recommended(other_hello(working(refused_one)))) << "the user asked for one";

  SessionReport session = other_hello(working({}));
  session.split_policy = "none";
  EXPECT_FALSE(recommended(session)) << "its answer would not mean the client's way";
  session = other_hello(working({}));
  session.backend_leg->chain->trusted = false;
  EXPECT_FALSE(recommended(session)) << "the client's judgement is not known";
  session = other_hello(working({}));
  session.backend_leg->certificate_request = CertificateRequestReport{};
  EXPECT_FALSE(recommended(session)) << "nor is what its certificate is worth";
  session = other_hello(working({}));
  session.client_leg->client_hello->legacy_version = code_point(kTls12);
  session.client_leg->client_hello->supported_versions.reset();
  session.backend_leg->server_hello->version = code_point(kTls11);
  EXPECT_FALSE(recommended(session)) << "its hello hides its minimum";
  session.client_leg->client_hello->supported_versions = {code_point(kTls12), code_point(kTls11)};
  EXPECT_TRUE(recommended(session));
}

/// What the backend said to our hello is held against nobody when it answers the client's own.
TEST(OurHelloRefused, IsFoundInPlaceOfWhatWouldBlameOthers) {
  for (const auto alert : {std::optional<std::uint8_t>(40), std::optional<std::uint8_t>(70),
                           std::optional<std::uint8_t>()}) {
    EXPECT_THAT(lines(refused(ok(), alert)), ElementsAre("our-hello-refused proxy error proven"));
    EXPECT_THAT(lines(refused(failed(), alert)), ElementsAre(Not(StartsWith("our-hello"))));
    EXPECT_THAT(lines(refused({}, alert)), ElementsAre(Not(StartsWith("our-hello"))));
  }
  SessionReport earlier = refused(ok(), 40);
  earlier.twin->cached = true;
  EXPECT_THAT(lines(earlier), ElementsAre("our-hello-refused proxy error likely"));
  EXPECT_THAT(diagnose_session(earlier).front().cause, HasSubstr("groups: X25519MLKEM768"));
  EXPECT_EQ(diagnose_session(earlier).front().judged_by, "twin");
  SessionReport left = refused(ok(), {});
  left.client_leg->close = CloseReport{"client", "fin"};
  for (const std::string& line : lines(left)) EXPECT_THAT(line, Not(StartsWith("our-hello")));
  EXPECT_THAT(lines(working(ok())), IsEmpty());
}

/// A twin's leg is a trial: no rule reads it as one of the session's own.
TEST(TwinLeg, MisleadsNoRule) {
  LegScript direct = LegScript::direct_leg();
  const LegReport twin = direct.hello({0xc02f}).alert("backend", 70).close("backend", "fin").leg();
  SessionReport session = working(failed());
  session.direct_leg = twin;
  EXPECT_THAT(lines(session), IsEmpty());
}

std::string text_of(SessionReport session) { return render_text(judged(std::move(session))); }

TEST(TwinText, IsOneLineWhereTheAnswerIsTheSame) {
  LegScript direct = LegScript::direct_leg();
  direct.hello({0xc02f}).server_hello(0x0303, 0xc02f);
  SessionReport session = working(ok());
  session.direct_leg = direct.close("proxy", "fin").leg();
  EXPECT_THAT(text_of(session),
              AllOf(HasSubstr("DIRECT TWIN: The backend answers"),
                    HasSubstr("the proxy's hello got the"), Not(HasSubstr("DIRECT LEG"))));
  session.direct_leg->server_hello->cipher = code_point(CipherSuite{0xc030});
  EXPECT_THAT(text_of(session),
              AllOf(HasSubstr("DIRECT TWIN"), HasSubstr("|  DIRECT LEG, the client's\n"),
                    Not(HasSubstr("the proxy's hello got"))));
  EXPECT_THAT(text_of(session), HasSubstr("!= TLS_ECDHE_RSA_WITH_AES_256_"));
  // That a trial goes no further than the first flight is no difference.
  EXPECT_THAT(text_of(session), Not(HasSubstr("!= failed after")));
  // A page too narrow for a third column has it below.
  const std::string narrow = render_text(judged(session), {.width = 80});
  EXPECT_THAT(narrow, HasSubstr("DIRECT LEG, the client's own hello, sent to the backend\n"));
  session.direct_leg.reset();
  session.twin->cached = true;
  session.twin->age_s = 12.7;
  EXPECT_THAT(text_of(session),
              AllOf(HasSubstr("(an earlier session's, 12 s"), Not(HasSubstr("DIRECT LEG"))));
  session.twin.reset();
  EXPECT_THAT(text_of(session), Not(HasSubstr("DIRECT")));
}

TEST(TwinText, ShowsTheLegOfAnotherRefusal) {
  LegScript same = LegScript::direct_leg();
  SessionReport session = refused(failed(), {});
  session.direct_leg = same.hello({0xc02f}).close("backend", "fin").leg();
  EXPECT_THAT(text_of(session), Not(HasSubstr("DIRECT LEG")));
  session.direct_leg->close->how = "rst";
  EXPECT_THAT(text_of(session), HasSubstr("DIRECT LEG"));
  LegScript part = LegScript::direct_leg();  // it had a part of the hello only
  session.direct_leg = part.close("backend", "fin").leg();
  EXPECT_THAT(text_of(session), HasSubstr("DIRECT LEG"));
}

TEST(PassedThroughText, SaysWhy) {
  LegScript direct = LegScript::direct_leg();
  SessionReport session = passed_session(direct.hello({0x0005}).close("backend", "fin").leg());
  EXPECT_THAT(text_of(session), Not(HasSubstr("because our")));
  session.passed_through_because = "our TLS library has none of the offered suites";
  EXPECT_THAT(text_of(session), HasSubstr("because our TLS library has none of the offered"));
}

}  // namespace
}  // namespace visavis::inspect

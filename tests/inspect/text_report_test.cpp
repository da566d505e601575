#include "inspect/report/text_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "inspect/report/visible_text.h"
#include "tests/support/sample_reports.h"

namespace visavis::inspect {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first line that starts with a label.
std::string row(const std::string& text, const std::string& label) {
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with(label + " ")) return line;
  }
  return {};
}

void expect_clean(const std::string& text, std::size_t width) {
  EXPECT_THAT(text, EndsWith("\n"));
  for (const std::string& line : lines_of(text)) {
    EXPECT_LE(display_width(line), width) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
    EXPECT_EQ(visible(line), line);  // no control character, nothing hidden, valid UTF-8
  }
}

TEST(TextReport, KeepsTheWidthAndHasNoControlCharacters) {
  auto sessions = test::sample_sessions();
  sessions.push_back({"long", test::hostile_session(std::string(5000, 'x'))});
  sessions.push_back({"wide", test::hostile_session("\xe6\xbc\xa2\xe5\xad\x97 \xe6\xbc\xa2")});
  sessions.push_back({"combining", test::hostile_session("e\xcc\x81\xcc\x81\xcc\x81\xcc\x81")});
  sessions.push_back({"spaces", test::hostile_session(std::string(300, ' '))});
  for (const auto& [name, session] : sessions) {
    for (const int width : {60, 80, 100}) {
      SCOPED_TRACE(name + " " + std::to_string(width));
      expect_clean(render_text(session, {width, false, false}), static_cast<std::size_t>(width));
      expect_clean(render_text(session, {width, false, true}), static_cast<std::size_t>(width));
    }
  }
}

TEST(TextReport, KeepsTheWidthBetween60And100) {
  const SessionReport session = test::incomplete_chain_session();
  EXPECT_EQ(render_text(session, {1000}), render_text(session, {100}));
  EXPECT_EQ(render_text(session, {-1}), render_text(session, {60}));
}

TEST(TextReport, StaysSmallWhateverThePeerSent) {
  SessionReport session = test::hostile_session(std::string(64 * 1024, 'x'));
  session.findings.resize(500, session.findings.front());
  session.http.resize(100, session.http.front());
  session.comparison.resize(500, session.comparison.front());
  session.mirror.unmirrored.resize(500, session.mirror.unmirrored.front());
  LegReport& leg = *session.backend_leg;
  leg.alerts.resize(500, leg.alerts.front());
  leg.certificates.resize(64, leg.certificates.front());
  leg.malformed.resize(500, leg.malformed.front());
  leg.client_hello->segments.resize(512, 1);
  leg.client_certificates->resize(64, leg.client_certificates->front());
  leg.certificate_request->issuers.resize(256, leg.certificate_request->issuers.front());
  EXPECT_LT(render_text(session).size(), 1024U * 1024);
}

TEST(TextReport, SaysFirstWhatHappenedAndWhoMustChange) {
  const auto lines = lines_of(render_text(test::no_common_version_session()));
  EXPECT_EQ(lines[0],
            "fails-both: 192.0.2.10:50312 -> legacy.example.com:443, SNI legacy.example.com");
  EXPECT_EQ(lines[1], "  The backend speaks TLS 1.0 only; the client wants TLS 1.1 or TLS 1.2.");
  EXPECT_THAT(lines[2], HasSubstr("through the proxy: failed; without it: failed"));
  EXPECT_THAT(lines[3], HasSubstr("the backend must change (proven)"));
}

TEST(TextReport, MarksRowsThatDiffer) {
  const std::string text = render_text(test::incomplete_chain_session());
  EXPECT_THAT(row(text, "version"),
              AllOf(HasSubstr("mirrored"), HasSubstr(" | "), Not(HasSubstr("!="))));
  EXPECT_THAT(row(text, "EMS, EtM"), AllOf(HasSubstr("ours"), HasSubstr(" != ")));
}

TEST(TextReport, MarksDifferencesThatTheComparisonDoesNotName) {
  SessionReport session = test::healthy_session();
  session.comparison.clear();
  session.backend_leg->established->version.name = "TLS 1.2";
  const std::string text = render_text(session);
  EXPECT_THAT(row(text, "version"), HasSubstr(" != "));
  EXPECT_THAT(row(text, "suite"), Not(HasSubstr("!=")));
}

TEST(TextReport, AMirroredCloseDoesNotDiffer) {
  SessionReport session = test::no_common_version_session();
  EXPECT_THAT(row(render_text(session), "close"), Not(HasSubstr("!=")));
  session.backend_leg->close->how = "rst";
  EXPECT_THAT(row(render_text(session), "close"), HasSubstr(" != "));
}

TEST(TextReport, ShowsOfLongListsWhatTheOtherLegDoesNotHave) {
  const std::string text = render_text(test::no_common_version_session());
  EXPECT_THAT(text, HasSubstr("only here: TLS_RSA_WITH_RC4_128_SHA"));
}

TEST(TextReport, ShowsCertificatesAndChain) {
  const std::string text = render_text(test::incomplete_chain_session());
  EXPECT_THAT(row(text, "cert 0"), HasSubstr("CN=shop.example.com"));
  EXPECT_THAT(row(text, "cert 1"), HasSubstr("|  -"));
  EXPECT_THAT(row(text, "chain"), HasSubstr("not trusted"));
  EXPECT_THAT(text, HasSubstr("missing issuer: CN=Example Issuing CA"));
}

TEST(TextReport, ShowsTheFirstRecordsWithBothLengths) {
  EXPECT_THAT(row(render_text(test::incomplete_chain_session()), "app data"),
              HasSubstr("c2s 32 (1), 560 (520)"));
  EXPECT_THAT(row(render_text(test::healthy_session()), "app data"), HasSubstr("c2s 629 (612) "));
  EXPECT_THAT(render_text(test::passthrough_session()), HasSubstr("c2s split, kind unknown"));
}

TEST(TextReport, ADirectLegAloneHasOneColumn) {
  const std::string text = render_text(test::passthrough_session());
  EXPECT_THAT(text, AllOf(HasSubstr("DIRECT LEG, client <-> backend"), Not(HasSubstr("CLIENT LEG")),
                          Not(HasSubstr("mirror"))));
  EXPECT_THAT(row(text, "endpoints"), Not(HasSubstr(" | ")));
}

TEST(TextReport, PassthroughSaysThatNothingWasTouched) {
  const std::string text = render_text(test::passthrough_refused_session());
  for (const char* part :
       {"\n  client and backend directly: failed (seen in passthrough)\n",
        "\nrecords    3: 2 c2s, 1 s2c\n           passed through untouched\n",
        "\nPROXY: passed the bytes through untouched, and read along what is in clear\n",
        "\nBYTES: client to backend 529, backend to client 1625, TCP payload\n",
        "missing issuer: CN=Example Issuing CA 2", "direct_leg #4  fatal unknown_ca (48)"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("(plain)"))) << "no plaintext is known";
  EXPECT_THAT(render_text(test::passthrough_healthy_session()), EndsWith("\nno findings\n"));
}

TEST(TextReport, AClientCertificateIsShownWhereOneWasAskedFor) {
  const std::string text = render_text(test::client_certificate_session());
  EXPECT_THAT(row(text, "client"), AllOf(HasSubstr("asked for, of 212 issuers"), HasSubstr("!=")));
  EXPECT_THAT(text, HasSubstr("sent CN=alice,O=Example Shop           |  none sent"));
  EXPECT_THAT(text, HasSubstr("proved with rsa_pss_rsae_sha256"));
  EXPECT_THAT(text, AllOf(HasSubstr("CN=Example Partners CA"), Not(HasSubstr("CN=Legacy CA")),
                          HasSubstr("and 209 more")));
  for (const auto& session : {test::healthy_session(), test::incomplete_chain_session()})
    EXPECT_EQ(row(render_text(session), "client"), "");
}

TEST(TextReport, AnyIssuerWillDo) {
  SessionReport session = test::client_certificate_session();
  session.backend_leg->certificate_request->issuers.clear();
  session.backend_leg->certificate_request->issuers_total = 0;
  EXPECT_THAT(row(render_text(session), "client"), HasSubstr("!= asked for, of any issuer"));
}

TEST(TextReport, ShowsPrimeAndStapledResponseWhereThereAreSome) {
  const std::string text = render_text(test::client_certificate_session());
  EXPECT_THAT(row(text, "group"), AllOf(HasSubstr("DH, a prime of 2048 bits"), HasSubstr(" != "),
                                        HasSubstr("DH, a prime of 1024 bits"), HasSubstr("ours")));
  EXPECT_THAT(row(text, "stapled"), HasSubstr("!= OCSP response, 471 bytes"));
  EXPECT_EQ(row(render_text(test::healthy_session()), "stapled"), "");
}

TEST(TextReport, OurOwnLimitsAreSaidToBeOurs) {
  const std::string text = render_text(test::healthy_session());
  EXPECT_THAT(text, HasSubstr("not mirrored, which is our own limit"));
  EXPECT_THAT(text, HasSubstr("    backend_leg grease: OpenSSL does not send GREASE values\n"));
}

TEST(TextReport, FindingsAreWholeOrNone) {
  EXPECT_THAT(render_text(test::healthy_session()), EndsWith("\nno findings\n"));
  const std::string text = render_text(test::no_common_version_session());
  for (const char* part :
       {"error: client and backend have no TLS version in common [no-common-version]",
        "who        the backend must change; proven, the client said so in an alert", "cause  ",
        "expected   TLS 1.1 or TLS 1.2", "presented  TLS 1.0",
        "client_leg #7  fatal protocol_version (70)", "remedy  ", "Schannel event 36874",
        "source     RFC 5246 7.2.2, E.1"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(TextReport, ListsHttpExchanges) {
  const std::string text = render_text(test::incomplete_chain_session());
  EXPECT_THAT(text, HasSubstr("POST /v1/orders -> 201, http/1.1, body 512 up, 64 down"));
  EXPECT_THAT(text, HasSubstr("GET /v1/orders/7 -> no response"));
}

TEST(TextReport, QuietIsTheHeadlineInOneLine) {
  EXPECT_EQ(render_text(test::healthy_session(), {100, false, true}),
            "healthy: 192.0.2.10:50312 -> shop.example.com:443: "
            "Works through the proxy and without it.\n");
}

TEST(TextReport, ColorOnlyColors) {
  const SessionReport session = test::no_common_version_session();
  std::string colored = render_text(session, {100, true, false});
  EXPECT_THAT(colored, StartsWith("\x1b[31mfails-both"));
  EXPECT_THAT(colored, HasSubstr("\x1b[1moffered"));
  for (const std::string escape : {"\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"}) {
    for (std::size_t at = 0; (at = colored.find(escape)) != std::string::npos;)
      colored.erase(at, escape.size());
  }
  EXPECT_EQ(colored, render_text(session));
}

}  // namespace
}  // namespace visavis::inspect

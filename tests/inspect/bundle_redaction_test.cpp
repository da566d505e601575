// Redaction of reports: the same mask everywhere, nothing of it to be guessed back, and a report
// that is one still.
#include "inspect/bundle/redaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "inspect/codepoint/extension_type.h"
#include "inspect/report/json_report.h"

namespace visavis::inspect {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Mask::Key kKey{7, 8, 9};
const Mask::Key kOtherKey{9, 8, 7};

TEST(Mask, IsTheSameForTheSameValueAndKeyOnly) {
  const Mask mask(kKey);
  EXPECT_EQ(mask.text("somebody@example.com"), mask.text("somebody@example.com"));
  EXPECT_NE(mask.text("somebody@example.com"), mask.text("somebodz@example.com"));
  EXPECT_NE(mask.text("somebody@example.com"), Mask(kOtherKey).text("somebody@example.com"));
  EXPECT_THAT(mask.text("somebody@example.com"), StartsWith("masked-"));
  for (const std::size_t size : {0U, 1U, 14U, 15U, 33U, 5000U})
    EXPECT_EQ(mask.text(std::string(size, 'a')).size(), size);
  EXPECT_EQ(mask.token("a").size(), mask.token(std::string(100, 'a')).size());
}

TEST(Mask, AddressesGetOthersThatAreTheirOwn) {
  const Mask mask(kKey);
  AddressMask addresses(mask);
  for (int i = 0; i < 2000; ++i)
    addresses.add("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + ":1234");
  std::set<std::string> masked;
  for (int i = 0; i < 2000; ++i) {
    std::string text = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
    addresses.apply(text);
    EXPECT_THAT(text, StartsWith("198.1"));
    masked.insert(text);
  }
  EXPECT_EQ(masked.size(), 2000U);
  AddressMask others(mask);
  for (const std::string endpoint :
       {"[2001:db8::1]:443", "::ffff:10.0.0.1", "0.0.0.0:1", "host.example:443", "", "[::"})
    others.add(endpoint);
  std::string text = "[2001:db8::1]:443, [::ffff:10.0.0.1]:1, 0.0.0.0:1 2001:db8::12 10.0.0.1";
  others.apply(text);
  EXPECT_THAT(text, Not(HasSubstr("2001:db8::1]")));
  EXPECT_THAT(text, HasSubstr(", [::ffff:198.1"));
  EXPECT_THAT(text, HasSubstr(" 0.0.0.0:1 2001:db8::12 10.0.0.1"));
}

TEST(Mask, WordsAreReplacedWhereTheyStandForThemselves) {
  const auto replaced = [](std::string text) {
    replace_all(text, "10.0.0.1", "X");
    return text;
  };
  EXPECT_EQ(replaced("10.0.0.1 10.0.0.1:5 (10.0.0.1). /10.0.0.1/"), "X X:5 (X). /X/");
  EXPECT_EQ(replaced("10.0.0.10 110.0.0.1 1.10.0.0.1 10.0.0.1.5 a10.0.0.1"),
            "10.0.0.10 110.0.0.1 1.10.0.0.1 10.0.0.1.5 a10.0.0.1");
}

SessionReport session_of(const std::string& subject) {
  SessionReport session;
  session.id = "s-1";
  session.client = "192.0.2.7:5555";
  session.listener = "192.0.2.8:8443";
  session.backend = "shop.example:443";
  session.backend_address = "203.0.113.9:443";
  session.client_leg.emplace();
  session.client_leg->from = session.client;
  session.client_leg->to = session.listener;
  CertificateReport certificate;
  certificate.subject = certificate.issuer = subject;
  certificate.san = {"email:jane@example.com", "DNS:shop.example"};
  session.client_leg->client_certificates.emplace().push_back(certificate);
  FindingReport finding;
  finding.id = "client-certificate-wanted";
  finding.cause = "'" + subject + "' came from 192.0.2.7, jane@example.com, for shop.example";
  finding.presented = "/home/jane/cert.pem";
  finding.title = "The response to GET /a?b=topsecret&c was cut";
  session.findings.push_back(finding);
  for (const std::string target : {"/a?b=topsecret", "/a?b=topsecret&c"}) {
    session.http.emplace_back();
    session.http.back().target = target;
    session.http.back().host = "jane@shop.example";
  }
  session.client_leg->client_hello.emplace().extension_values = {
      {code_point(ExtensionType{0xfe42}), "9 bytes: 746f70736563726574"},
      {code_point(kMaxFragmentLength), "4096"}};
  return session;
}

TEST(Redaction, ReachesEveryTextOfAReport) {
  Redaction redaction(kKey, true, {{"/home/jane", "~"}});
  const SessionReport session = session_of("CN=Jane \\\"J\\\" Doe,O=Acme");
  redaction.learn(session);
  const SessionReport redacted = redaction.redact(session);
  const std::string json = render_json(redacted);
  for (const std::string word : {"Jane", "jane@", "Acme", "topsecret", "746f70736563726574",
                                 "192.0.2.7", "192.0.2.8", "/home/"})
    EXPECT_THAT(json, Not(HasSubstr(word)));
  EXPECT_THAT(json, HasSubstr("\"backend\":\"shop.example:443\""));
  EXPECT_THAT(json, HasSubstr("203.0.113.9:443"));
  EXPECT_THAT(json, HasSubstr("for shop.example"));
  const std::string& subject = redacted.client_leg->client_certificates->front().subject;
  EXPECT_THAT(subject, StartsWith("CN="));
  EXPECT_THAT(redacted.findings.front().cause, HasSubstr(subject));
  EXPECT_EQ(redacted.findings.front().title,
            "The response to GET " + redacted.http.back().target + " was cut");
  EXPECT_THAT(redacted.http.front().host.value_or(""), EndsWith("@shop.example"));
  const auto& extensions = redacted.client_leg->client_hello->extension_values;
  EXPECT_THAT(extensions[0].value, StartsWith("9 bytes: masked-"));
  EXPECT_EQ(extensions[1].value, "4096");
  EXPECT_EQ(redacted.client_leg->from, redacted.client);
  EXPECT_EQ(redacted.findings.front().presented, "~/cert.pem");
  EXPECT_THAT(redaction.redact_text("session s-1 of 192.0.2.7: jane@example.com"),
              Not(HasSubstr("jane")));
  EXPECT_THAT(redaction.redact_text("GET /a?b=topsecret: cut"), Not(HasSubstr("topsecret")));
}

TEST(Redaction, NamesThatAreWordsOfAReportLeaveItAReport) {
  for (const std::string name : {"client", "sha256", "TLS 1.2", "GREASE", "records", "Finished",
                                 "a", "", "schema", "true", "null"}) {
    Redaction redaction(kKey, false, {});
    const SessionReport session = session_of("CN=" + name);
    redaction.learn(session);
    const SessionReport redacted = redaction.redact(session);
    EXPECT_EQ(redacted.backend, session.backend) << name;
    EXPECT_EQ(redacted.findings.front().id, session.findings.front().id) << name;
  }
}

}  // namespace
}  // namespace visavis::inspect

#include "inspect/findings/server_name.h"

#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

LegScript asked_for(const std::optional<std::string>& name,
                    LegScript leg = LegScript::direct_leg()) {
  leg.hello({0xc02f}, {0x0303});
  leg->client_hello->sni = name;
  if (name) leg->client_hello->extensions = {code_point(ExtensionType{0})};
  return leg;
}

/// The backend answers the client's own hello with an alert.
SessionReport refused(const std::optional<std::string>& name, std::uint8_t alert) {
  LegScript leg = asked_for(name);
  leg.alert("backend", alert).close("backend", "fin");
  return passed_session(leg.leg());
}

/// RFC 6066 3; the characters are those of RFC 952 and RFC 1123 2.1.
TEST(ServerName, Problems) {
  for (const char* name : {"example.com", "a", "xn--bcher-kva.example", "1.2.3.example", "1.2.3",
                           "EXAMPLE.com", "localhost", "a-b.c"})
    EXPECT_EQ(name_problem(name), "") << name;
  const std::pair<std::string, const char*> cases[] = {
      {"", "is empty"},
      {"192.0.2.1", "is an IP address"},
      {"2001:db8::1", "is an IP address"},
      {"[2001:db8::1]", "is an IP address"},
      {"::1", "is an IP address"},
      {"example.com.", "ends in a dot"},
      {"testssl.sh:443", "has a port behind it"},
      {"192.0.2.1:443", "has a port behind it"},
      {"my_host.example", "has an underscore"},
      {"a b", "has letters that a host name can't have"},
      {std::string("a\0b", 3), "has letters that a host name can't have"},
      {"b\xc3\xbc"
       "cher.example",
       "has letters that a host name can't have"},
      {".example", "has an empty label"},
      {"a..b", "has an empty label"},
      {std::string(254, 'a'), "is longer than a host name can be"}};
  for (const auto& [name, problem] : cases) EXPECT_EQ(name_problem(name), problem) << name;
  EXPECT_EQ(name_problem(std::string(253, 'a')), "");
}

TEST(FindingSniRefused, TheBackendKnowsNoSuchName) {
  EXPECT_EQ(lines(refused("old.example.com", 112)), Lines{"sni-refused both error proven"});
  LegScript client = asked_for("old.example.com", LegScript::client_leg());
  client.alert("proxy", 112).close("proxy", "fin");
  LegScript backend = asked_for("old.example.com", LegScript::backend_leg());
  backend.alert("backend", 112).close("backend", "fin");
  SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), Lines{"sni-refused both error proven"});
  EXPECT_EQ(diagnose_sni_refused(session)->codes.firefox, "SSL_ERROR_UNRECOGNIZED_NAME_ALERT");
  session.mirror.hello = "default";
  EXPECT_EQ(line(diagnose_sni_refused(session)), "both error likely backend-alert");
}

TEST(FindingSniRefused, TheBackendOnlyWarns) {
  LegScript leg = asked_for("old.example.com");
  leg.alert("backend", 112, "warning").server_hello(0x0303, 0xc02f).established();
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session), Lines{"sni-refused backend warning proven"});
  EXPECT_EQ(diagnose_sni_refused(session)->codes.java,
            "SSLProtocolException: handshake alert: unrecognized_name");
}

TEST(FindingSniRefused, NearMisses) {
  EXPECT_EQ(line(diagnose_sni_refused(refused("old.example.com", 40))), "none");
  EXPECT_EQ(line(diagnose_sni_refused(refused(std::nullopt, 112))), "none");
  EXPECT_EQ(line(diagnose_sni_refused(refused("192.0.2.1", 112))), "none") << "sni-malformed's";
  LegScript own = asked_for("old.example.com");
  own.alert("client", 112).close("client", "fin");
  EXPECT_EQ(line(diagnose_sni_refused(passed_session(own.leg()))), "none");
}

TEST(FindingSniMalformed, RefusedOrOnlyOdd) {
  EXPECT_EQ(lines(refused("192.0.2.1", 112)), Lines{"sni-malformed client error proven"});
  EXPECT_EQ(lines(refused("shop.example.com:443", 50)), Lines{"sni-malformed client error likely"});
  EXPECT_EQ(line(diagnose_sni_malformed(refused("example.com.", 47))),
            "client error likely backend-alert");
  LegScript works = asked_for("example.com.");
  works.server_hello(0x0303, 0xc02f).established();
  EXPECT_EQ(lines(passed_session(works.leg())), Lines{"sni-malformed client info proven"});
}

TEST(FindingSniMalformed, NearMisses) {
  EXPECT_EQ(line(diagnose_sni_malformed(refused("example.com", 112))), "none");
  EXPECT_EQ(line(diagnose_sni_malformed(refused(std::nullopt, 112))), "none");
  // Another reason is likelier: the name is still worth a line.
  EXPECT_EQ(lines(refused("example.com.", 40)),
            (Lines{"no-common-cipher both error likely", "sni-malformed client info proven"}));
}

TEST(FindingSniMissing, TheBackendWantsAName) {
  EXPECT_EQ(lines(refused(std::nullopt, 112)), Lines{"sni-missing client error proven"});
}

TEST(FindingSniMissing, TheBackendCloses) {
  LegScript leg = asked_for(std::nullopt);
  leg.close("backend", "rst");
  leg->raw_s2c.clear();
  SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(lines(session),
            (Lines{"no-server-hello backend error likely", "sni-missing client warning likely"}));
  session.backend = "192.0.2.7:443";
  EXPECT_EQ(lines(session), Lines{"no-server-hello backend error likely"})
      << "who connects by an address has no name to send";
}

TEST(FindingSniMissing, NearMisses) {
  EXPECT_EQ(lines(refused(std::nullopt, 40)), Lines{"no-common-cipher both error likely"});
  LegScript named = asked_for("shop.example.com");
  named.close("backend", "rst");
  EXPECT_EQ(lines(passed_session(named.leg())), Lines{"no-server-hello backend error likely"});
  LegScript old = LegScript::direct_leg();
  old.hello({0x000a}, {}, 0x0300);
  old->client_hello->sni.reset();
  old.alert("backend", 112).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(old.leg())), Lines{"alert-unexplained both error likely"})
      << "SSL 3.0 has no extensions";
}

TEST(FindingDefaultCertificate, OnASignAndNotWithout) {
  LegScript leg = asked_for("shop.example.com");
  leg.server_hello(0x0303, 0xc02f);
  leg.certificate({certificate_of("CN=TRAEFIK DEFAULT CERT", "CN=TRAEFIK DEFAULT CERT")});
  leg.established();
  SessionReport session = passed_session(leg.leg());
  Findings found;
  EXPECT_EQ(line(diagnose_default_certificate(session, found)), "none");
  found.emplace_back().id = "name-mismatch";
  const auto finding = diagnose_default_certificate(session, found);
  EXPECT_EQ(line(finding), "backend info likely proxy-check");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  session.direct_leg->certificates[0].subject = "CN=www.example.net";
  EXPECT_EQ(line(diagnose_default_certificate(session, found)), "none");
  session.direct_leg->alerts.push_back(
      {1, "backend", "warning", code_point(AlertDescription{112})});
  EXPECT_EQ(line(diagnose_default_certificate(session, found)),
            "backend info proven backend-alert");
  session.direct_leg->client_hello->sni.reset();
  EXPECT_EQ(line(diagnose_default_certificate(session, found)), "none") << "no name, no site";
}

TEST(ServerNames, AreComparedWithoutPortDotAndCase) {
  EXPECT_EQ(compared_name("Shop.Example.COM"), "shop.example.com");
  EXPECT_EQ(compared_name("shop.example.com:8443"), "shop.example.com");
  EXPECT_EQ(compared_name("shop.example.com."), "shop.example.com");
  EXPECT_EQ(compared_name("shop.example.com.:443"), "shop.example.com");
  EXPECT_EQ(compared_name("[2001:db8::1]:443"), "[2001:db8::1]");
  EXPECT_EQ(compared_name("[2001:db8::1]"), "[2001:db8::1]");
  EXPECT_EQ(compared_name(""), "");
  EXPECT_EQ(compared_name(":"), ":");
  EXPECT_EQ(compared_name("."), "");
}

}  // namespace
}  // namespace visavis::inspect

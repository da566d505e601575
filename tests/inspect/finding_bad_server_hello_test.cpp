#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/findings/rule.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

const auto diagnose = diagnose_bad_server_hello;

CodePoint extension(std::uint16_t type) { return code_point(ExtensionType{type}); }
CodePoint group(std::uint16_t value) { return code_point(NamedGroup{value}); }

/// An ordinary offer of TLS 1.3 and 1.2, and an answer in TLS 1.3 that breaks no rule.
LegScript answered(LegScript leg = LegScript::direct_leg()) {
  leg.hello({0x1301, 0xc02f, 0x00ff}, {0x0304, 0x0303});
  leg->client_hello->compression = {0};
  leg->client_hello->session_id = "0badcafe";
  leg->client_hello->extensions = {extension(0), extension(10), extension(43), extension(51)};
  leg->client_hello->groups = {group(23), group(29)};
  leg->client_hello->key_share_groups = {group(29)};
  leg.server_hello(0x0304, 0x1301);
  leg->server_hello->session_id = "0badcafe";
  leg->server_hello->extensions = {extension(43), extension(51)};
  leg->server_hello->key_share_group = group(29);
  return leg;
}

using Change = void (*)(LegReport&);

TEST(FindingBadServerHello, EachBreachIsNamed) {
  struct Case {
    Change change;
    const char* presented;
    int alert;
  };
  const Case cases[] = {
      {[](LegReport& leg) { leg.server_hello->version = code_point(ProtocolVersion{0x0305}); },
       "a ServerHello that chooses 0x0305, which is not offered", 47},
      {[](LegReport& leg) {
         leg.client_hello->supported_versions->pop_back();
         leg.client_hello->supported_versions->push_back(code_point(ProtocolVersion{0x0302}));
         leg.server_hello->version = code_point(ProtocolVersion{0x0303});
         leg.server_hello->extensions.clear();
       },
       "a ServerHello that chooses TLS 1.2, which is not offered", 70},
      {[](LegReport& leg) { leg.server_hello->cipher = code_point(CipherSuite{0xc02f}); },
       "a ServerHello that chooses TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which is no suite of TLS "
       "1.3",
       47},
      {[](LegReport& leg) {
         leg.server_hello->version = code_point(ProtocolVersion{0x0303});
         leg.server_hello->extensions.clear();
       },
       "a ServerHello that chooses TLS_AES_128_GCM_SHA256, which is no suite of TLS 1.2", 47},
      {[](LegReport& leg) { leg.server_hello->extensions.push_back(extension(10)); },
       "a ServerHello that brings the extension supported_groups in clear, which TLS 1.3 has no "
       "place for there",
       47},
      {[](LegReport& leg) { leg.server_hello->compression = 1; },
       "a ServerHello that chooses compression method 1, which is not offered", 47},
      {[](LegReport& leg) { leg.server_hello->session_id = "0badcaff"; },
       "a ServerHello that does not repeat the session id of the hello, as TLS 1.3 demands", 47},
      {[](LegReport& leg) { leg.server_hello->extensions.push_back(extension(16)); },
       "a ServerHello that brings the extension application_layer_protocol_negotiation, which the "
       "hello did not ask for",
       110},
      {[](LegReport& leg) { leg.server_hello->extensions.push_back(extension(44)); },
       "a ServerHello that brings the extension cookie, which the hello did not ask for", 110},
      {[](LegReport& leg) { leg.server_hello->key_share_group = group(23); },
       "a ServerHello that has a key share of secp256r1, for which the client sent none", 47},
      {[](LegReport& leg) {
         leg.server_hello->key_share_group.reset();
         leg.server_hello->extensions.pop_back();
       },
       "a ServerHello that has no key share", 109},
      {[](LegReport& leg) {
         leg.client_hello->alpn = {"h2"};
         leg.client_hello->extensions.push_back(extension(16));
         leg.server_hello->alpn = "http/1.1";
       },
       "a ServerHello that chooses the protocol 'http/1.1' (ALPN), which is not offered", 47},
      {[](LegReport& leg) {
         leg.malformed = {"ServerHello sent by backend: extensions at byte 77: too long"};
       },
       "a ServerHello that can't be read: extensions at byte 77: too long", 50}};
  for (const auto& [change, presented, alert] : cases) {
    LegScript leg = answered();
    change(*leg.operator->());
    leg.alert("client", static_cast<std::uint8_t>(alert)).close("client", "fin");
    const SessionReport session = passed_session(leg.leg());
    const auto finding = diagnose(session);
    ASSERT_EQ(line(finding), "backend error proven client-alert") << presented;
    EXPECT_EQ(finding->presented, presented);
    EXPECT_EQ(finding->codes.alert, alert);
    EXPECT_EQ(lines(session), Lines{"bad-server-hello backend error proven"}) << presented;
  }
}

/// Two rules are broken: one finding leads, and the other is silent.
TEST(FindingBadServerHello, LeadsWhereTheSessionIdIsMissingToo) {
  LegScript old = answered();
  old->server_hello->legacy_version = code_point(kTls13);
  old->server_hello->extensions.clear();
  old->server_hello->key_share_group.reset();
  old->server_hello->session_id.clear();
  LegScript unshared = answered();
  unshared->server_hello->extensions = {extension(43)};
  unshared->server_hello->key_share_group.reset();
  unshared->server_hello->session_id.clear();
  const std::pair<LegScript, std::string> cases[] = {
      {old, "a ServerHello that names TLS 1.3 in legacy_version and has no supported_versions"},
      {unshared, "a ServerHello that has no key share"}};
  for (auto [leg, presented] : cases) {
    leg.alert("client", 47).close("client", "fin");
    const SessionReport session = passed_session(leg.leg());
    EXPECT_EQ(lines(session), Lines{"bad-server-hello backend error proven"}) << presented;
    EXPECT_EQ(diagnose(session)->presented, presented);
  }
  // What legacy_version says where supported_versions is there is not looked at by clients.
  LegScript both = answered();
  both->server_hello->legacy_version = code_point(kTls13);
  both.alert("client", 47).close("client", "fin");
  EXPECT_EQ(line(diagnose(passed_session(both.leg()))), "none");
}

TEST(FindingBadServerHello, OnOurOwnLegWeAreTheJudge) {
  LegScript backend = answered(LegScript::backend_leg());
  backend->server_hello->session_id = "00";
  backend.alert("proxy", 47).close("proxy", "fin");
  SessionReport session = session_of(std::nullopt, backend.leg());
  const auto finding = diagnose(session);
  EXPECT_EQ(line(finding), "backend error proven proxy-check");
  expect_complete(*finding);
  expect_evidence_exists(session, *finding);
  session.mirror.hello = "default";
  EXPECT_EQ(line(diagnose(session)), "backend error likely proxy-check");
}

/// The number is the alert's that was sent; without one, what the RFC demands.
TEST(FindingBadServerHello, TheAlertIsTheOneThatCame) {
  LegScript leg = answered();
  leg->server_hello->compression = 1;
  LegScript objecting = leg;
  objecting.alert("client", 50).close("client", "fin");
  EXPECT_EQ(diagnose(passed_session(objecting.leg()))->codes.alert, 50);
  leg.close("client", "fin");
  EXPECT_EQ(diagnose(passed_session(leg.leg()))->codes.alert, 47);

  // A version that was not offered is passed on to the client, which objects for itself.
  LegScript backend = answered(LegScript::backend_leg());
  backend->server_hello->version = code_point(ProtocolVersion{0x0305});
  backend.alert("proxy", 70).close("proxy", "fin");
  LegScript client = LegScript::client_leg();
  client.hello({0x1301, 0xc02f, 0x00ff}, {0x0304, 0x0303});
  client->client_hello->compression = {0};
  client->client_hello->key_share_groups = {group(29)};
  client->client_hello->extensions = {extension(43), extension(51)};
  client.alert("client", 47).close("client", "fin");
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), Lines{"bad-server-hello backend error proven"});
  EXPECT_EQ(diagnose(session)->judged_by, "client-alert");
  EXPECT_EQ(diagnose(session)->codes.alert, 47);
}

/// The answer breaks a rule towards our hello. Where the client's own hello does ask for it, the
/// client need not be stopped by it.
TEST(FindingBadServerHello, ProvenOnlyForWhatTheClientDoesNotOfferEither) {
  struct Case {
    const char* what;
    Change answer;  ///< of the backend, to our hello
    Change offer;   ///< the client's, that ours lacks
  };
  const Case cases[] = {
      {"version", [](LegReport& leg) { leg.server_hello->version = code_point(kTls13); },
       [](LegReport& leg) { leg.client_hello->supported_versions->push_back(code_point(kTls13)); }},
      {"extension", [](LegReport& leg) { leg.server_hello->extensions.push_back(extension(35)); },
       [](LegReport& leg) { leg.client_hello->extensions.push_back(extension(35)); }},
      {"alpn", [](LegReport& leg) { leg.server_hello->alpn = "h2"; },
       [](LegReport& leg) { leg.client_hello->alpn->push_back("h2"); }}};
  for (const auto& [what, answer, offer] : cases) {
    const auto script = [](LegScript leg) {
      leg.hello({0xc02f, 0x1301}, {0x0303, 0x0302});
      leg->client_hello->compression = {0};
      leg->client_hello->extensions = {extension(0), extension(16), extension(43)};
      leg->client_hello->alpn = {"http/1.1"};
      return leg;
    };
    LegScript backend = script(LegScript::backend_leg());
    backend.server_hello(0x0303, 0xc02f);
    answer(*backend.operator->());
    backend.alert("proxy", 47).close("proxy", "fin");
    LegScript client = script(LegScript::client_leg());
    const SessionReport session = session_of(client.leg(), backend.leg());
    EXPECT_EQ(line(diagnose(session)), "backend error proven proxy-check") << what;
    SessionReport offered = session;
    offer(*offered.client_leg);
    EXPECT_EQ(line(diagnose(offered)), "backend error likely proxy-check") << what;
  }
}

TEST(FindingBadServerHello, OneThatEndsInTheMiddle) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0xc02f}).record(false, 22, 30).close("backend", "fin");
  leg->raw_s2c = "160303004a020000460303";
  const SessionReport session = passed_session(leg.leg());
  EXPECT_EQ(line(diagnose(session)), "backend error likely proxy-check")
      << "it may have been cut on the way";
  EXPECT_EQ(diagnose(session)->presented, "a ServerHello that stops after 11 bytes");
  EXPECT_EQ(lines(session), Lines{"bad-server-hello backend error likely"});
  const Change near_misses[] = {
      [](LegReport& l) {
        l.close = CloseReport{"client", "fin"};
      },
      [](LegReport& l) {
        l.close = CloseReport{"proxy", "timeout"};
      },
      [](LegReport& l) { l.raw_s2c = "15030300020228"; },
      [](LegReport& l) { l.raw_s2c.clear(); },
      [](LegReport& l) { l.outcome = "not-tls"; },
  };
  for (const Change change : near_misses) {
    SessionReport other = session;
    change(*other.direct_leg);
    EXPECT_EQ(line(diagnose(other)), "none");
  }
}

TEST(FindingBadServerHello, NearMisses) {
  const std::pair<const char*, Change> changes[] = {
      {"nothing wrong", [](LegReport&) {}},
      {"renegotiation_info for the signalling suite",
       [](LegReport& leg) {
         leg.server_hello->version = code_point(ProtocolVersion{0x0303});
         leg.server_hello->cipher = code_point(CipherSuite{0xc02f});
         leg.server_hello->extensions = {extension(0xff01)};
       }},
      {"a suite that was not offered: no-common-cipher's",
       [](LegReport& leg) { leg.server_hello->cipher = code_point(CipherSuite{0xc030}); }},
      {"a session id of its own in TLS 1.2",
       [](LegReport& leg) {
         leg.server_hello->version = code_point(ProtocolVersion{0x0303});
         leg.server_hello->cipher = code_point(CipherSuite{0xc02f});
         leg.server_hello->session_id = "77";
         leg.server_hello->key_share_group.reset();
         leg.server_hello->extensions.clear();
       }},
      {"below all that is offered: no-common-version's",
       [](LegReport& leg) { leg.server_hello->version = code_point(ProtocolVersion{0x0302}); }},
      {"no echo at all: middlebox-compat's",
       [](LegReport& leg) { leg.server_hello->session_id.clear(); }},
      {"the client took it",
       [](LegReport& leg) {
         leg.server_hello->compression = 1;
         leg.events.push_back({99, 99, "client", "message", "ClientKeyExchange", 0});
       }},
      {"it came about",
       [](LegReport& leg) {
         leg.server_hello->compression = 1;
         leg.outcome = "established";
       }},
      {"a pre-shared key needs no key share",
       [](LegReport& leg) {
         leg.client_hello->extensions.push_back(extension(41));
         leg.server_hello->key_share_group.reset();
         leg.server_hello->extensions.back() = extension(41);
       }},
      {"after a HelloRetryRequest the share is of the group asked for",
       [](LegReport& leg) {
         leg.hello_retry = true;
         leg.server_hello->key_share_group = group(23);
       }},
      {"no hello", [](LegReport& leg) { leg.client_hello.reset(); }}};
  for (const auto& [what, change] : changes) {
    LegScript leg = answered();
    change(*leg.operator->());
    EXPECT_EQ(line(diagnose(passed_session(leg.leg()))), "none") << what;
  }
  EXPECT_EQ(line(diagnose(SessionReport{})), "none");
}

}  // namespace
}  // namespace visavis::inspect

// Extended master secret (RFC 7627) and encrypt-then-MAC (RFC 7366): ems-mismatch, etm-mismatch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/named_group.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// What every backend has: ECDHE with AES-GCM for both kinds of keys, P-256, modern schemes.
LegScript ordinary(LegScript leg, bool ems) {
  leg.hello({0xc02b, 0xc02f});
  leg->client_hello->groups = {code_point(NamedGroup{23})};
  leg->client_hello->sig_algs = {code_point(SignatureScheme{0x0403}),
                                 code_point(SignatureScheme{0x0804})};
  leg->client_hello->extensions = {code_point(kSupportedGroups), code_point(kRenegotiationInfo)};
  if (ems) leg->client_hello->extensions.push_back(code_point(kExtendedMasterSecret));
  return leg;
}

Lines refused(LegScript leg, std::uint8_t alert = 40) {
  leg.alert("backend", alert).close("backend", "fin");
  return lines(passed_session(leg.leg()));
}

TEST(FindingEmsMismatch, WhatABackendThatInsistsOnItProbablyMeans) {
  EXPECT_EQ(refused(ordinary(LegScript::direct_leg(), false)),
            (Lines{"ems-mismatch client error likely"}));
  EXPECT_EQ(refused(ordinary(LegScript::direct_leg(), true)),
            (Lines{"no-common-cipher both error likely"}));
  EXPECT_THAT(refused(ordinary(LegScript::direct_leg(), false), 80),
              Not(Contains(HasSubstr("ems-mismatch"))));
  LegScript odd = ordinary(LegScript::direct_leg(), false);
  odd->client_hello->ciphers = {code_point(CipherSuite{0x0005})};
  EXPECT_THAT(refused(odd), Not(Contains(HasSubstr("ems-mismatch")))) << "RC4 is the likelier";
}

/// The session is resumed without what it was made with.
TEST(FindingEmsMismatch, AnEarlierSessionOfferedWithoutIt) {
  LegScript leg = ordinary(LegScript::direct_leg(), false);
  leg->client_hello->session_ticket_len = 176;
  EXPECT_EQ(refused(leg), (Lines{"ems-mismatch client error likely"}));
  LegScript with = ordinary(LegScript::direct_leg(), true);
  with->client_hello->session_ticket_len = 176;
  EXPECT_EQ(refused(with), (Lines{"resumption-failed backend error likely"}));
}

LegScript answered(LegScript leg, bool ems, bool renegotiation_info = true) {
  leg = ordinary(std::move(leg), true);
  leg.server_hello(0x0303, 0xc02f);
  if (renegotiation_info) leg->server_hello->extensions.push_back(code_point(kRenegotiationInfo));
  if (ems) leg->server_hello->extensions.push_back(code_point(kExtendedMasterSecret));
  return leg;
}

TEST(FindingEmsMismatch, WhatAClientThatInsistsOnItProbablyMeans) {
  const auto broken = [](LegScript leg, std::uint8_t alert) {
    leg.alert("client", alert).close("client", "fin");
    return lines(passed_session(leg.leg()));
  };
  EXPECT_EQ(broken(answered(LegScript::direct_leg(), false), 40),
            (Lines{"ems-mismatch backend error likely"}));
  EXPECT_THAT(broken(answered(LegScript::direct_leg(), true), 40),
              Not(Contains(HasSubstr("ems-mismatch"))));
  EXPECT_THAT(broken(answered(LegScript::direct_leg(), false), 42),
              Not(Contains(HasSubstr("ems-mismatch"))));
  EXPECT_THAT(broken(answered(LegScript::direct_leg(), false, false), 40),
              Contains(HasSubstr("renegotiation-info-missing")));
  EXPECT_THAT(broken(answered(LegScript::direct_leg(), false, false), 40),
              Not(Contains(HasSubstr("ems-mismatch"))));
  LegScript later = answered(LegScript::direct_leg(), false);
  later.message("client", "ClientKeyExchange");
  EXPECT_THAT(broken(later, 40), Not(Contains(HasSubstr("ems-mismatch"))));
}

/// The client's alert comes on our leg, which repeats the backend's answer.
TEST(FindingEmsMismatch, OnBothLegs) {
  LegScript client = answered(LegScript::client_leg(), false);
  client.alert("client", 40).close("client", "fin");
  LegScript backend = answered(LegScript::backend_leg(), false);
  backend.established().close("proxy", "fin");
  EXPECT_EQ(lines(session_of(client.leg(), backend.leg())),
            (Lines{"ems-mismatch backend error likely"}));
  LegScript other = answered(LegScript::backend_leg(), true);
  other.established().close("proxy", "fin");
  EXPECT_THAT(lines(session_of(client.leg(), other.leg())),
              Not(Contains(HasSubstr("ems-mismatch"))))
      << "the backend has it";
}

/// A CBC suite with the extension on both sides, up to the client's Finished.
LegScript authenticated(LegScript leg, const std::string& client, bool etm,
                        std::uint16_t suite = 0xc013) {
  leg.hello({suite});
  leg->client_hello->extensions = {code_point(kEncryptThenMac)};
  leg.server_hello(0x0303, suite);
  if (etm) leg->server_hello->extensions = {code_point(kEncryptThenMac)};
  leg.message(client, "ClientKeyExchange").message(client, "ChangeCipherSpec");
  return leg;
}

TEST(FindingEtmMismatch, TheFirstRecordFails) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{20, 21}) {
    LegScript leg = authenticated(LegScript::direct_leg(), "client", true);
    leg.alert("backend", alert).close("backend", "fin");
    EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"etm-mismatch both error likely"}));
  }
  for (const std::string how : {"fin", "rst"}) {
    LegScript leg = authenticated(LegScript::direct_leg(), "client", true);
    leg.close("backend", how);
    EXPECT_EQ(lines(passed_session(leg.leg())), (Lines{"etm-mismatch both error likely"}));
  }
  // The backend's Finished, which our library can't verify.
  LegScript backend = authenticated(LegScript::backend_leg(), "proxy", true);
  backend.message("backend", "ChangeCipherSpec").alert("proxy", 20).close("proxy", "fin");
  LegScript client = LegScript::client_leg();
  client.hello({0xc013}).close("proxy", "fin");
  const SessionReport session = session_of(client.leg(), backend.leg());
  EXPECT_EQ(lines(session), (Lines{"etm-mismatch both error likely"}));
  EXPECT_EQ(diagnose_session(session).front().judged_by, "proxy-check");
}

TEST(FindingEtmMismatch, NearMisses) {
  const auto refused = [](LegScript leg) {
    leg.alert("backend", 20).close("backend", "fin");
    return lines(passed_session(leg.leg()));
  };
  const Lines mac{"record-mac-failure both error likely"};
  EXPECT_EQ(refused(authenticated(LegScript::direct_leg(), "client", false)), mac);
  // AES-GCM has no separate MAC, whatever the hellos say: RFC 7366 3.
  EXPECT_EQ(refused(authenticated(LegScript::direct_leg(), "client", true, 0xc02f)), mac);
  // Two pre-shared keys that differ show there for the first time, in each of these suites.
  for (const std::uint16_t suite : std::initializer_list<std::uint16_t>{0x008c, 0x0094, 0xc035}) {
    LegScript shared = authenticated(LegScript::direct_leg(), "client", true, suite);
    EXPECT_EQ(refused(shared), mac) << shared->server_hello->cipher.name.str();
    shared.close("backend", "fin");
    EXPECT_EQ(lines(passed_session(shared.leg())), Lines{});
  }
  LegScript asked = authenticated(LegScript::direct_leg(), "client", true);
  asked->certificate_request.emplace();
  asked.close("backend", "fin");
  EXPECT_EQ(lines(passed_session(asked.leg())), Lines{}) << "it may want a certificate";
  LegScript left = authenticated(LegScript::direct_leg(), "client", true);
  left.close("client", "fin");
  EXPECT_EQ(lines(passed_session(left.leg())), Lines{});
  LegScript later = authenticated(LegScript::direct_leg(), "client", true);
  later.established().alert("backend", 20).close("backend", "fin");
  EXPECT_EQ(lines(passed_session(later.leg())), (Lines{"record-mac-failure network error likely"}))
      << "the first records were right";
}

}  // namespace
}  // namespace visavis::inspect

// Renegotiation, up to TLS 1.2: asked for by the backend after the request, as IIS does, or begun
// by the client; agreed to or refused.
#include <gtest/gtest.h>

#include "tests/scenario/agreed.h"
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kAgreed = "; TLS 1.2 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";

/// The client begins a renegotiation before its request.
Spoken renegotiating_client(const Visit& visit) {
  const Ran ran = run(
      {python("renegotiating_client.py", {std::to_string(visit.port), visit.trusted.string()})});
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.errors = ran.output + ran.errors;
  return spoken;
}

class Renegotiation : public ::testing::TestWithParam<Mode> {
 protected:
  [[nodiscard]] static bool passes() { return GetParam() == Mode::passthrough; }
  /// `command`: s_server's, r or R (with a client certificate); "-" for none.
  [[nodiscard]] PythonPeer asking(const std::string& command) const {
    return PythonPeer("renegotiating_server.py",
                      {credentials_.leaf.string(), credentials_.key.string(),
                       credentials_.intermediates.string(), command});
  }
  /// Both legs agreed on what s_server prefers, and carried data both ways.
  static void expect_carried(const Session& session) {
    EXPECT_EQ(agreed(session), agreed_by_all(GetParam(), kAgreed.substr(2)));
    expect_data(session, true);
    if (!passes()) expect_same_bytes(session);
  }
  static Asking refusing() { return openssl_with({"-tls1_2", "-no_renegotiation"}); }
  static Asking agreeing() { return openssl_with({"-tls1_2"}); }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_P(Renegotiation, TheBackendAsksAndTheClientRefuses) {
  for (const std::string command : {"r", "R"}) {
    SCOPED_TRACE(command);
    const PythonPeer backend = asking(command);
    const Spoken direct = directly(backend, credentials_, refusing());
    ASSERT_NE(direct.exit_code, 0);
    ASSERT_THAT(direct.errors, HasSubstr("alert handshake failure"));
    const Seen seen = through(GetParam(), backend, credentials_, refusing());
    if (passes()) {
      EXPECT_NE(seen.spoken.exit_code, 0);
      EXPECT_THAT(story(seen.session),
                  ElementsAre("renegotiation-refused both error likely", kFailsDirect,
                              closed_by_a_peer("direct_leg established finished", kAgreed)));
      EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
      EXPECT_EQ(word(seen.session, "/findings/0/judged_by"), "client-alert");
    } else {
      // We agreed in the client's stead: it works, and whether it would without us is not known.
      EXPECT_EQ(seen.spoken.body, "renegotiated") << seen.spoken.errors;
      EXPECT_THAT(
          story(seen.session),
          ElementsAre("renegotiation-refused backend warning likely", kWorksUnknown,
                      ::testing::StartsWith("client_leg established finished, closed by"),
                      ::testing::StartsWith("backend_leg established finished, closed by")));
      EXPECT_THAT(unmirrored_features(seen.session),
                  ::testing::Contains("backend_leg renegotiation"));
      EXPECT_EQ(word(seen.session, "/findings/0/role"), "observation");
      expect_carried(seen.session);
    }
  }
}

/// In passthrough both agree, and nothing is found; what the client would say to it is not known
/// where we answered for it.
TEST_P(Renegotiation, TheBackendAsksAndTheClientAgrees) {
  for (const std::string command : {"r", "R"}) {
    SCOPED_TRACE(command);
    const PythonPeer backend = asking(command);
    const Spoken direct = directly(backend, credentials_, agreeing());
    ASSERT_EQ(direct.body, "renegotiated");
    const Seen seen = through(GetParam(), backend, credentials_, agreeing());
    EXPECT_EQ(seen.spoken.body, "renegotiated") << seen.spoken.errors;
    expect_as_direct(seen.session, direct, seen.spoken);
    expect_carried(seen.session);
    if (passes())
      EXPECT_THAT(findings(seen.session), IsEmpty());
    else
      EXPECT_THAT(findings(seen.session),
                  ElementsAre("renegotiation-refused backend warning likely"));
    EXPECT_EQ(verdict(seen.session), passes() ? healthy(GetParam()) : kWorksUnknown);
  }
}

TEST_P(Renegotiation, NobodyAsks) {
  const PythonPeer backend = asking("-");
  const Spoken direct = directly(backend, credentials_, refusing());
  ASSERT_EQ(direct.body, "renegotiated");
  const Seen seen = through(GetParam(), backend, credentials_, refusing());
  EXPECT_EQ(seen.spoken.body, "renegotiated") << seen.spoken.errors;
  expect_as_direct(seen.session, direct, seen.spoken);
  expect_carried(seen.session);
  EXPECT_THAT(findings(seen.session), IsEmpty());
  EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
}

/// s_server answers the request all the same, and does not wait.
TEST_P(Renegotiation, RefusedAndOfNoConsequence) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2"});
  const Asking client = [](const Visit& visit) {
    Visit there = visit;
    there.path = "/reneg";
    return openssl_client(there, {"-tls1_2", "-no_renegotiation"});
  };
  const Spoken direct = directly(backend, credentials_, client);
  ASSERT_FALSE(direct.body.empty());
  const Seen seen = through(GetParam(), backend, credentials_, client);
  EXPECT_FALSE(seen.spoken.body.empty()) << seen.spoken.errors;
  expect_as_direct(seen.session, direct, seen.spoken);
  expect_carried(seen.session);
  const std::string found = passes() ? "renegotiation-refused both info likely"
                                     : "renegotiation-refused backend warning likely";
  EXPECT_THAT(findings(seen.session), ElementsAre(found));
  EXPECT_EQ(verdict(seen.session), passes() ? healthy(GetParam()) : kWorksUnknown);
}

/// OpenSSL 3 says no_renegotiation, nginx closes; through us neither of them is asked.
TEST_P(Renegotiation, TheClientBeginsAndTheBackendRefuses) {
  const OpensslServer by_alert(credentials_, {"-www", "-tls1_2"});
  const Nginx by_closing(credentials_, {.versions = {"1.2"}});
  for (const Backend* backend :
       {static_cast<const Backend*>(&by_alert), static_cast<const Backend*>(&by_closing)}) {
    SCOPED_TRACE(backend == &by_alert ? "s_server" : "nginx");
    const Spoken direct = directly(*backend, credentials_, renegotiating_client);
    ASSERT_NE(direct.exit_code, 0);
    ASSERT_THAT(direct.errors, HasSubstr("RENEGOTIATING"));
    const Seen seen = through(GetParam(), *backend, credentials_, renegotiating_client);
    EXPECT_NE(seen.spoken.exit_code, 0);
    if (passes())
      EXPECT_THAT(story(seen.session),
                  ElementsAre("renegotiation-refused client error likely", kFailsDirect,
                              closed_by_a_peer("direct_leg established finished", kAgreed)));
    else
      EXPECT_THAT(
          story(seen.session),
          ElementsAre("renegotiation-refused proxy error proven", kFailedUnknown,
                      closed("client_leg established finished", "(client|proxy)",
                             kAgreed + "; proxy warning 100, client fatal 40"),
                      closed("backend_leg established finished", "(backend|proxy)", kAgreed)));
    EXPECT_EQ(word(seen.session, "/findings/0/role"), "cause");
    EXPECT_EQ(agreed(seen.session), agreed_by_all(GetParam(), kAgreed.substr(2)));
    if (!passes()) expect_data(seen.session, false);
  }
}

TEST_P(Renegotiation, TheClientBeginsAndTheBackendAgrees) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2", "-client_renegotiation"});
  const Spoken direct = directly(backend, credentials_, renegotiating_client);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen seen = through(GetParam(), backend, credentials_, renegotiating_client);
  if (passes()) {
    EXPECT_EQ(seen.spoken.exit_code, 0) << seen.spoken.errors;
    EXPECT_THAT(findings(seen.session), IsEmpty());
    EXPECT_EQ(verdict(seen.session), healthy(GetParam()));
    expect_carried(seen.session);
  } else {
    // Our own limit, and said to be.
    EXPECT_NE(seen.spoken.exit_code, 0);
    EXPECT_THAT(
        story(seen.session),
        ElementsAre("renegotiation-refused proxy error proven", kFailedUnknown,
                    closed("client_leg established finished", "(client|proxy)",
                           kAgreed + "; proxy warning 100, client fatal 40"),
                    closed("backend_leg established finished", "(backend|proxy)", kAgreed)));
    expect_data(seen.session, false);
    EXPECT_THAT(unmirrored_features(seen.session), ::testing::Contains("client_leg renegotiation"));
  }
}

INSTANTIATE_TEST_SUITE_P(In, Renegotiation, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

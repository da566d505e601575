// Clients that do not speak TLS as they should: each is recorded for what it is, none harms the
// next.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;

/// What raw_client.py was answered: hex, and how the other side ended it.
struct Answer {
  std::string bytes;
  std::string end;
};

class BadClient : public ::testing::Test {
 protected:
  [[nodiscard]] static Answer send(const ProxyProcess& proxy, const std::string& kind,
                                   const std::string& times = "1") {
    const Ran ran = run(
        {python("raw_client.py", {kind, "--port", std::to_string(proxy.port()), "--times", times}),
         "",
         {"OPENSSL_CONF=/dev/null"}});
    if (ran.exit_code != 0) throw std::runtime_error("raw_client.py: " + ran.errors);
    std::istringstream lines(ran.output);
    Answer answer;
    std::getline(lines, answer.bytes);
    std::getline(lines, answer.end);
    return answer;
  }

  void expect_next_works(const ProxyProcess& proxy, std::size_t sessions) const {
    const Spoken next = curl(proxy.visit());
    EXPECT_EQ(next.exit_code, 0) << next.errors;
    EXPECT_EQ(verdict(proxy.session(sessions)), "healthy proxied ok direct ok by offer");
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
  Nginx nginx_{credentials_};
  ProxyProcess proxy_{{"--backend", nginx_.address(), "--trust", credentials_.root.string(),
                       "--hello-timeout", "2"}};
};

/// A decode_error alert (50), in clear.
const std::string kDecodeError = "15030100020232";

void expect_no_backend(const Session& session, const std::vector<std::string>& found = {}) {
  EXPECT_EQ(word(session, "/backend_leg"), "null") << "the backend hears nothing of it";
  EXPECT_EQ(word(session, "/client_leg/client_hello"), "null");
  EXPECT_EQ(word(session, "/verdict/proxied"), "failed");
  EXPECT_EQ(findings(session), found);
}

TEST_F(BadClient, Garbage) {
  const Answer answer = send(proxy_, "garbage");
  EXPECT_EQ(answer.bytes, "");
  EXPECT_EQ(answer.end, "fin");
  const Session session = proxy_.session();
  expect_no_backend(session);
  EXPECT_EQ(word(session, "/client_leg/outcome"), "not-tls");
  EXPECT_EQ(word(session, "/client_leg/first_bytes"), "unknown bytes");
  expect_next_works(proxy_, 2);
  EXPECT_EQ(proxy_.stop(), 0);
}

TEST_F(BadClient, RecordOfTheWrongTypeFirst) {
  const Answer answer = send(proxy_, "record");
  EXPECT_EQ(answer.end, "fin");
  const Session session = proxy_.session();
  expect_no_backend(session);
  EXPECT_EQ(word(session, "/client_leg/outcome"), "failed");
  EXPECT_THAT(word(session, "/client_leg/malformed/0"), HasSubstr("record type"));
  EXPECT_EQ(answer.bytes, kDecodeError);
  EXPECT_THAT(alerts(session, "client_leg"), ::testing::ElementsAre("proxy fatal 50"));
  expect_next_works(proxy_, 2);
}

TEST_F(BadClient, HelloThatEndsInTheMiddle) {
  const Answer answer = send(proxy_, "truncated");
  EXPECT_EQ(answer.bytes, "");
  EXPECT_EQ(answer.end, "fin");
  Session session = proxy_.session();
  expect_no_backend(session);
  EXPECT_EQ(ending(session, "client_leg"), "failed tcp, closed by client fin");
  EXPECT_EQ(send(proxy_, "reset").end, "left");
  session = proxy_.session(2);
  expect_no_backend(session);
  EXPECT_EQ(ending(session, "client_leg"), "failed tcp, closed by client rst");
  expect_next_works(proxy_, 3);
}

TEST_F(BadClient, HelloThatIsTooLarge) {
  const Answer answer = send(proxy_, "oversized");
  EXPECT_EQ(answer.bytes, kDecodeError);
  EXPECT_EQ(answer.end, "fin") << "the alert is not lost to an RST";
  const Session session = proxy_.session();
  expect_no_backend(session);
  EXPECT_EQ(word(session, "/client_leg/outcome"), "failed");
  EXPECT_NE(word(session, "/client_leg/malformed/0"), "absent");
  expect_next_works(proxy_, 2);
}

TEST_F(BadClient, HelloThatTrickles) {
  const Answer answer = send(proxy_, "trickle");
  EXPECT_EQ(answer.end, "fin");
  const Session session = proxy_.session();
  expect_no_backend(session, {"handshake-timeout client error likely"});
  EXPECT_EQ(ending(session, "client_leg"), "failed tcp, closed by proxy timeout");
  EXPECT_THAT(word(session, "/client_leg/failure"), HasSubstr("hello time-out"));
  const double took = session.at_pointer("/duration_ms").as_double();
  EXPECT_GE(took, 1900.0);
  EXPECT_LT(took, 4000.0) << "each byte that comes does not renew the limit";
  expect_next_works(proxy_, 2);
}

TEST_F(BadClient, NothingAtAll) {
  const Answer answer = send(proxy_, "empty");
  EXPECT_EQ(answer.bytes, "");
  EXPECT_EQ(answer.end, "fin");
  const Session session = proxy_.session();
  expect_no_backend(session);
  EXPECT_EQ(ending(session, "client_leg"), "failed tcp, closed by client fin");
  expect_next_works(proxy_, 2);
}

TEST_F(BadClient, TwoHundredOfThemLeaveNoTrace) {
  constexpr long kAllowedGrowthKib = 20 * 1024;
  expect_next_works(proxy_, 1);
  const long before = proxy_.process().resident_kib();
  (void)send(proxy_, "all", "200");
  EXPECT_EQ(proxy_.sessions(201).size(), 201U);
  EXPECT_LT(proxy_.process().resident_kib(), before + kAllowedGrowthKib);
  expect_next_works(proxy_, 202);
  EXPECT_EQ(proxy_.stop(), 0);
}

}  // namespace
}  // namespace visavis::testing

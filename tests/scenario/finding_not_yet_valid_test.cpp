// A backend whose certificate, or an issuer's, begins later than now.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kBegins = 2'366'841'600;  // 2045-01-01T00:00:00Z
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;

/// No alert says just this: OpenSSL, Java and GnuTLS send bad_certificate (42).
Fault not_yet_valid(std::vector<std::string> certificates, const std::string& depth) {
  return {.id = "not-yet-valid",
          .code = "X509_V_ERR_CERT_NOT_YET_VALID",
          .hresult = "0x800b0101",
          .certificates = std::move(certificates),
          .problems = {depth + " X509_V_ERR_CERT_NOT_YET_VALID 0x800b0101"}};
}

const std::vector<std::string> kLeaf{"CN=localhost: not-yet-valid", "CN=Test Intermediate: fine"};

class NotYetValidLeaf : public ::testing::TestWithParam<Pair> {
 protected:
  static ChainSpec beginning(std::int64_t not_before_s) {
    ChainSpec spec;
    spec.leaf.not_before_s = not_before_s;
    return spec;
  }
  TemporaryDirectory folder_;
  Fault fault_ = not_yet_valid(kLeaf, "0");
};

TEST_P(NotYetValidLeaf, IsFoundAndTheClientWorksThroughTheProxy) {
  const Scene scene = all_trust(make_credentials(folder_, beginning(kBegins)));
  const Session session = expect_works_through_proxy(GetParam(), scene, fault_);
  EXPECT_THAT(word(session, "/findings/0/title"),
              HasSubstr("The backend's certificate is not yet valid: it begins in "));
  EXPECT_THAT(word(session, "/findings/0/cause"),
              AllOf(HasSubstr("'CN=localhost'"), HasSubstr("from 2045-01-01T00:00:00Z"),
                    HasSubstr("by the proxy's clock (" + word(session, "/started")),
                    Not(HasSubstr("time zone"))));
}

TEST_P(NotYetValidLeaf, FailsInPassthroughAsItDoesDirectly) {
  const Scene scene = all_trust(make_credentials(folder_, beginning(kBegins)));
  expect_fails_in_passthrough(GetParam(), scene, fault_);
}

INSTANTIATE_TEST_SUITE_P(
    Between, NotYetValidLeaf,
    ::testing::Values(
        Pair{Client::curl, Server::nginx, "1.2", "certificate is not yet valid", 42},
        Pair{Client::openssl, Server::openssl, "1.3", "certificate is not yet valid", 42},
        Pair{Client::gnutls, Server::gnutls, "1.2", "chain uses not yet valid certificate", 42},
        Pair{Client::node, Server::openssl, "1.2", "CERT_NOT_YET_VALID", 0},
        Pair{Client::java, Server::nginx, "1.2", "validity check failed", 42}),
    pair_name);

/// Just issued, by a machine whose clock or time zone is not ours.
TEST_F(NotYetValidLeaf, ThatBeginsWithinTheDayIsPutDownToClocks) {
  const Pair pair{Client::python, Server::nginx, "1.2", "certificate is not yet valid", 42};
  const Scene scene =
      all_trust(make_credentials(folder_, beginning(seconds_from_now(5 * kHour + kHour / 3))));
  const Session session = expect_works_through_proxy(pair, scene, fault_);
  EXPECT_EQ(word(session, "/findings/0/title"),
            "The backend's certificate is not yet valid: it begins in 5 hours");
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("a time zone taken for UTC"));
}

class NotYetValidIntermediate : public ::testing::TestWithParam<Pair> {
 protected:
  static ChainSpec spec() {
    ChainSpec spec;
    spec.intermediate.not_before_s = kBegins;
    return spec;
  }
  TemporaryDirectory folder_;
  Scene scene_ = all_trust(make_credentials(folder_, spec()));
  Fault fault_ = not_yet_valid({"CN=localhost: fine", "CN=Test Intermediate: not-yet-valid"}, "1");
};

TEST_P(NotYetValidIntermediate, IsToldFromTheLeaf) {
  const Session session = expect_works_through_proxy(GetParam(), scene_, fault_);
  EXPECT_THAT(word(session, "/findings/0/title"),
              HasSubstr("The certificate of an issuer in the backend's chain is not yet valid"));
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr("'CN=Test Intermediate'"));
}

TEST_P(NotYetValidIntermediate, FailsInPassthroughAsItDoesDirectly) {
  expect_fails_in_passthrough(GetParam(), scene_, fault_);
}

INSTANTIATE_TEST_SUITE_P(Between, NotYetValidIntermediate,
                         ::testing::Values(Pair{Client::curl, Server::openssl, "1.2",
                                                "certificate is not yet valid", 42},
                                           Pair{Client::python, Server::nginx, "1.3",
                                                "certificate is not yet valid", 42}),
                         pair_name);

class BarelyValid : public ::testing::TestWithParam<Pair> {
 protected:
  TemporaryDirectory folder_;
};

TEST_P(BarelyValid, SinceAMinuteIsValid) {
  ChainSpec spec;
  spec.leaf.not_before_s = seconds_from_now(-kMinute);
  spec.intermediate.not_before_s = seconds_from_now(-kMinute);
  expect_healthy(GetParam(), all_trust(make_credentials(folder_, spec)));
}

INSTANTIATE_TEST_SUITE_P(Between, BarelyValid,
                         ::testing::Values(Pair{Client::curl, Server::nginx, "1.3", "", 0},
                                           Pair{Client::python, Server::nginx, "1.2", "", 0}),
                         pair_name);

}  // namespace
}  // namespace visavis::testing

// --mirror-faults: what is wrong with the backend's certificate is wrong with the one that the
// client is shown, and a client that trusts our CA refuses it for the very reason for which it
// refuses the backend's own.
#include "tests/scenario/faulty_chain.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kLongAgo = 1'609'459'200;   // 2021-01-01T00:00:00Z
constexpr std::int64_t kFarAhead = 4'070'908'800;  // 2099-01-01T00:00:00Z

struct FaultyPair {
  std::string fault;
  Pair pair;
};
void PrintTo(const FaultyPair& faulty, std::ostream* out) {
  *out << faulty.fault << " ";
  PrintTo(faulty.pair, out);
}

ChainSpec chain_with(const std::string& fault) {
  ChainSpec spec;
  if (fault == "expired") spec.leaf.not_after_s = kLongAgo;
  if (fault == "not-yet-valid") {
    spec.leaf.not_before_s = kFarAhead - kDay;
    spec.leaf.not_after_s = kFarAhead;
  }
  if (fault == "name-mismatch") spec.leaf.san = {"DNS:elsewhere.example.test"};
  if (fault == "wrong-usage") spec.leaf.extended_key_usage = "clientAuth";
  if (fault == "incomplete-chain") spec.sent = Sent::leaf_only;
  if (fault == "untrusted-root") spec.sent = Sent::with_root;
  return spec;
}

/// What our own check says of the fault. Whom others trust it can't know.
std::string found_alone(const std::string& fault) {
  const bool of_trust =
      fault == "self-signed" || fault == "untrusted-root" || fault == "incomplete-chain";
  return fault + (of_trust ? " backend error likely" : " backend error proven");
}

class MirrorFaults : public ::testing::TestWithParam<FaultyPair> {
 protected:
  Scene scene() const {
    const std::string& fault = GetParam().fault;
    if (fault == "self-signed") {
      const TestCertificate alone = make_certificate(leaf_spec(kHost));
      return nobody_trusts(write_credentials(folder_, alone, {}, alone), other_root(folder_));
    }
    const Credentials credentials = make_credentials(folder_, chain_with(fault));
    return fault == "untrusted-root" ? nobody_trusts(credentials, other_root(folder_))
                                     : all_trust(credentials);
  }
  static std::vector<std::string> options(const Backend& backend, const Scene& scene) {
    std::vector<std::string> options{"--backend", backend.address()};
    options.insert(options.end(), scene.options.begin(), scene.options.end());
    return options;
  }

  TemporaryDirectory folder_;
};

TEST_P(MirrorFaults, MakeTheClientFailAsItDoesDirectly) {
  const auto& [fault, pair] = GetParam();
  const Scene given = scene();
  const auto backend = start(pair, given.credentials);
  expect_refused(pair, visit_as(pair, backend->port(), given.trusted, given.host));

  std::vector<std::string> with = options(*backend, given);
  with.emplace_back("--mirror-faults");
  ProxyProcess proxy(with);
  expect_refused(pair, visit_as(pair, proxy.port(), proxy.ca_certificate(), given.host));
  const Session session = proxy.session();
  EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
  EXPECT_THAT(findings(session), UnorderedElementsAre("repeated-fault-refused backend error likely",
                                                      found_alone(fault)));
  EXPECT_EQ(word(session, "/findings/0/id"), "repeated-fault-refused");
  EXPECT_EQ(word(session, "/findings/0/role"), "cause");
  EXPECT_EQ(word(session, "/mirror/faults/0"), fault);
  EXPECT_EQ(word(session, "/mirror/faults/1"), "absent");
  EXPECT_THAT(word(session, "/verdict/headline"),
              HasSubstr("The client refuses a certificate with the backend's faults: " + fault));
  EXPECT_EQ(proxy.stop(), 0);
}

TEST_P(MirrorFaults, AreNotRepeatedUnasked) {
  const auto& [fault, pair] = GetParam();
  const Scene given = scene();
  const auto backend = start(pair, given.credentials);
  ProxyProcess proxy(options(*backend, given));
  const Spoken spoken = visit_as(pair, proxy.port(), proxy.ca_certificate(), given.host);
  EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), ElementsAre(found_alone(fault)));
  EXPECT_EQ(word(session, "/mirror/faults/0"), "absent");
}

INSTANTIATE_TEST_SUITE_P(
    Of, MirrorFaults,
    ::testing::Values(
        FaultyPair{"expired", {Client::curl, Server::nginx, "1.2", "certificate has expired", 45}},
        FaultyPair{"expired", {Client::java, Server::openssl, "1.2", "validity check failed", 45}},
        FaultyPair{"not-yet-valid",
                   {Client::openssl, Server::nginx, "1.3", "certificate is not yet valid", 42}},
        FaultyPair{"name-mismatch",
                   {Client::python, Server::openssl, "1.3", "Hostname mismatch", 42}},
        FaultyPair{
            "wrong-usage",
            {Client::gnutls, Server::gnutls, "1.2", "does not match the intended purpose", 42}},
        FaultyPair{"self-signed",
                   {Client::curl, Server::nginx, "1.3", "self-signed certificate", 48}},
        FaultyPair{"untrusted-root",
                   {Client::curl, Server::nginx, "1.2",
                    "self-signed certificate in certificate chain", 48}},
        FaultyPair{
            "incomplete-chain",
            {Client::python, Server::nginx, "1.2", "unable to get local issuer certificate", 48}}),
    [](const auto& of) {
      std::string name = of.param.fault + '_' + std::to_string(of.index);
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

/// A sound backend gives nothing to repeat.
TEST(MirrorFaultsOfASoundBackend, AreNone) {
  const TemporaryDirectory folder;
  const Credentials credentials = make_credentials(folder, TestKey::ec_p256);
  const Nginx nginx(credentials);
  ProxyProcess proxy(
      {"--backend", nginx.address(), "--trust", credentials.root.string(), "--mirror-faults"});
  const Spoken spoken = visit_as({Client::curl, Server::nginx, "1.3", "", 0}, proxy.port(),
                                 proxy.ca_certificate(), std::string(kHost));
  EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
  const Session session = proxy.session();
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(verdict(session), "healthy proxied ok direct ok by offer");
}

}  // namespace
}  // namespace visavis::testing

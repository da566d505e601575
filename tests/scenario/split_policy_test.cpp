// Every split policy under every version, in one TCP segment or two, held against what a reader at
// the backend's side sees: record headers below SSL_read, and the kernel's count of segments.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "tests/support/legs.h"
#include "tests/support/record_lengths.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kBody = "one record was enough\n";

/// The size of a request as the proxy counts it.
std::size_t request_bytes(const Session& session) {
  return std::stoul(word(session, "/bytes/client_to_backend"));
}

struct Policy {
  std::string split;
  std::string segments;
};

void PrintTo(const Policy& policy, std::ostream* out) {
  *out << policy.split << " in " << policy.segments;
}

/// How a write of `n` bytes leaves; curl's own split is 0/n, under TLS 1.0 only.
std::vector<std::size_t> pieces(const Policy& policy, const Version& version, std::size_t n) {
  const bool empty_possible = version == "1.0";
  if (policy.split == "1/n-1") return {1, n - 1};
  if (empty_possible && (policy.split == "0/n" || policy.split == "keep")) return {0, n};
  if (policy.split != "max:30") return {n};
  std::vector<std::size_t> all(n / 30, 30);
  if (n % 30 > 0) all.push_back(n % 30);
  return all;
}

class SplitPolicies : public ::testing::TestWithParam<Policy> {
 protected:
  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
  SplitIntolerantServer backend_{credentials_, "answer"};
};

TEST_P(SplitPolicies, CutExactlyUnderEveryVersion) {
  const auto& [split, segments] = GetParam();
  ProxyProcess proxy({"--backend", backend_.address(), "--trust", credentials_.root.string(),
                      "--split", split, "--split-segments", segments});
  std::size_t count = 0;
  for (const Version& version : kAllVersions) {
    SCOPED_TRACE(version);
    const Spoken spoken = curl(proxy.visit(), curl_splitting(version));
    ASSERT_EQ(spoken.body, kBody) << spoken.errors;
    ASSERT_EQ(spoken.version, version_number("TLSv" + version));
    const Session session = proxy.session(++count);
    const auto expected = pieces(GetParam(), version, request_bytes(session));
    const std::size_t sends = segments == "two" ? expected.size() : 1;
    EXPECT_EQ(backend_.requests(count).back(), records_of(version, expected) + " answered in " +
                                                   std::to_string(sends) + " segments");
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(word(session, "/split_policy"), split);
    EXPECT_EQ(word(session, "/split_segments"), segments);
    EXPECT_EQ(word(session, "/verdict/proxied"), "ok");
    const bool splits = version == "1.0" && expected.size() == 2 && split != "max:30";
    EXPECT_EQ(word(session, "/backend_leg/record_split/c2s"), !splits           ? "none"
                                                              : split == "keep" ? "0/n"
                                                                                : split);
    const bool impossible = split == "0/n" && version != "1.0";
    const auto unmirrored = unmirrored_features(session);
    EXPECT_EQ(std::count(unmirrored.begin(), unmirrored.end(), "backend_leg record split"),
              impossible ? 1 : 0);
  }
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(With, SplitPolicies,
                         ::testing::Values(Policy{"keep", "keep"}, Policy{"keep", "one"},
                                           Policy{"keep", "two"}, Policy{"none", "keep"},
                                           Policy{"none", "two"}, Policy{"1/n-1", "keep"},
                                           Policy{"1/n-1", "one"}, Policy{"1/n-1", "two"},
                                           Policy{"0/n", "keep"}, Policy{"0/n", "one"},
                                           Policy{"0/n", "two"}, Policy{"max:30", "keep"},
                                           Policy{"max:30", "one"}, Policy{"max:30", "two"}),
                         [](const auto& policy) {
                           std::string name = policy.param.split + "_in_" + policy.param.segments;
                           for (char& letter : name)
                             if (std::isalnum(static_cast<unsigned char>(letter)) == 0)
                               letter = '_';
                           return name;
                         });

class SplitPolicy : public SplitPolicies {};

/// MAC-then-encrypt: other lengths, the same cuts.
TEST_F(SplitPolicy, WithMacThenEncrypt) {
  const std::vector<std::string> client{"-tls1", "-no_etm", "-cipher", "AES128-SHA:@SECLEVEL=0"};
  const Spoken direct = openssl_client({backend_.port(), credentials_.root}, client);
  ASSERT_EQ(direct.body, kBody) << direct.errors;
  std::size_t count = 1;
  for (const std::string split : {"keep", "none", "1/n-1", "0/n"}) {
    SCOPED_TRACE(split);
    const ProxyProcess proxy(
        {"--backend", backend_.address(), "--trust", credentials_.root.string(), "--split", split});
    ASSERT_EQ(openssl_client(proxy.visit(), client).body, kBody);
    const Session session = proxy.session();
    EXPECT_EQ(word(session, "/backend_leg/established/encrypt_then_mac"), "false");
    EXPECT_EQ(backend_.requests(++count).back(),
              records_of("1.0", pieces({split, "keep"}, "1.0", request_bytes(session)), false) +
                  " answered in 1 segments");
  }
}

/// Java sends the halves of its split in two segments: kept, joined, or made anew. The first of its
/// requests is whole.
TEST_F(SplitPolicy, OfAClientThatSplitsInTwoSegments) {
  struct Expected {
    std::string split;
    std::string segments;
    std::vector<std::size_t> second;
    std::size_t in;
  };
  const auto ask = [&](const Visit& visit) {
    return java_client({call_line({visit, {"1.0"}, ""}) + " requests=2"}).front();
  };
  const Spoken direct = ask({backend_.port(), credentials_.root});
  ASSERT_EQ(direct.body, kBody) << direct.errors;
  const std::string straight = backend_.requests(2).back();
  const std::size_t n = std::stoul(straight.substr(straight.rfind('/') + 1)) + 1;
  ASSERT_EQ(straight, records_of("1.0", {1, n - 1}, false) + " answered in 2 segments");
  std::size_t count = 2;
  for (const auto& [split, segments, second, in] :
       {Expected{"keep", "keep", {1, n - 1}, 2}, Expected{"keep", "one", {1, n - 1}, 1},
        Expected{"keep", "two", {1, n - 1}, 2}, Expected{"none", "keep", {n}, 1},
        Expected{"1/n-1", "one", {1, n - 1}, 1}, Expected{"0/n", "one", {0, n}, 1},
        Expected{"0/n", "two", {0, n}, 2}, Expected{"max:30", "two", {1, 30, n - 31}, 3}}) {
    SCOPED_TRACE(split + " in " + segments);
    const ProxyProcess proxy({"--backend", backend_.address(), "--trust",
                              credentials_.root.string(), "--split", split, "--split-segments",
                              segments});
    ASSERT_EQ(ask(proxy.visit()).body, kBody);
    count += 2;
    EXPECT_EQ(backend_.requests(count).back(), records_of("1.0", second, false) + " answered in " +
                                                   std::to_string(in) + " segments");
    EXPECT_THAT(findings(proxy.session()), IsEmpty());
  }
}

/// What is uploaded and downloaded passes whole under every policy, and a record is never empty or
/// longer than it may be.
TEST_F(SplitPolicy, LongTransfersPassWhole) {
  const JavaServer server(credentials_, "echo", {"1.0"});
  for (const std::string split : {"none", "1/n-1", "0/n", "max:16384", "max:1000"}) {
    SCOPED_TRACE(split);
    const ProxyProcess proxy(
        {"--backend", server.address(), "--trust", credentials_.root.string(), "--split", split});
    const std::string line = "port=" + std::to_string(proxy.port()) +
                             " ca=" + proxy.ca_certificate().string() +
                             " name=localhost versions=1.0 echo=300000";
    EXPECT_EQ(node_client({line}).front().body, "intact");
    const Session session = proxy.session();
    EXPECT_EQ(word(session, "/bytes/client_to_backend"), "300000");
    EXPECT_EQ(word(session, "/bytes/backend_to_client"), "300000");
    EXPECT_THAT(findings(session), IsEmpty());
    for (const std::int64_t length : plaintext_lengths(session, "backend_leg", "c2s"))
      EXPECT_LE(length, split == "max:1000" ? 1000 : 16384);
  }
}

/// A record of one byte is late by the patience at most: the dialogue goes on though nothing
/// follows it.
TEST_F(SplitPolicy, ADialogueOfSingleBytesGoesOn) {
  const JavaServer server(credentials_, "echo", {"1.2"});
  for (const std::string split : {"none", "1/n-1", "0/n"}) {
    SCOPED_TRACE(split);
    const ProxyProcess proxy(
        {"--backend", server.address(), "--trust", credentials_.root.string(), "--split", split});
    const Ran ran = run({python("keystrokes.py", {"--port", std::to_string(proxy.port()), "--ca",
                                                  proxy.ca_certificate().string(), "--name",
                                                  std::string(kHost), "--text", "abc"}),
                         "",
                         {"OPENSSL_CONF=/dev/null"}});
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    EXPECT_EQ(ran.output, "abc\n");
    EXPECT_THAT(plaintext_lengths(proxy.session(), "backend_leg", "c2s"), ElementsAre(1, 1, 1));
  }
}

}  // namespace
}  // namespace visavis::testing

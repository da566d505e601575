// An old server that takes the first record for the whole request, and clients that split: who
// fails, what is said of it, and that --split none makes it work.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/legs.h"
#include "tests/support/record_lengths.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kBody = "one record was enough\n";
const std::string kLikely = "record-split-intolerance backend error likely";

/// Splitter is a client, and how it splits: in passthrough nobody can tell 0/n from 1/n-1.
struct Splitter {
  std::string name;
  std::function<std::string(const Visit&)> ask;  ///< returns the body; empty: it failed
  std::string kind;                              ///< of its records
  std::size_t answered_before;                   ///< requests that are whole, and get their answer
  bool repeated;  ///< our hello is the client's in everything: what works here works directly
};

std::string body_of_curl(const Visit& visit, bool allow_beast) {
  return curl(visit, curl_splitting("1.0", allow_beast)).body;
}

std::string body_of_openssl(const Visit& visit, bool bugs) {
  std::vector<std::string> options{"-tls1", "-cipher", std::string(kSplitSuite) + ":@SECLEVEL=0"};
  if (bugs) options.push_back("-bugs");
  return openssl_client(visit, options).body;
}

std::string body_of_java(const Visit& visit) {
  // A client that keeps its connection asks again later, not in one breath.
  const std::string line = call_line({visit, {"1.0"}, ""}) + " requests=2 pause=300";
  return java_client({line}).front().body;
}

const std::vector<Splitter>& splitters() {
  static const std::vector<Splitter> all{
      {"curl", [](const Visit& visit) { return body_of_curl(visit, false); }, "0/n", 0, true},
      {"openssl", [](const Visit& visit) { return body_of_openssl(visit, false); }, "0/n", 0, true},
      {"java", body_of_java, "1/n-1-after-first", 1, false}};
  return all;
}

void PrintTo(const Splitter& splitter, std::ostream* out) { *out << splitter.name; }

class SplitIntolerance : public ::testing::Test {
 protected:
  [[nodiscard]] Visit direct(const Backend& backend) const {
    return {backend.port(), credentials_.root};
  }
  [[nodiscard]] std::vector<std::string> trusting() const {
    return {"--trust", credentials_.root.string()};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

class SplittingClient : public SplitIntolerance, public ::testing::WithParamInterface<Splitter> {};

TEST_P(SplittingClient, FailsWithItsSplitAndWorksWithout) {
  const Splitter& client = GetParam();
  SplitIntolerantServer backend(credentials_, "close");
  ASSERT_EQ(client.ask(direct(backend)), "");
  std::size_t requests = 1 + client.answered_before;
  ASSERT_THAT(backend.requests(requests).back(), EndsWith(" refused"));

  // As the client splits: it fails as it does directly, and the report names the cause.
  {
    const ProxyProcess proxy(Mode::terminate, backend, credentials_, {"--twin", "never"});
    EXPECT_EQ(client.ask(proxy.visit()), "");
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ElementsAre(kLikely));
    EXPECT_EQ(verdict(session), "unknown proxied failed direct unknown by none");
    EXPECT_THAT(word(session, "/verdict/headline"),
                StartsWith("The backend does not seem to take a request that is split"));
    for (const std::string leg : {"client_leg", "backend_leg"}) {
      EXPECT_EQ(word(session, "/" + leg + "/record_split/c2s"), client.kind) << leg;
      EXPECT_EQ(plaintext_lengths(session, leg, "c2s"),
                plaintext_lengths(session, "client_leg", "c2s"));
    }
    EXPECT_EQ(ending(session, "backend_leg"), "established finished, closed by backend fin");
    requests += 1 + client.answered_before;
    EXPECT_THAT(backend.requests(requests).back(), EndsWith(" refused"));
  }
  // In one record, as Fiddler sends it: it works.
  {
    const ProxyProcess proxy(Mode::terminate, backend, credentials_, {"--split", "none"});
    EXPECT_EQ(client.ask(proxy.visit()), kBody);
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), IsEmpty());
    EXPECT_EQ(word(session, "/verdict/proxied"), "ok");
    EXPECT_EQ(word(session, "/split_policy"), "none");
    EXPECT_EQ(word(session, "/client_leg/record_split/c2s"), client.kind);
    EXPECT_EQ(word(session, "/backend_leg/record_split/c2s"), "none");
    EXPECT_EQ(comparison_row(session, "record split, sent by the TLS client"),
              client.kind + " | none differs ours");
    requests += 1 + client.answered_before;
    EXPECT_THAT(backend.requests(requests).back(), EndsWith(" answered in 1 segments"));
  }
  // Passed through: the split shows, its kind does not.
  {
    const ProxyProcess proxy(Mode::passthrough, backend, credentials_);
    EXPECT_EQ(client.ask(proxy.visit()), "");
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ElementsAre(kLikely));
    EXPECT_EQ(verdict(session), "fails-direct proxied none direct failed by passthrough");
    EXPECT_EQ(word(session, "/direct_leg/record_split/c2s"), "split-unknown");
    EXPECT_THAT(word(session, "/verdict/headline"), HasSubstr("may not take a request that is "));
  }
}

/// nginx reads on until the request is whole.
TEST_P(SplittingClient, IsHealthyWithNginx) {
  const Splitter& client = GetParam();
  const Nginx nginx(credentials_, NginxOptions{.versions = {"1.0"}});
  ASSERT_EQ(client.ask(direct(nginx)), "hello from nginx\n");
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const ProxyProcess proxy(mode, nginx, credentials_);
    EXPECT_EQ(client.ask(proxy.visit()), "hello from nginx\n");
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), IsEmpty());
    const bool known = mode == Mode::passthrough || client.repeated;
    EXPECT_EQ(word(session, "/verdict/class"), known ? "healthy" : "unknown");
    if (mode == Mode::passthrough) {
      EXPECT_EQ(word(session, "/direct_leg/record_split/c2s"), "split-unknown");
      continue;
    }
    for (const std::string leg : {"/client_leg", "/backend_leg"})
      EXPECT_EQ(word(session, leg + "/record_split/c2s"), client.kind) << leg;
  }
}

INSTANTIATE_TEST_SUITE_P(By, SplittingClient, ::testing::ValuesIn(splitters()),
                         [](const auto& client) { return client.param.name; });

/// The same clients, told not to split, work with the old server; nothing is said of a split.
TEST_F(SplitIntolerance, IsNoneForClientsThatDoNotSplit) {
  SplitIntolerantServer backend(credentials_, "close");
  const std::vector<std::function<std::string(const Visit&)>> clients{
      [](const Visit& visit) { return body_of_curl(visit, true); },
      [](const Visit& visit) { return body_of_openssl(visit, true); },
      [](const Visit& visit) { return curl(visit, curl_splitting("1.2")).body; }};
  for (const auto& ask : clients) {
    ASSERT_EQ(ask(direct(backend)), kBody);
    for (const Mode mode : kBothModes) {
      SCOPED_TRACE(name(mode));
      const ProxyProcess proxy(mode, backend, credentials_);
      EXPECT_EQ(ask(proxy.visit()), kBody);
      const Session session = proxy.session();
      EXPECT_THAT(findings(session), IsEmpty());
      EXPECT_EQ(word(session, "/verdict/class"), "healthy");
      for (const std::string& leg : legs_of(mode))
        EXPECT_EQ(word(session, '/' + leg + "/record_split/c2s"), "none") << leg;
    }
  }
}

struct Ending {
  std::string how;
  std::string terminated;  ///< how the backend leg ended
  std::string passed;      ///< how the direct leg ended
};

void PrintTo(const Ending& end, std::ostream* out) { *out << end.how; }

class SplitEnding : public SplitIntolerance, public ::testing::WithParamInterface<Ending> {};

/// The old server closes, resets, or waits for ever.
TEST_P(SplitEnding, EveryEndIsSeen) {
  const Ending& end = GetParam();
  SplitIntolerantServer backend(credentials_, end.how);
  std::vector<std::string> options{"--idle-timeout", "1", "--twin", "never"};
  for (const Mode mode : kBothModes) {
    SCOPED_TRACE(name(mode));
    const bool passed = mode == Mode::passthrough;
    if (passed) options.resize(2);
    const ProxyProcess proxy(mode, backend, credentials_, options);
    EXPECT_EQ(body_of_curl(proxy.visit(), false), "");
    const Session session = proxy.session();
    EXPECT_THAT(findings(session), ElementsAre(kLikely));
    EXPECT_EQ(ending(session, passed ? "direct_leg" : "backend_leg"),
              passed ? end.passed : end.terminated);
  }
}

INSTANTIATE_TEST_SUITE_P(
    By, SplitEnding,
    ::testing::Values(Ending{"close", "established finished, closed by backend fin",
                             "established finished, closed by backend fin"},
                      Ending{"reset", "established finished, closed by backend rst",
                             "established finished, closed by backend rst"},
                      Ending{"silent", "established finished, closed by proxy timeout",
                             "established finished, closed by proxy timeout"}),
    [](const auto& end) { return end.param.how; });

/// A split that is ours, under a version that nobody splits: what the server can't take is two
/// records, BEAST or not.
TEST_F(SplitIntolerance, OurOwnSplitShowsItUnderLaterVersions) {
  SplitIntolerantServer backend(credentials_, "close");
  const ProxyProcess proxy(Mode::terminate, backend, credentials_,
                           {"--split", "1/n-1", "--twin", "never"});
  std::size_t count = 0;
  for (const Version version : {"1.1", "1.2", "1.3"}) {
    SCOPED_TRACE(version);
    ASSERT_EQ(curl(direct(backend), curl_splitting(version)).body, kBody);
    EXPECT_EQ(curl(proxy.visit(), curl_splitting(version)).body, "");
    const Session session = proxy.session(++count);
    EXPECT_THAT(findings(session), ElementsAre(kLikely));
    EXPECT_THAT(word(session, "/backend_leg/record_habits/0"),
                HasSubstr("as in a 1/n-1 split, though TLS " + version + " needs none"));
    EXPECT_EQ(word(session, "/client_leg/record_habits"), "[]");
  }
}

}  // namespace
}  // namespace visavis::testing

// The article's scenario 6 by one command: a client that splits its records, a server that takes
// the first one for the whole request. compare finds it, proves it, and is silent before a sound
// server. curl splits every write (0/n), Java all but the first one (1/n-1).
#include <gtest/gtest.h>

#include "tests/support/comparisons.h"
#include "tests/support/record_lengths.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kProven = "record-split-intolerance backend error proven";
const std::string kAfterFirst = "1/n-1-after-first";

/// Java's switch for its countermeasure against BEAST.
enum class Protection { on, off };

/// TlsClient.java under TLS 1.0, as a command of its own; `port` and `ca` may be placeholders.
std::vector<std::string> java_words(const std::string& port, const std::string& ca,
                                    Protection protection, std::vector<std::string> more) {
  std::vector<std::string> arguments{"port=" + port, "ca=" + ca, "name=" + std::string(kHost),
                                     "path=/", "versions=1.0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::vector<std::string> words = java("TlsClient", arguments);
  if (protection == Protection::off)
    words.insert(words.begin() + 1, "-Djsse.enableCBCProtection=false");
  return words;
}

/// Two requests on one connection, each in one write: the second one is split. It comes when the
/// first has long had its answer, as a client that keeps its connection asks.
const std::vector<std::string> kTwoRequests{"requests=2", "pause=300"};

/// splits lists "RUN: CLIENT LEG'S, BACKEND LEG'S", of the direct run the one leg's.
std::vector<std::string> splits(const Compared& compared) {
  std::vector<std::string> lines;
  for (const auto& run : compared.document.at("runs").as_array()) {
    const Session& session = run.at("session");
    std::string line(run.at("name").as_string());
    for (const std::string leg : {"direct_leg", "client_leg", "backend_leg"})
      if (word(session, '/' + leg) != "null")
        line +=
            (leg == "backend_leg" ? ", " : ": ") + word(session, '/' + leg + "/record_split/c2s");
    lines.push_back(line);
  }
  return lines;
}

class CompareSplit : public ::testing::Test {
 protected:
  [[nodiscard]] Compared compare_to(const Backend& backend,
                                    const std::vector<std::string>& command) const {
    return compare(backend.address(),
                   {"--trust", credentials_.root.string(), "--resolve", std::string(kHost)},
                   command);
  }
  [[nodiscard]] static std::vector<std::string> curl_words(bool allow_beast) {
    std::vector<std::string> words{"curl", "-sS", "--cacert", "{ca}"};
    for (const std::string& option : curl_splitting("1.0", allow_beast)) words.push_back(option);
    words.emplace_back("{url}");
    return words;
  }
  [[nodiscard]] Compared compare_java_to(const Backend& backend, Protection protection,
                                         const std::vector<std::string>& more) const {
    return compare_to(backend, java_words("{port}", "{ca}", protection, more));
  }
  [[nodiscard]] Ran direct_java(const Backend& backend, Protection protection,
                                const std::vector<std::string>& more) const {
    return run(
        {java_words(std::to_string(backend.port()), credentials_.root.string(), protection, more)});
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(CompareSplit, OfCurlIsProvenAgainstAnIntolerantServer) {
  SplitIntolerantServer server(credentials_, "close");
  ASSERT_EQ(curl({server.port(), credentials_.root}, curl_splitting("1.0", false)).exit_code, 52);
  ASSERT_EQ(curl({server.port(), credentials_.root}, curl_splitting("1.0", true)).exit_code, 0);

  const Compared compared = compare_to(server, curl_words(false));
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: failed 52", "proxied: failed 52", "proxied, split none: ok 0",
                          "proxied, split 1/n-1: failed 52", "proxied, split 0/n: failed 52"));
  EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by passthrough");
  EXPECT_THAT(findings(compared.document), ElementsAre(kProven));
  EXPECT_THAT(compared.text("/verdict/headline"), HasSubstr("the record split (none)"));
  // The run that helps says so itself.
  const Session& masked = compared.session("proxied, split none");
  EXPECT_EQ(verdict(masked), "proxy-masks proxied ok direct failed by passthrough");
  EXPECT_THAT(word(masked, "/verdict/headline"), HasSubstr("the record split (none)"));
  EXPECT_EQ(word(masked, "/client_leg/record_split/c2s"), "0/n");
  EXPECT_EQ(word(masked, "/backend_leg/record_split/c2s"), "none");
  EXPECT_EQ(word(compared.session("proxied"), "/backend_leg/record_split/c2s"), "0/n");
  EXPECT_EQ(word(compared.session("direct"), "/direct_leg/record_split/c2s"), "split-unknown");
}

TEST_F(CompareSplit, OfCurlWithoutItsCountermeasureIsNone) {
  SplitIntolerantServer server(credentials_, "close");
  const Compared compared = compare_to(server, curl_words(true));
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok 0", "proxied: ok 0"));
  EXPECT_EQ(verdict(compared.document), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(findings(compared.document), IsEmpty());
}

TEST_F(CompareSplit, IsNoMatterToNginx) {
  const Nginx nginx(credentials_);
  const Compared compared = compare_to(nginx, curl_words(false));
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: ok 0", "proxied: ok 0", "proxied, split none: ok 0",
                          "proxied, split 1/n-1: ok 0", "proxied, split 0/n: ok 0"));
  EXPECT_EQ(verdict(compared.document), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(findings(compared.document), IsEmpty());
}

TEST_F(CompareSplit, OfJavaIsProvenAgainstAnIntolerantServer) {
  SplitIntolerantServer server(credentials_, "close");
  const Ran direct = direct_java(server, Protection::on, kTwoRequests);
  ASSERT_EQ(direct.exit_code, 1);
  ASSERT_THAT(direct.output, HasSubstr("closed before an answer, requests left: 1"));
  ASSERT_EQ(direct_java(server, Protection::off, kTwoRequests).exit_code, 0);

  const Compared compared = compare_java_to(server, Protection::on, kTwoRequests);
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: failed 1", "proxied: failed 1", "proxied, split none: ok 0",
                          "proxied, split 1/n-1: failed 1", "proxied, split 0/n: failed 1"));
  EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by passthrough");
  EXPECT_EQ(compared.text("/verdict/headline"),
            "It fails directly and through the proxy alike, and works once the proxy changes the "
            "record split (none): The backend does not take a request that is split over two "
            "records; in one record it does.");
  EXPECT_THAT(findings(compared.document), ElementsAre(kProven));
  EXPECT_THAT(compared.text("/findings/0/cause"),
              HasSubstr("a record with its first byte, and the rest behind it (1/n-1)"));
  EXPECT_THAT(compared.text("/findings/0/remedy"), HasSubstr("-Djsse.enableCBCProtection=false"));
  // Where we split the first request too, Java does not get as far as its second.
  EXPECT_THAT(splits(compared),
              ElementsAre("direct: split-unknown", "proxied: " + kAfterFirst + ", " + kAfterFirst,
                          "proxied, split none: " + kAfterFirst + ", none",
                          "proxied, split 1/n-1: none, 1/n-1", "proxied, split 0/n: none, 0/n"));
  EXPECT_EQ(verdict(compared.session("proxied")),
            "fails-both proxied failed direct failed by passthrough");
  EXPECT_EQ(verdict(compared.session("proxied, split none")),
            "proxy-masks proxied ok direct failed by passthrough");
}

TEST_F(CompareSplit, OfJavaWithoutItsCountermeasureIsNone) {
  SplitIntolerantServer server(credentials_, "close");
  const Compared compared = compare_java_to(server, Protection::off, kTwoRequests);
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok 0", "proxied: ok 0"));
  EXPECT_EQ(verdict(compared.document), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(findings(compared.document), IsEmpty());
  EXPECT_THAT(splits(compared), ElementsAre("direct: none", "proxied: none, none"));
}

TEST_F(CompareSplit, OfJavaIsNoMatterToNginx) {
  const Nginx nginx(credentials_);
  ASSERT_EQ(direct_java(nginx, Protection::on, kTwoRequests).exit_code, 0);
  const Compared compared = compare_java_to(nginx, Protection::on, kTwoRequests);
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: ok 0", "proxied: ok 0", "proxied, split none: ok 0",
                          "proxied, split 1/n-1: ok 0", "proxied, split 0/n: ok 0"));
  EXPECT_EQ(verdict(compared.document), "healthy proxied ok direct ok by passthrough");
  EXPECT_THAT(findings(compared.document), IsEmpty());
  EXPECT_THAT(splits(compared),
              ElementsAre("direct: split-unknown", "proxied: " + kAfterFirst + ", " + kAfterFirst,
                          "proxied, split none: " + kAfterFirst + ", none",
                          "proxied, split 1/n-1: " + kAfterFirst + ", 1/n-1",
                          "proxied, split 0/n: " + kAfterFirst + ", 0/n"));
}

/// One request in two writes, which this server takes no better without the split: that Java splits
/// the second write, too, is not the cause.
TEST_F(CompareSplit, IsNotBlamedForARequestInTwoWrites) {
  SplitIntolerantServer server(credentials_, "close");
  for (const Protection protection : {Protection::on, Protection::off})
    ASSERT_EQ(direct_java(server, protection, {}).exit_code, 1);
  const Compared compared = compare_java_to(server, Protection::on, {});
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.runs(),
              ElementsAre("direct: failed 1", "proxied: failed 1", "proxied, split none: failed 1",
                          "proxied, split 1/n-1: failed 1", "proxied, split 0/n: failed 1"));
  EXPECT_EQ(verdict(compared.document), "fails-both proxied failed direct failed by passthrough");
  EXPECT_THAT(findings(compared.document),
              ElementsAre("closed-after-request backend error likely"));
}

}  // namespace
}  // namespace visavis::testing

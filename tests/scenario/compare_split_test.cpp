// The article's scenario 6 by one command: a client that splits its records, a server that takes
// the first one for the whole request. compare finds it, proves it, and is silent before a sound
// server.
#include <gtest/gtest.h>

#include "tests/support/comparisons.h"
#include "tests/support/record_lengths.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kProven = "record-split-intolerance backend error proven";

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

}  // namespace
}  // namespace visavis::testing

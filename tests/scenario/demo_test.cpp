// `visavis proxy` without a backend: the first thing that a visitor sees.
#include <gtest/gtest.h>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;

TEST(Demo, ShowsAReportForEachOfItsFaults) {
  ProxyProcess proxy({});
  Visit legacy = proxy.visit();
  legacy.host = "legacy.demo";
  const Spoken refused =
      curl(legacy, {"--tlsv1.1", "--tls-max", "1.2", "--ciphers", "DEFAULT@SECLEVEL=0"});
  EXPECT_EQ(refused.exit_code, 35) << refused.errors;
  Session session = proxy.session(1);
  EXPECT_THAT(findings(session), ElementsAre("no-common-version both error proven"));
  EXPECT_EQ(verdict(session), "fails-both proxied failed direct failed by offer");
  EXPECT_EQ(word(session, "/sni"), "legacy.demo");

  Visit incomplete = proxy.visit();
  incomplete.host = "incomplete.demo";
  const Spoken works = curl(incomplete);
  EXPECT_EQ(works.exit_code, 0) << works.errors;
  EXPECT_EQ(works.body, "hello from the demonstration backend incomplete.demo\n");
  session = proxy.session(2);
  EXPECT_THAT(findings(session), ElementsAre("incomplete-chain backend error likely"));
  EXPECT_EQ(verdict(session), "unknown proxied ok direct unknown by none");

  // Any other name has no backend.
  EXPECT_EQ(curl(proxy.visit()).exit_code, 35);
  EXPECT_THAT(alerts(proxy.session(3), "client_leg"), ElementsAre("proxy fatal 112"));

  // The old client that legacy.demo is for.
  const Spoken old =
      curl(legacy, {"--tlsv1.0", "--tls-max", "1.0", "--ciphers", "DEFAULT@SECLEVEL=0"});
  EXPECT_EQ(old.exit_code, 0) << old.errors;
  EXPECT_EQ(verdict(proxy.session(4)), "healthy proxied ok direct ok by offer");

  // The client that splits its first record (0/n), and the same without.
  Visit split = proxy.visit();
  split.host = "split.demo";
  std::vector<std::string> cbc{"--tlsv1.0", "--tls-max", "1.0", "--ciphers",
                               "ECDHE-ECDSA-AES128-SHA@SECLEVEL=0"};
  EXPECT_EQ(curl(split, cbc).exit_code, 52);  // CURLE_GOT_NOTHING
  session = proxy.session(5);
  EXPECT_THAT(findings(session), ElementsAre("record-split-intolerance backend error likely"));
  EXPECT_EQ(word(session, "/backend_leg/record_split/c2s"), "0/n");
  cbc.emplace_back("--ssl-allow-beast");
  EXPECT_EQ(curl(split, cbc).body, "hello from the demonstration backend split.demo\n");
  EXPECT_EQ(verdict(proxy.session(6)), "healthy proxied ok direct ok by offer");
  EXPECT_EQ(proxy.stop(), 0);
}

/// Directly the faults are there for everybody: the demonstration is no trick of the proxy.
TEST(Demo, ItsBackendsAreBrokenForADirectClientToo) {
  const ProxyProcess proxy({});
  Visit visit = proxy.visit();
  visit.host = "incomplete.demo";
  ASSERT_EQ(curl(visit).exit_code, 0);
  visit.host = "legacy.demo";
  const std::vector<std::string> modern{"--tlsv1.1", "--tls-max", "1.2", "--ciphers",
                                        "DEFAULT@SECLEVEL=0"};
  ASSERT_EQ(curl(visit, modern).exit_code, 35);
  const auto port_of = [](const Session& session) {
    const std::string address = word(session, "/backend_address");
    return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  };
  const auto sessions = proxy.sessions(2);
  EXPECT_EQ(curl({port_of(sessions[0]), proxy.ca_certificate(), "incomplete.demo"}).exit_code, 60);
  EXPECT_EQ(curl({port_of(sessions[1]), proxy.ca_certificate(), "legacy.demo"}, modern).exit_code,
            35);
}

}  // namespace
}  // namespace visavis::testing

// Many connections at once: none disturbs another, each gets its report, and all that they took is
// given back.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::IsEmpty;

constexpr std::size_t kConnections = 200;
constexpr std::size_t kBytesEach = 20'000;
constexpr int kRounds = 3;
/// After the first round. The allocator gives pages back by its own clock, so that what is resident
/// goes up and down by 4 MiB over any number of rounds; the sessions of two rounds, kept, would be
/// 14 MiB and more.
constexpr long kAllowedGrowthKib = 6144;

class ManyConnections : public ::testing::TestWithParam<Mode> {
 protected:
  /// All are established before the first byte is sent; `meanwhile` is asked then.
  template <class Question>
  void echo_all(const Visit& visit, int round, Question meanwhile) const {
    const auto resume = folder_.path() / ("resume" + std::to_string(round));
    Process client({python("transfer_client.py",
                           {"echo", "--port", std::to_string(visit.port), "--ca",
                            visit.trusted.string(), "--connections", std::to_string(kConnections),
                            "--size", std::to_string(kBytesEach), "--resume", resume.string()}),
                    "",
                    {"OPENSSL_CONF=/dev/null"}});
    (void)client.wait_for("established", 3 * kPatience);
    meanwhile();
    (void)folder_.write(resume.filename().string(), "");
    ASSERT_EQ(client.wait(3 * kPatience), 0) << client.errors();
    EXPECT_THAT(client.output(), ::testing::HasSubstr("\"intact\": true")) << client.output();
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_);
};

TEST_P(ManyConnections, AreAllServedReportedAndForgotten) {
  const PythonPeer server("tls_server.py", {"--chain", credentials_.chain.string(), "--key",
                                            credentials_.key.string()});
  echo_all({server.port(), credentials_.root}, 0, [] {});
  ProxyProcess proxy(GetParam(), server, credentials_);
  const std::size_t files = proxy.process().open_files();
  long after_first = 0;
  for (int round = 1; round <= kRounds; ++round) {
    SCOPED_TRACE(round);
    echo_all(proxy.visit(), round, [&] {
      EXPECT_EQ(proxy.process().open_files(), files + 2 * kConnections) << "all at once";
    });
    (void)proxy.sessions(static_cast<std::size_t>(round) * kConnections, 3 * kPatience);
    EXPECT_TRUE(wait_until([&] { return proxy.process().open_files() == files; }))
        << proxy.process().open_files() << " instead of " << files;
    if (round == 1) after_first = proxy.process().resident_kib();
  }
  // The allocator keeps what the first round took, and gives it to the next ones.
  EXPECT_LT(proxy.process().resident_kib() - after_first, kAllowedGrowthKib);
  for (const Session& session : proxy.sessions(kRounds * kConnections)) {
    EXPECT_EQ(verdict(session), healthy(GetParam()));
    EXPECT_THAT(findings(session), IsEmpty());
  }
  EXPECT_EQ(proxy.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(In, ManyConnections, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

#include "proxy/minting.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <ctime>
#include <future>
#include <thread>

#include "tests/proxy/loopback.h"
#include "tests/support/test_certificates.h"

namespace visavis::proxy {
namespace {

class MintingTest : public ::testing::Test {
 protected:
  Task<std::shared_ptr<const certs::Leaf>> ask(std::string name) {
    const certs::LeafRequest request{{}, std::move(name), "", certs::LeafKey::ecdsa_p256};
    co_return co_await minting_.leaf_for(request);
  }

  visavis::testing::TemporaryDirectory folder_;
  certs::Authority authority_ = certs::Authority::open(folder_.path() / "ca");
  std::function<void()> on_clock_;
  certs::LeafMinter minter_{authority_, [this] {
                              if (on_clock_) on_clock_();
                              return static_cast<std::int64_t>(std::time(nullptr));
                            }};
  certs::LeafCache cache_{minter_};
  Minting minting_{cache_};
  testing::Loopback loopback_;
};

TEST_F(MintingTest, ALeafIsMintedOnceAndThenKnown) {
  const auto leaf = loopback_.run(ask("a.example"));
  ASSERT_TRUE(leaf);
  EXPECT_EQ(loopback_.run(ask("a.example")), leaf);
  EXPECT_NE(loopback_.run(ask("b.example")), leaf);
  EXPECT_EQ(cache_.size(), 2U);
}

/// The minter waits for something that only the session's thread does: minted on that thread, it
/// would wait for ever.
TEST_F(MintingTest, TheSessionsThreadGoesOnMeanwhile) {
  std::promise<void> went_on;
  std::future<void> signal = went_on.get_future();
  bool waited = false;
  on_clock_ = [&] {
    if (waited) return;
    waited = true;
    ASSERT_EQ(signal.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  };
  std::shared_ptr<const certs::Leaf> leaf;
  asio::co_spawn(loopback_.context(), ask("a.example"),
                 [&leaf](std::exception_ptr, auto minted) { leaf = std::move(minted); });
  asio::post(loopback_.context(), [&went_on] { went_on.set_value(); });
  loopback_.context().run();
  EXPECT_TRUE(leaf);
  EXPECT_TRUE(waited);
}

TEST_F(MintingTest, AFailureReachesWhoAsked) {
  on_clock_ = [] { throw std::runtime_error("the CA has expired"); };
  EXPECT_THROW((void)loopback_.run(ask("a.example")), std::runtime_error);
  on_clock_ = nullptr;
  EXPECT_TRUE(loopback_.run(ask("a.example")));
}

}  // namespace
}  // namespace visavis::proxy

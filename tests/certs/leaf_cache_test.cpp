#include "certs/leaf_cache.h"

#include <gtest/gtest.h>

#include <ctime>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using visavis::testing::make_chain;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestChain;

class LeafCacheTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::int64_t now_s_ = std::time(nullptr);
  LeafMinter minter_{Authority::open(directory_.path() / "ca"), [this] { return now_s_; }};
  LeafCache cache_{minter_};
};

TEST_F(LeafCacheTest, TheSameRequestGivesTheSameLeaf) {
  const TestChain chain = make_chain();
  const auto leaf = cache_.leaf_for({chain.leaf.der(), "www.example.com", "", {}});
  EXPECT_EQ(cache_.leaf_for({chain.leaf.der(), "www.example.com", "", {}}), leaf);
  EXPECT_EQ(cache_.leaf_for({chain.leaf.der(), "WWW.example.COM", "", {}}), leaf);
  EXPECT_EQ(cache_.size(), 1U);
}

TEST_F(LeafCacheTest, FindGivesOnlyWhatIsThereAndStillValid) {
  const LeafRequest request{{}, "a.example", "", {}};
  EXPECT_EQ(cache_.find(request), nullptr);
  const auto leaf = cache_.leaf_for(request);
  EXPECT_EQ(cache_.find(request), leaf);
  EXPECT_EQ(cache_.find({{}, "b.example", "", {}}), nullptr);
  now_s_ = leaf->not_after_s;
  EXPECT_EQ(cache_.find(request), nullptr);
}

TEST_F(LeafCacheTest, EveryPartOfTheRequestCounts) {
  const TestChain chain = make_chain();
  const std::vector<LeafRequest> requests{{chain.leaf.der(), "a.example", "", LeafKey::ecdsa_p256},
                                          {chain.root.der(), "a.example", "", LeafKey::ecdsa_p256},
                                          {{}, "a.example", "", LeafKey::ecdsa_p256},
                                          {{}, "b.example", "", LeafKey::ecdsa_p256},
                                          {{}, "a.example", "192.0.2.1", LeafKey::ecdsa_p256},
                                          {{}, "", "192.0.2.1", LeafKey::ecdsa_p256},
                                          {{}, "192.0.2.1", "", LeafKey::ecdsa_p256},
                                          {{}, "a.example1", "92.0.2.1", LeafKey::ecdsa_p256},
                                          {{}, "a.example", "", LeafKey::rsa_2048}};
  std::set<std::string> ids;
  for (const LeafRequest& request : requests) ids.insert(cache_.leaf_for(request)->id);
  EXPECT_EQ(ids.size(), requests.size());
  EXPECT_EQ(cache_.size(), requests.size());
}

TEST_F(LeafCacheTest, AnExpiredLeafIsMintedAnew) {
  const auto leaf = cache_.leaf_for({{}, "a.example", "", {}});
  now_s_ = leaf->not_after_s - 1;
  EXPECT_EQ(cache_.leaf_for({{}, "a.example", "", {}}), leaf);
  now_s_ = leaf->not_after_s;
  const auto renewed = cache_.leaf_for({{}, "a.example", "", {}});
  EXPECT_NE(renewed, leaf);
  EXPECT_GT(renewed->not_after_s, leaf->not_after_s);
  EXPECT_EQ(cache_.leaf_for({{}, "a.example", "", {}}), renewed);
  EXPECT_EQ(cache_.size(), 1U);
}

TEST_F(LeafCacheTest, IsBounded) {
  LeafCache small(minter_, 3);
  const auto first = small.leaf_for({{}, "h0.example", "", {}});
  for (int i = 1; i < 10; ++i)
    (void)small.leaf_for({{}, "h" + std::to_string(i) + ".example", "", {}});
  EXPECT_EQ(small.size(), 3U);
  EXPECT_NE(small.leaf_for({{}, "h0.example", "", {}}), first);
}

TEST_F(LeafCacheTest, AllThreadsGetOneLeaf) {
  std::vector<std::shared_ptr<const Leaf>> leaves(8);
  std::vector<std::thread> threads;
  for (auto& leaf : leaves)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) leaf = cache_.leaf_for({{}, "a.example", "", {}});
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& leaf : leaves) EXPECT_EQ(leaf, leaves.front());
}

}  // namespace
}  // namespace visavis::certs

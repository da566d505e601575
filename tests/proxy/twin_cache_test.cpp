#include "proxy/twin_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using test::HelloBytes;
using Wanted = TwinCache::Wanted;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kBackend = "backend.test:443";

inspect::ClientHello parsed(const HelloBytes& bytes) {
  auto hello = inspect::parse_client_hello(bytes.message());
  EXPECT_TRUE(hello.ok());
  return std::move(hello).value();
}

/// A hello as a browser sends it: GREASE in every list, and something fresh wherever it may be.
HelloBytes browser() {
  HelloBytes hello;
  hello.session_id = test::ByteVector(32, 1);
  hello.ciphers = {0x1a1a, 0x1301, 0xc02f};
  hello.extensions = {{0x2a2a, {}},
                      test::server_name("a.test"),
                      test::supported_groups({0x3a3a, 0x001d}),
                      test::key_shares({0x3a3a, 0x001d}),
                      test::supported_versions({0x4a4a, 0x0304, 0x0303}),
                      {35, test::ByteVector(160, 2)},
                      {0xfe0d, test::ByteVector(200, 3)},
                      {0x5a5a, {0}},
                      {21, test::ByteVector(40, 0)}};
  return hello;
}

TwinKey key_of(const HelloBytes& hello, std::vector<std::uint32_t> segments = {517},
               const std::string& backend = kBackend) {
  return twin_key(parsed(hello), segments, backend);
}

TEST(TwinKey, IsTheSameForWhatEveryConnectionHasAnew) {
  using Change = std::function<void(HelloBytes&)>;
  const std::pair<const char*, Change> changes[] = {
      {"random", [](HelloBytes& h) { h.random = test::ByteVector(32, 9); }},
      {"session id", [](HelloBytes& h) { h.session_id = test::ByteVector(32, 9); }},
      {"GREASE suite", [](HelloBytes& h) { h.ciphers[0] = 0xfafa; }},
      {"GREASE extension", [](HelloBytes& h) { h.extensions[0].type = 0x0a0a; }},
      {"GREASE group",
       [](HelloBytes& h) {
         h.extensions[2] = test::supported_groups({0xfafa, 0x001d});
       }},
      {"GREASE share",
       [](HelloBytes& h) {
         h.extensions[3] = test::key_shares({0xfafa, 0x001d});
       }},
      {"key share", [](HelloBytes& h) { h.extensions[3].body.back() ^= 0xff; }},
      {"GREASE version",
       [](HelloBytes& h) {
         h.extensions[4] = test::supported_versions({0xfafa, 0x0304, 0x0303});
       }},
      {"ticket", [](HelloBytes& h) { h.extensions[5].body.assign(200, 7); }},
      {"encrypted hello", [](HelloBytes& h) { h.extensions[6].body.back() = 7; }},
      {"padding", [](HelloBytes& h) { h.extensions[8].body.resize(10); }},
      {"order of the extensions",
       [](HelloBytes& h) { std::swap(h.extensions[1], h.extensions[4]); }},
  };
  for (const auto& [what, change] : changes) {
    HelloBytes other = browser();
    change(other);
    EXPECT_EQ(key_of(other), key_of(browser())) << what;
  }
}

TEST(TwinKey, IsAnotherForWhatABackendMayMind) {
  using Change = std::function<void(HelloBytes&)>;
  const std::pair<const char*, Change> changes[] = {
      {"version", [](HelloBytes& h) { h.legacy_version = 0x0302; }},
      {"no session id", [](HelloBytes& h) { h.session_id.clear(); }},
      {"suite", [](HelloBytes& h) { h.ciphers[2] = 0xc030; }},
      {"order of the suites", [](HelloBytes& h) { std::swap(h.ciphers[1], h.ciphers[2]); }},
      {"no GREASE", [](HelloBytes& h) { h.ciphers.erase(h.ciphers.begin()); }},
      {"compression",
       [](HelloBytes& h) {
         h.compression = {1, 0};
       }},
      {"server name", [](HelloBytes& h) { h.extensions[1] = test::server_name("b.test"); }},
      {"group",
       [](HelloBytes& h) {
         h.extensions[2] = test::supported_groups({0x3a3a, 0x0017});
       }},
      {"share",
       [](HelloBytes& h) {
         h.extensions[3] = test::key_shares({0x3a3a, 0x0017});
       }},
      {"versions",
       [](HelloBytes& h) {
         h.extensions[4] = test::supported_versions({0x4a4a, 0x0304});
       }},
      {"no ticket", [](HelloBytes& h) { h.extensions[5].body.clear(); }},
      {"an extension more",
       [](HelloBytes& h) {
         h.extensions.insert(h.extensions.begin(), {{23, {}}});
       }},
      {"an extension less", [](HelloBytes& h) { h.extensions.erase(h.extensions.begin() + 1); }},
      {"the last extension", [](HelloBytes& h) { std::swap(h.extensions[8], h.extensions[1]); }},
  };
  for (const auto& [what, change] : changes) {
    HelloBytes other = browser();
    change(other);
    EXPECT_NE(key_of(other), key_of(browser())) << what;
  }
  EXPECT_NE(key_of(browser(), {500, 17}), key_of(browser()));
  EXPECT_NE(key_of(browser(), {517}, "other.test:443"), key_of(browser()));
}

inspect::TwinReport report(const std::string& result) { return {result, "why", false, 0}; }

class TwinCacheTest : public ::testing::Test {
 protected:
  [[nodiscard]] static TwinKey key(std::uint8_t number) {
    TwinKey key{};
    key[0] = number;
    return key;
  }
  TwinCache::Answer ask(std::uint8_t number, Wanted wanted) {
    return cache_.ask(key(number), kBackend, wanted, now_);
  }
  /// Asks until there is no permit; each is given back at once.
  int permits(Wanted wanted) {
    int count = 0;
    while (count < 1000 && ask(1, wanted).permit) ++count;
    return count;
  }

  TwinCache cache_;
  TwinCache::Time now_{seconds(1000)};
};

TEST_F(TwinCacheTest, ANewShapeGetsOneTwinAndOthersItsResult) {
  {
    const auto first = ask(1, Wanted::new_shape);
    EXPECT_TRUE(first.permit);
    EXPECT_FALSE(first.earlier);
    const auto meanwhile = ask(1, Wanted::new_shape);
    EXPECT_FALSE(meanwhile.permit) << "one is on its way";
    EXPECT_FALSE(meanwhile.earlier);
    EXPECT_EQ(meanwhile.refused, TwinCache::kOneRuns);
    EXPECT_EQ(first.refused, "");
    EXPECT_TRUE(ask(2, Wanted::new_shape).permit);
    cache_.store(key(1), report("ok"), now_);
  }
  now_ += milliseconds(2500);
  const auto later = ask(1, Wanted::new_shape);
  EXPECT_FALSE(later.permit);
  ASSERT_TRUE(later.earlier);
  EXPECT_EQ(later.refused, "");
  EXPECT_EQ(later.earlier->result, "ok");
  EXPECT_TRUE(later.earlier->cached);
  EXPECT_DOUBLE_EQ(later.earlier->age_s, 2.5);
  now_ += TwinCache::kMaxAge;
  const auto expired = ask(1, Wanted::new_shape);
  EXPECT_TRUE(expired.permit);
  EXPECT_FALSE(expired.earlier);
}

TEST_F(TwinCacheTest, ATwinThatProvedNothingIsTriedAgain) {
  { EXPECT_TRUE(ask(1, Wanted::new_shape).permit); }
  EXPECT_TRUE(ask(1, Wanted::new_shape).permit);
}

TEST_F(TwinCacheTest, AFailedSessionGetsATwinOfItsOwn) {
  cache_.store(key(1), report("ok"), now_);
  const auto answer = ask(1, Wanted::failure);
  EXPECT_TRUE(answer.permit);
  EXPECT_FALSE(answer.earlier);
}

TEST_F(TwinCacheTest, TheRateOfOneBackendIsKept) {
  EXPECT_EQ(permits(Wanted::failure), static_cast<int>(TwinCache::kBurst));
  EXPECT_EQ(ask(1, Wanted::failure).refused, TwinCache::kRateReached);
  EXPECT_EQ(ask(1, Wanted::new_shape).refused, TwinCache::kRateReached);
  EXPECT_TRUE(cache_.ask(key(1), "other.test:443", Wanted::failure, now_).permit);
  now_ += milliseconds(1000);
  EXPECT_EQ(permits(Wanted::failure), static_cast<int>(TwinCache::kPerSecond));
  now_ += seconds(3600);
  EXPECT_EQ(permits(Wanted::failure), static_cast<int>(TwinCache::kBurst));
  EXPECT_EQ(permits(Wanted::always), 1000) << "the user wants them all";
}

/// A twin of ten minutes ago knows nothing of a backend that fails now.
TEST_F(TwinCacheTest, WithoutAPermitAFailedSessionTakesAFreshResultOnly) {
  cache_.store(key(1), report("failed"), now_);
  EXPECT_EQ(permits(Wanted::failure), static_cast<int>(TwinCache::kBurst));
  const auto fresh = ask(1, Wanted::failure);
  ASSERT_TRUE(fresh.earlier);
  EXPECT_EQ(fresh.refused, "");
  EXPECT_EQ(fresh.earlier->result, "failed");
  now_ += TwinCache::kMaxAgeOfFailure + seconds(1);
  while (ask(2, Wanted::failure).permit) continue;
  const auto old = ask(1, Wanted::failure);
  EXPECT_FALSE(old.permit);
  EXPECT_FALSE(old.earlier);
}

TEST_F(TwinCacheTest, OnlySoManyRunAtOnce) {
  std::vector<TwinCache::Answer> running;
  for (std::size_t i = 0; i < TwinCache::kMaxRunning; ++i) {
    running.push_back(ask(static_cast<std::uint8_t>(i), Wanted::always));
    EXPECT_TRUE(running.back().permit);
  }
  EXPECT_FALSE(ask(200, Wanted::always).permit);
  EXPECT_EQ(ask(200, Wanted::always).refused, TwinCache::kManyRun);
  running.pop_back();
  EXPECT_TRUE(ask(200, Wanted::always).permit);
}

TEST_F(TwinCacheTest, TheOldestGoesFirst) {
  const auto numbered = [](std::size_t number) {
    TwinKey key{};
    key[0] = static_cast<std::uint8_t>(number);
    key[1] = static_cast<std::uint8_t>(number >> 8);
    return key;
  };
  for (std::size_t i = 0; i < TwinCache::kMaxEntries; ++i)
    cache_.store(numbered(i), report("ok"), now_);
  cache_.store(numbered(0), report("failed"), now_);  // anew: now the youngest
  cache_.store(numbered(TwinCache::kMaxEntries), report("ok"), now_);
  const auto known = [&](std::size_t number) {
    return cache_.ask(numbered(number), kBackend, Wanted::new_shape, now_).earlier;
  };
  ASSERT_TRUE(known(0));
  EXPECT_EQ(known(0)->result, "failed");
  EXPECT_FALSE(known(1));
  EXPECT_TRUE(known(2));
  EXPECT_TRUE(known(TwinCache::kMaxEntries));
}

TEST_F(TwinCacheTest, BackendsWithoutEndAreBounded) {
  for (std::size_t i = 0; i < TwinCache::kMaxBackends; ++i)
    EXPECT_TRUE(cache_.ask(key(1), std::to_string(i), Wanted::failure, now_).permit);
  EXPECT_FALSE(cache_.ask(key(1), "one more", Wanted::failure, now_).permit);
  now_ += seconds(1);  // their buckets are full again: forgotten
  EXPECT_TRUE(cache_.ask(key(1), "one more", Wanted::failure, now_).permit);
}

TEST_F(TwinCacheTest, ManyThreadsMayAsk) {
  std::atomic<int> running{0};
  std::atomic<bool> too_many{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto answer = cache_.ask(key(1), kBackend, Wanted::new_shape, now_);
        if (!answer.permit) continue;
        if (++running > 1) too_many = true;
        if (i % 7 == 0) cache_.store(key(static_cast<std::uint8_t>(i)), report("ok"), now_);
        --running;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(too_many) << "one twin a shape";
}

}  // namespace
}  // namespace visavis::proxy

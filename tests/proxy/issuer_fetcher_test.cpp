#include "proxy/issuer_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <future>

#include "tests/support/test_certificates.h"

namespace visavis::proxy {
namespace {

using ::testing::HasSubstr;

/// Takes connections (the kernel does) and says nothing.
class Mute {
 public:
  [[nodiscard]] std::string url(int number) const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + '/' +
           std::to_string(number);
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
};

WantedIssuer wanted(int number, std::vector<std::string> urls) {
  WantedIssuer issuer;
  issuer.certificate[0] = static_cast<std::uint8_t>(number);
  issuer.der = {0x30, 0x00};
  issuer.urls = std::move(urls);
  return issuer;
}

TEST(IssuerFetcher, SoManyAtOnceAndNoMore) {
  const Mute mute;
  certs::KnownIssuers known;
  std::atomic<std::size_t> told{0};
  {
    IssuerFetcher fetcher(known);
    int number = 0;
    for (; number < static_cast<int>(IssuerFetcher::kMaxAtOnce); ++number)
      EXPECT_TRUE(fetcher.begin(wanted(number, {mute.url(number)}), [&told] { ++told; }));
    const WantedIssuer more = wanted(number, {mute.url(number)});
    EXPECT_FALSE(fetcher.begin(more, [&told] { ++told; }));
    EXPECT_EQ(fetcher.problem(more), "too many other fetches were under way");
    EXPECT_TRUE(fetcher.begin(wanted(0, {mute.url(0)}), [&told] { ++told; }))
        << "one that is under way is joined";
    EXPECT_EQ(told, 0U);
  }
  EXPECT_EQ(told, IssuerFetcher::kMaxAtOnce + 1) << "whoever waits is told of the end";
}

TEST(IssuerFetcher, IsGivenUpAndNotTriedAgain) {
  const Mute mute;
  certs::KnownIssuers known;
  IssuerFetcher fetcher(known);
  const WantedIssuer issuer = wanted(1, {"ldap:///x", mute.url(1), "http://127.0.0.1:1/x"});
  std::promise<void> done;
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(fetcher.begin(issuer, [&done] { done.set_value(); }));
  ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_GE(std::chrono::steady_clock::now() - began, IssuerFetcher::kTimeLimit);
  EXPECT_EQ(fetcher.problem(issuer), mute.url(1) + ": no whole answer within 3 seconds");
  EXPECT_FALSE(fetcher.begin(issuer, [] { ADD_FAILURE(); }));
}

TEST(IssuerFetcher, WhatIsNotAsked) {
  certs::KnownIssuers known;
  IssuerFetcher fetcher(known);
  EXPECT_FALSE(fetcher.begin(wanted(1, {}), [] { ADD_FAILURE(); }));
  EXPECT_THAT(fetcher.problem(wanted(1, {})), HasSubstr("no caIssuers"));
  const WantedIssuer secure = wanted(2, {"https://127.0.0.1/x"});
  EXPECT_FALSE(fetcher.begin(secure, [] { ADD_FAILURE(); }));
  EXPECT_EQ(fetcher.problem(secure),
            "https://127.0.0.1/x is not asked: plain http is, and nothing else");
}

}  // namespace
}  // namespace visavis::proxy

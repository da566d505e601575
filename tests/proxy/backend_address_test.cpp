#include "proxy/backend_address.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace visavis::proxy {
namespace {

TEST(BackendAddressTest, ReadsNamesAndBothKindsOfAddress) {
  EXPECT_EQ(parse_host_port("example.com:443"), (HostPort{"example.com", 443}));
  EXPECT_EQ(parse_host_port("127.0.0.1:0"), (HostPort{"127.0.0.1", 0}));
  EXPECT_EQ(parse_host_port("[::1]:65535"), (HostPort{"::1", 65535}));
  for (const char* text : {"example.com:443", "127.0.0.1:0", "[::1]:65535"})
    EXPECT_EQ(to_string(parse_host_port(text)), text);
}

TEST(BackendAddressTest, SaysInOneLineWhatIsWrong) {
  for (const char* text : {"", "host", ":443", "[]:443", "::1:443", "[::1]", "host:", "host:x",
                           "host:-1", "host:65536", "host:443 ", "host:4 43"}) {
    try {
      (void)parse_host_port(text);
      ADD_FAILURE() << text;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(std::string("'") + text + "'"));
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
}

TEST(BackendAddressTest, TellsAddressesFromNames) {
  EXPECT_TRUE(is_address("192.0.2.1"));
  EXPECT_TRUE(is_address("2001:db8::1"));
  EXPECT_FALSE(is_address("example.com"));
  EXPECT_FALSE(is_address("192.0.2"));
}

TEST(BackendAddressTest, RefusesRoutesWithoutANameOrABackend) {
  for (const char* text : {"", "host:443", "=host:443", "name=", "name=host"})
    EXPECT_THROW((void)parse_route(text), std::runtime_error) << text;
}

class RoutesTest : public ::testing::Test {
 protected:
  /// The host of the chosen backend; "none" where there is none.
  [[nodiscard]] std::string chosen(const std::string& name, const HostPort* fixed = nullptr) const {
    const HostPort* backend = choose_backend(routes_, fixed, name);
    return backend != nullptr ? backend->host : "none";
  }

  std::vector<Route> routes_{parse_route("*.example.com=wild:1"),
                             parse_route("WWW.Example.com=exact:1"),
                             parse_route("*.shop.example.com=shop:1")};
};

TEST_F(RoutesTest, AnExactNameGoesBeforeAWildcardAndCaseDoesNotMatter) {
  EXPECT_EQ(chosen("www.example.com"), "exact");
  EXPECT_EQ(chosen("WWW.EXAMPLE.COM"), "exact");
  EXPECT_EQ(chosen("mail.example.com"), "wild");
}

TEST_F(RoutesTest, AWildcardStandsForOneLabel) {
  EXPECT_EQ(chosen("a.shop.example.com"), "shop");
  EXPECT_EQ(chosen("a.b.example.com"), "none");
  EXPECT_EQ(chosen("example.com"), "none");
  EXPECT_EQ(chosen(".example.com"), "none");
  EXPECT_EQ(chosen("badexample.com"), "none");
}

TEST_F(RoutesTest, WhatNoRouteTakesGoesToTheFixedBackend) {
  const HostPort fixed{"fixed", 1};
  EXPECT_EQ(chosen("", &fixed), "fixed");
  EXPECT_EQ(chosen("other.example", &fixed), "fixed");
  EXPECT_EQ(chosen("www.example.com", &fixed), "exact");
  EXPECT_EQ(chosen(""), "none");
}

}  // namespace
}  // namespace visavis::proxy

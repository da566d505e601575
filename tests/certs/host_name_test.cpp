#include "certs/host_name.h"

#include <gtest/gtest.h>

#include "certs/digest.h"

namespace visavis::certs {
namespace {

TEST(HostName, NormalForm) {
  EXPECT_EQ(normal_host("WWW.Example.COM."), "www.example.com");
  EXPECT_EQ(normal_host("[FE80::1%eth0]"), "fe80::1");
  EXPECT_EQ(normal_host("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(normal_host("."), ".");
  EXPECT_EQ(normal_host(""), "");
}

TEST(HostName, AddressBytes) {
  EXPECT_EQ(hex(ip_address_bytes("192.0.2.1")), "c0000201");
  EXPECT_EQ(hex(ip_address_bytes("[2001:db8::1]")), "20010db8000000000000000000000001");
  EXPECT_EQ(hex(ip_address_bytes("fe80::1%eth0")), "fe800000000000000000000000000001");
  for (const char* text : {"", "example.com", "1.2.3", "256.1.1.1", "1.2.3.4.5", "[]", "%", "::g"})
    EXPECT_TRUE(ip_address_bytes(text).empty()) << text;
  EXPECT_TRUE(ip_address_bytes(std::string_view("1.2.3.4\0x", 9)).empty());
  EXPECT_TRUE(ip_address_bytes(std::string(10'000, '1')).empty());
}

TEST(HostName, DnsNames) {
  const std::string label63(63, 'a');
  for (const std::string& name :
       {std::string("example.com"), std::string("*.example.com"), std::string("localhost"),
        std::string("a_b.x-1.example"), std::string("xn--bcher-kva.example"), label63 + ".example"})
    EXPECT_TRUE(is_dns_name(name)) << name;
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".example.com"), std::string("a..b"),
        std::string("example.com."), std::string("a b"), std::string("*"), std::string("a.*.b"),
        std::string("b\xc3\xbc.example"), std::string("a\0b", 3), std::string("192.0.2.1"),
        std::string("2001:db8::1"), label63 + "a.example",
        label63 + "." + label63 + "." + label63 + "." + label63})
    EXPECT_FALSE(is_dns_name(name)) << name;
}

}  // namespace
}  // namespace visavis::certs

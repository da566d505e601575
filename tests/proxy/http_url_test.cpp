#include "proxy/http_url.h"

#include <gtest/gtest.h>

namespace visavis::proxy {
namespace {

/// RFC 3986 3 and RFC 9110 4.2.
TEST(HttpUrl, WhatIsAsked) {
  EXPECT_EQ(parse_http_url("http://ca.example/issuer.crt"),
            (HttpUrl{"ca.example", 80, "/issuer.crt", "ca.example"}));
  EXPECT_EQ(parse_http_url("HTTP://ca.example:8080/a?b=c#d"),
            (HttpUrl{"ca.example", 8080, "/a?b=c", "ca.example:8080"}));
  EXPECT_EQ(parse_http_url("http://192.0.2.1"), (HttpUrl{"192.0.2.1", 80, "/", "192.0.2.1"}));
  EXPECT_EQ(parse_http_url("http://ca.example?x"),
            (HttpUrl{"ca.example", 80, "/?x", "ca.example"}));
  EXPECT_EQ(parse_http_url("http://[2001:db8::1]:81/x"),
            (HttpUrl{"2001:db8::1", 81, "/x", "[2001:db8::1]:81"}));
  EXPECT_EQ(parse_http_url("http://ca.example:/x"),
            (HttpUrl{"ca.example", 80, "/x", "ca.example:"}));
  EXPECT_EQ(parse_http_url("http://ca.example/a:b@c"),
            (HttpUrl{"ca.example", 80, "/a:b@c", "ca.example"}));
}

TEST(HttpUrl, WhatIsNot) {
  for (const std::string_view url : {"",
                                     "http",
                                     "http:",
                                     "http:/ca.example",
                                     "http://",
                                     "http:///x",
                                     "http://:80/x",
                                     "https://ca.example/x",
                                     "ldap://ca.example/x",
                                     "file:///etc/passwd",
                                     "ca.example/x",
                                     "//ca.example/x",
                                     " http://ca.example/x",
                                     "http://ca.example/a b",
                                     "http://ca.example/\t",
                                     "http://ca.example/x\r\nHost: other",
                                     "http://ca.example/\\0d\\0a",
                                     "http://user@ca.example",
                                     "http://user:word@ca.example/",
                                     "http://ca.example:0/",
                                     "http://ca.example:65536/",
                                     "http://ca.example:8o/",
                                     "http://ca.example:-1/",
                                     "http://[::1",
                                     "http://[::1]x/",
                                     "http://[]/",
                                     "http://ca.example/\xc3\xa4",
                                     "http://ca.example/\x7f"})
    EXPECT_FALSE(parse_http_url(url)) << url;
  EXPECT_FALSE(parse_http_url("http://ca.example/" + std::string(kMaxUrlBytes, 'x')));
  EXPECT_FALSE(parse_http_url(std::string_view("http://ca.example/\0x", 20)));
}

}  // namespace
}  // namespace visavis::proxy

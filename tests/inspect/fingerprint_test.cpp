#include "inspect/handshake/fingerprint.h"

#include <gtest/gtest.h>

#include "tests/support/hello_builder.h"

/// The examples of the JA3 and JA4 descriptions themselves, then their edges.
namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::ExtensionBytes;
using test::HelloBytes;

ClientHello parsed(const HelloBytes& bytes) {
  auto hello = parse_client_hello(bytes.message());
  EXPECT_TRUE(hello.ok());
  return *hello;
}

/// The hello of JA4.md's example, GREASE put where a browser has it.
HelloBytes ja4_example() {
  HelloBytes hello;
  hello.ciphers = {0x8a8a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  for (const std::uint16_t type : std::initializer_list<std::uint16_t>{
           0xbaba, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
           0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xcaca})
    hello.extensions.push_back({type, {}});
  for (ExtensionBytes& extension : hello.extensions) {
    if (extension.type == 0) extension = test::server_name("example.com");
    if (extension.type == 0x10) extension = test::alpn({"h2", "http/1.1"});
    if (extension.type == 0x0d)
      extension = test::signature_algorithms(
          {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
    if (extension.type == 0x2b) extension = test::supported_versions({0x5a5a, 0x0304, 0x0303});
  }
  return hello;
}

TEST(Ja4, ThePublishedExample) {
  EXPECT_EQ(ja4(parsed(ja4_example())), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST(Ja4, ThePublishedExampleWithoutSignatureAlgorithms) {
  HelloBytes bytes = ja4_example();
  for (const ByteVector& body : {ByteVector{}, ByteVector{0, 0}, ByteVector{0, 2, 0x2a, 0x2a}}) {
    for (ExtensionBytes& extension : bytes.extensions)
      if (extension.type == 0x0d) extension.body = body;  // absent, empty, nothing but GREASE
    EXPECT_EQ(ja4(parsed(bytes)), "t13d1516h2_8daaf6152771_6d807ffa2a79");
  }
}

TEST(Ja4, ServerNameAndAlpnDoNotChangeTheExtensionHash) {
  HelloBytes bytes = ja4_example();
  std::erase_if(bytes.extensions, [](const auto& e) { return e.type == 0 || e.type == 0x10; });
  EXPECT_EQ(ja4(parsed(bytes)), "t13i151400_8daaf6152771_e5627efa2ab1");
}

std::string alpn_part(std::initializer_list<std::string_view> names) {
  HelloBytes bytes;
  bytes.extensions = {test::alpn(names)};
  return ja4(parsed(bytes)).substr(8, 2);
}

TEST(Ja4, FirstAndLastLetterOfTheProtocol) {
  EXPECT_EQ(alpn_part({"http/1.1", "h2"}), "h1");
  EXPECT_EQ(alpn_part({"x"}), "xx");
  EXPECT_EQ(alpn_part({}), "00");
  // The examples of JA4.md for names that are not alphanumeric at an end.
  EXPECT_EQ(alpn_part({"\xab"}), "ab");
  EXPECT_EQ(alpn_part({"\xab\xcd"}), "ad");
  EXPECT_EQ(alpn_part({"\x30\xab"}), "3b");
  EXPECT_EQ(alpn_part({"\x30\x31\xab\xcd"}), "3d");
  EXPECT_EQ(alpn_part({"\x30\xab\xcd\x31"}), "01");
  EXPECT_EQ(alpn_part({"\x0a\x0a", "h2"}), "0a") << "GREASE in ALPN is a name like others";
  HelloBytes broken;
  broken.extensions = {{16, {0, 9}}};
  EXPECT_EQ(ja4(parsed(broken)).substr(8, 2), "00");
}

TEST(Ja4, VersionIsTheHighestListed) {
  const auto version = [](std::uint16_t legacy, std::optional<ExtensionBytes> list) {
    HelloBytes bytes;
    bytes.legacy_version = legacy;
    if (list) bytes.extensions = {*list};
    return ja4(parsed(bytes)).substr(1, 2);
  };
  EXPECT_EQ(version(0x0303, std::nullopt), "12");
  EXPECT_EQ(version(0x0302, std::nullopt), "11");
  EXPECT_EQ(version(0x0301, std::nullopt), "10");
  EXPECT_EQ(version(0x0300, std::nullopt), "s3");
  EXPECT_EQ(version(0x0002, std::nullopt), "s2");
  EXPECT_EQ(version(0x0305, std::nullopt), "00");
  EXPECT_EQ(version(0x0303, test::supported_versions({0x0301, 0x0302, 0xfafa})), "11");
  EXPECT_EQ(version(0x0303, test::supported_versions({0x7f1c, 0x0303})), "00");
}

TEST(Ja4, CountsStopAtNinetyNine) {
  HelloBytes bytes;
  bytes.ciphers.clear();
  for (std::uint16_t i = 0; i < 120; ++i) bytes.ciphers.push_back(static_cast<std::uint16_t>(i));
  for (std::uint16_t i = 0; i < 150; ++i)
    bytes.extensions.push_back({static_cast<std::uint16_t>(0x4000 + i), {}});
  EXPECT_EQ(ja4(parsed(bytes)).substr(0, 10), "t12i999900");
}

TEST(Ja4, NothingToHashIsZeros) {
  HelloBytes bytes;
  bytes.ciphers = {0x0a0a};
  bytes.with_extensions = false;
  EXPECT_EQ(ja4(parsed(bytes)), "t12i000000_000000000000_000000000000");
  bytes.with_extensions = true;
  bytes.extensions = {test::server_name("a.test"), test::alpn({"h2"})};
  EXPECT_EQ(ja4(parsed(bytes)), "t12d0002h2_000000000000_000000000000");
}

TEST(Ja3, ThePublishedExamples) {
  HelloBytes bytes;
  bytes.legacy_version = 769;
  bytes.ciphers = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
  bytes.extensions = {
      test::server_name("example.com"), test::supported_groups({23, 24, 25}), {11, {1, 0}}};
  EXPECT_EQ(ja3_text(parsed(bytes)),
            "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
  EXPECT_EQ(md5_hex(ja3_text(parsed(bytes))), "ada70206e40642a3e4461f35503241d5");

  bytes.ciphers = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};
  bytes.with_extensions = false;
  EXPECT_EQ(ja3_text(parsed(bytes)), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
  EXPECT_EQ(md5_hex(ja3_text(parsed(bytes))), "de350869b8c85de67a350c8d186f11e6");
}

TEST(Ja3, GreaseIsLeftOutEverywhere) {
  EXPECT_EQ(ja3_text(parsed(test::full_hello())),
            "771,4865-49199-255,0-1-10-11-13-50-16-35-43-51-65037-41,29-23,0-1");
  HelloBytes only;
  only.ciphers = {0x1a1a};
  only.extensions = {{0x2a2a, {}}};
  EXPECT_EQ(ja3_text(parsed(only)), "771,,,,");
}

TEST(Fingerprints, OfAnSslTwoHello) {
  const auto hello = parse_sslv2_client_hello(
      test::sslv2_hello_body(0x0301, {0x010080, 0x2f, 0x05}, {}, ByteVector(16, 1)));
  ASSERT_TRUE(hello.ok());
  EXPECT_EQ(ja3_text(*hello), "769,47-5,,,");
  EXPECT_EQ(ja4(*hello).substr(0, 10), "t10i020000");
  const auto old =
      parse_sslv2_client_hello(test::sslv2_hello_body(0x0002, {0x010080}, {}, ByteVector(16, 1)));
  EXPECT_EQ(ja3_text(*old), "2,,,,");
  EXPECT_EQ(ja4(*old), "ts2i000000_000000000000_000000000000");
}

}  // namespace
}  // namespace visavis::inspect

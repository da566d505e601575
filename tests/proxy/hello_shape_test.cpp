#include "proxy/hello_shape.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::optional<HelloShape> shape_of(const test::HelloBytes& bytes) {
  auto hello = inspect::parse_client_hello(bytes.message());
  EXPECT_TRUE(hello.ok());
  return hello_shape(*hello);
}

std::optional<HelloShape> shape_offering(const std::vector<std::uint16_t>& versions) {
  test::HelloBytes bytes;
  bytes.extensions = {test::supported_versions(versions)};
  return shape_of(bytes);
}

TEST(HelloShapeTest, WithoutSupportedVersionsTheMinimumIsTls10) {
  test::HelloBytes bytes;
  for (const std::uint16_t version : std::vector<std::uint16_t>{0x0301, 0x0302, 0x0303}) {
    bytes.legacy_version = version;
    const auto shape = shape_of(bytes);
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->min_version, 0x0301);
    EXPECT_EQ(shape->max_version, version);
  }
}

TEST(HelloShapeTest, AHigherLegacyVersionMeansTls12) {
  test::HelloBytes bytes;
  bytes.legacy_version = 0x0304;
  EXPECT_EQ(shape_of(bytes)->max_version, 0x0303);
}

TEST(HelloShapeTest, SupportedVersionsMayLeaveGapsAndGrease) {
  const auto shape = shape_offering({0x6a6a, 0x0304, 0x0301});
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->min_version, 0x0301);
  EXPECT_EQ(shape->max_version, 0x0304);
  EXPECT_THAT(shape->left_out_versions, ElementsAre(0x0302, 0x0303));
  EXPECT_THAT(shape_offering({0x0304})->left_out_versions, IsEmpty());
}

TEST(HelloShapeTest, NothingWhenNoVersionIsOurs) {
  test::HelloBytes bytes;
  bytes.legacy_version = 0x0300;
  EXPECT_FALSE(shape_of(bytes));
  EXPECT_FALSE(shape_offering({0x0300}));
  EXPECT_FALSE(shape_offering({0x6a6a, 0x7f1c}));
}

TEST(HelloShapeTest, TakesOverListsInOrderWithoutGreaseAndSignals) {
  test::HelloBytes bytes = test::full_hello();
  bytes.ciphers = {0x3a3a, 0xc02f, 0x1301, 0xc02f, 0x00ff, 0x5600};
  const auto shape = shape_of(bytes);
  ASSERT_TRUE(shape);
  EXPECT_THAT(shape->suites, ElementsAre(0xc02f, 0x1301));
  EXPECT_THAT(shape->groups, ElementsAre(29, 23));
  EXPECT_THAT(shape->signature_schemes, ElementsAre(0x0403, 0x0804));
  EXPECT_THAT(shape->alpn, ElementsAre("h2", "http/1.1"));
  EXPECT_TRUE(shape->fallback_scsv);
  EXPECT_TRUE(shape->session_ticket);
  EXPECT_TRUE(shape->middlebox_compat);
  EXPECT_FALSE(shape->status_request);
  EXPECT_FALSE(shape->extended_master_secret);
}

TEST(HelloShapeTest, EveryFieldButAlpnIsInTheKey) {
  const std::vector<std::function<void(HelloShape&)>> changes{
      [](auto&) {},
      [](auto& shape) { shape.min_version = 0x0301; },
      [](auto& shape) { shape.max_version = 0x0301; },
      [](auto& shape) { shape.left_out_versions = {1}; },
      [](auto& shape) { shape.suites = {1}; },
      [](auto& shape) { shape.groups = {1}; },
      [](auto& shape) { shape.signature_schemes = {1}; },
      [](auto& shape) { shape.max_fragment_length = 1; },
      [](auto& shape) { shape.session_ticket = true; },
      [](auto& shape) { shape.extended_master_secret = true; },
      [](auto& shape) { shape.encrypt_then_mac = true; },
      [](auto& shape) { shape.status_request = true; },
      [](auto& shape) { shape.post_handshake_auth = true; },
      [](auto& shape) { shape.middlebox_compat = true; },
      [](auto& shape) { shape.fallback_scsv = true; }};
  std::set<std::string> keys;
  for (const auto& change : changes) {
    HelloShape shape;
    change(shape);
    keys.insert(shape_key(shape));
  }
  EXPECT_EQ(keys.size(), changes.size());
  HelloShape with_alpn;
  with_alpn.alpn = {"h2"};
  EXPECT_EQ(shape_key(with_alpn), shape_key(HelloShape{}));
}

}  // namespace
}  // namespace visavis::proxy

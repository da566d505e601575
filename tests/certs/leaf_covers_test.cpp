#include "certs/leaf_covers.h"

#include <gtest/gtest.h>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

Leaf leaf_with(const std::string& common_name, const std::vector<std::string>& san) {
  auto spec = visavis::testing::leaf_spec();
  spec.common_name = common_name;
  spec.san = san;
  Leaf leaf;
  leaf.certificate = share(visavis::testing::make_certificate(spec).certificate());
  return leaf;
}

TEST(LeafCoversTest, ByItsSubjectAltNames) {
  const Leaf leaf =
      leaf_with("cn.example", {"DNS:www.example.com", "DNS:*.example.net", "IP:192.0.2.1"});
  EXPECT_TRUE(leaf_covers(leaf, "www.example.com"));
  EXPECT_TRUE(leaf_covers(leaf, "WWW.Example.COM."));
  EXPECT_TRUE(leaf_covers(leaf, "a.example.net"));
  EXPECT_TRUE(leaf_covers(leaf, "192.0.2.1"));
  EXPECT_FALSE(leaf_covers(leaf, "example.net"));
  EXPECT_FALSE(leaf_covers(leaf, "a.b.example.net"));
  EXPECT_FALSE(leaf_covers(leaf, "cn.example")) << "the CN counts only without a SAN";
  EXPECT_FALSE(leaf_covers(leaf, "192.0.2.2"));
  EXPECT_FALSE(leaf_covers(leaf, ""));
}

TEST(LeafCoversTest, ByItsCommonNameWithoutASan) {
  const Leaf leaf = leaf_with("cn.example", {});
  EXPECT_TRUE(leaf_covers(leaf, "cn.example"));
  EXPECT_FALSE(leaf_covers(leaf, "www.example.com"));
}

}  // namespace
}  // namespace visavis::certs

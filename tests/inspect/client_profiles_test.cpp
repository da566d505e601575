#include "inspect/experiment/profiles/client_profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "inspect/codepoint/extension_type.h"
#include "inspect/handshake/client_hello.h"

namespace visavis::inspect {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::uint8_t> kRandom(32, 0xab);

Result<ClientHello> parse(const std::vector<std::uint8_t>& record) {
  if (record.front() != 22) return parse_sslv2_client_hello(Bytes(record).subspan(2));
  return parse_client_hello(Bytes(record).subspan(5));
}

TEST(ClientProfiles, AreAllThereAndParse) {
  // ../shared/facts: 186 profiles with raw bytes, two of them in SSL 2.0 form.
  EXPECT_EQ(client_profiles().size(), 186U);
  std::set<std::string_view> ids;
  std::size_t sslv2 = 0;
  for (const ClientProfile& each : client_profiles()) {
    EXPECT_TRUE(ids.insert(each.id).second) << each.id;
    const auto hello = parse(each.hello());
    ASSERT_TRUE(hello.ok()) << each.id;
    EXPECT_THAT(hello->extension_problems, IsEmpty()) << each.id;
    sslv2 += hello->sslv2 ? 1 : 0;
    for (const std::string_view word : {each.name, each.stack, each.era, each.origin, each.split})
      EXPECT_FALSE(word.empty()) << each.id;
  }
  EXPECT_EQ(sslv2, 2U);
}

TEST(ClientProfiles, AreFoundByIdAndSuggestedByWhatIsLikeIt) {
  ASSERT_NE(find_profile("java_8u161"), nullptr);
  EXPECT_EQ(find_profile("java_8u161")->name, "Java 8u161");
  EXPECT_EQ(find_profile("java_8"), nullptr);
  EXPECT_THAT(near_profiles("Java 8", 9), Contains("java_8u161"));
  EXPECT_THAT(near_profiles("java_8u16l", 1), ElementsAre("java_8u161"));
  EXPECT_THAT(near_profiles("qqqqqqqqqqqqqqqqqqqqqqqq", 5), IsEmpty());
  EXPECT_LE(near_profiles("", 3).size(), 3U);
}

TEST(AdaptHello, PutsInNameAndRandomAndChangesNothingElse) {
  for (const ClientProfile& each : client_profiles()) {
    const std::vector<std::uint8_t> captured = each.hello();
    const auto before = parse(captured);
    const auto adapted = adapt_hello(captured, "a-rather-long-name.example.test", kRandom);
    ASSERT_TRUE(adapted) << each.id;
    const auto after = parse(*adapted);
    ASSERT_TRUE(after.ok()) << each.id;
    EXPECT_THAT(after->extension_problems, IsEmpty()) << each.id;
    EXPECT_EQ(after->sni.has_value(), before->sni.has_value()) << each.id;
    EXPECT_EQ(after->sni.value_or("a-rather-long-name.example.test"),
              "a-rather-long-name.example.test")
        << each.id;
    EXPECT_EQ(after->ciphers, before->ciphers) << each.id;
    EXPECT_EQ(after->extensions.size(), before->extensions.size()) << each.id;
    EXPECT_EQ(after->key_share_groups, before->key_share_groups) << each.id;
    EXPECT_EQ(after->sslv2 ? 0xab : after->random.front(), 0xab) << each.id;
    // Every byte but name, random and lengths is the capture's: what follows the name above all.
    const bool name_last =
        !after->extensions.empty() && after->extensions.back().type == kServerName;
    const int last = after->sslv2 ? 0xab : name_last ? 't' : captured.back();
    EXPECT_EQ(adapted->back(), last) << each.id;
  }
}

TEST(AdaptHello, AnAddressIsNoServerName) {
  const std::vector<std::uint8_t> captured = find_profile("java_8u161")->hello();
  const auto name = parse(captured)->sni;
  for (const char* address : {"", "192.0.2.1", "2001:db8::1"})
    EXPECT_EQ(parse(*adapt_hello(captured, address, kRandom))->sni, name) << address;
}

TEST(AdaptHello, WhatIsNoWholeHelloIsRefused) {
  const std::vector<std::uint8_t> captured = find_profile("openssl_3_5_0_git")->hello();
  for (std::size_t size = 0; size < captured.size(); ++size)
    EXPECT_FALSE(adapt_hello(Bytes(captured).first(size), "x.test", kRandom)) << size;
  EXPECT_FALSE(adapt_hello(captured, std::string(20000, 'a'), kRandom));
  const std::vector<std::uint8_t> old = find_profile("ie_6_xp")->hello();
  for (std::size_t size = 0; size < old.size(); ++size)
    EXPECT_FALSE(adapt_hello(Bytes(old).first(size), "x.test", kRandom)) << size;
}

}  // namespace
}  // namespace visavis::inspect

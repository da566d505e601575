#include "inspect/handshake/encrypted_extensions.h"

#include <gtest/gtest.h>

#include "inspect/bytes/limits.h"
#include "tests/support/hello_builder.h"
#include "tests/support/message_damage.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;
using test::data_file;
using test::message;
using test::vector_of;

ByteVector encrypted_extensions(const std::vector<test::ExtensionBytes>& extensions) {
  return message(8, test::extension_block(extensions));
}

TEST(EncryptedExtensions, OfARealServer) {
  const auto parsed = parse_encrypted_extensions(data_file("messages/encrypted_extensions"));
  ASSERT_TRUE(parsed.ok()) << describe(parsed.error());
  ASSERT_EQ(parsed->extensions.size(), 2U);
  EXPECT_EQ(parsed->extensions[0].type, kMaxFragmentLength);
  EXPECT_EQ(parsed->extensions[0].offset, 10U);
  EXPECT_EQ(parsed->extensions[0].length, 1);
  EXPECT_EQ(parsed->extensions[1].type, kAlpn);
  EXPECT_EQ(parsed->alpn, "h2");
  EXPECT_TRUE(parsed->extension_problems.empty());
}

TEST(EncryptedExtensions, MayBeEmpty) {
  const auto parsed = parse_encrypted_extensions(encrypted_extensions({}));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->extensions.empty());
  EXPECT_FALSE(parsed->alpn);
}

TEST(EncryptedExtensions, AnAnswerOfTwoProtocolsIsNoAnswer) {
  const auto parsed =
      parse_encrypted_extensions(encrypted_extensions({test::alpn({"h2", "http/1.1"})}));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->alpn);
}

TEST(EncryptedExtensions, ABrokenProtocolIsListedAndTheRestKept) {
  const auto parsed = parse_encrypted_extensions(
      encrypted_extensions({{0, {}}, {16, {0, 2, 9, 'h'}}, {10, {0, 0}}}));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->extensions.size(), 3U);
  EXPECT_FALSE(parsed->alpn);
  EXPECT_EQ(
      parsed->extension_problems,
      (std::vector{ParseError{ParseErrorCode::truncated, "ProtocolName", 4 + 2 + 4 + 4 + 3}}));
}

TEST(EncryptedExtensions, DuplicatesAreListedAndBounded) {
  const auto twice = parse_encrypted_extensions(encrypted_extensions({{0, {}}, {0, {}}}));
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(twice->extension_problems,
            (std::vector{ParseError{ParseErrorCode::duplicate, "server_name", 14}}));
  const auto many = parse_encrypted_extensions(
      encrypted_extensions(std::vector<test::ExtensionBytes>(2000, {16, {9}})));
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->extension_problems.size(), limits::kMaxExtensionProblems);
}

TEST(EncryptedExtensions, CutAtEveryByteAndWithWrongLengths) {
  const ByteVector whole = data_file("messages/encrypted_extensions");
  test::expect_cuts_fail(whole, parse_encrypted_extensions);
  test::expect_wrong_lengths_fail(whole, {3, 5, 9, 14}, parse_encrypted_extensions);
  test::expect_other_type_fails(whole, parse_encrypted_extensions);
}

}  // namespace
}  // namespace visavis::inspect

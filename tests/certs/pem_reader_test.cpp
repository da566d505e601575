#include "certs/pem_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::Der;
using visavis::testing::make_certificate;
using visavis::testing::root_spec;

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string block(const std::string& body, const std::string& label = "X") {
  return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

TEST(PemReader, Base64OfEveryLength) {
  // RFC 4648 10
  const std::pair<const char*, const char*> vectors[] = {
      {"Zg==", "f"},        {"Zm8=", "fo"},        {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"}, {"Zm9vYmE=", "fooba"}, {"Zm9vYmFy", "foobar"}};
  for (const auto& [encoded, plain] : vectors) {
    const auto blocks = read_pem_blocks(block(encoded));
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].bytes, bytes_of(plain));
    EXPECT_EQ(blocks[0].problem, "");
    EXPECT_EQ(blocks[0].label, "X");
  }
}

TEST(PemReader, LineEndsLengthsAndWhatStandsBetween) {
  const Der der = make_certificate(root_spec()).der();
  const std::string pem = make_certificate(root_spec()).pem();
  std::string crlf;
  std::string one_line;
  for (const char c : pem) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::size_t first = pem.find('\n');
  const std::size_t last = pem.rfind("\n-----END");
  for (std::size_t i = 0; i < pem.size(); ++i)
    if (pem[i] != '\n' || i <= first || i >= last) one_line += pem[i];
  for (const std::string& text :
       {pem, crlf, one_line, "\xef\xbb\xbf" + pem, "Bag Attributes\n  x: y\n" + pem + "tail"}) {
    const auto blocks = read_pem_blocks(text);
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].problem, "");
    EXPECT_EQ(blocks[0].bytes.size(), read_pem_blocks(pem)[0].bytes.size());
  }
}

TEST(PemReader, HeadersAreKept) {
  const auto blocks = read_pem_blocks(
      block("Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0011\n\nZm9v", "RSA PRIVATE KEY"));
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0011\n");
  EXPECT_EQ(blocks[0].bytes, bytes_of("foo"));
}

TEST(PemReader, BrokenBlocksSayWhereAndHow) {
  const std::string good = block("Zm9v");
  const auto problem = [](const std::string& text) {
    std::vector<std::string> lines;
    for (const PemBlock& each : read_pem_blocks(text))
      lines.push_back(std::to_string(each.line) + " " + each.problem);
    return lines;
  };
  EXPECT_THAT(problem(good + block("Zm9!")), ElementsAre("1 ", "4 its base64 is broken"));
  EXPECT_THAT(problem(block("Zm9")), ElementsAre("1 its base64 is broken"));
  EXPECT_THAT(problem(block("Zm=v")), ElementsAre("1 its base64 is broken"));
  EXPECT_THAT(problem(block("Zm9v=")), ElementsAre("1 its base64 is broken"));
  EXPECT_THAT(problem(block("")), ElementsAre("1 its base64 is broken"));
  EXPECT_THAT(problem("x\n-----BEGIN X-----\nZm9v\n"), ElementsAre("2 it has no END line"));
  EXPECT_THAT(problem("-----BEGIN X-----\n" + good), ElementsAre("1 it has no END line", "2 "));
  EXPECT_THAT(problem("-----BEGIN X-----\nZm9v\n-----END Y-----\n"),
              ElementsAre("1 its END line is that of another block"));
  EXPECT_THAT(problem("-----END X-----\n"), IsEmpty());
  EXPECT_THAT(problem("-----BEGIN -----"), ElementsAre("1 it has no END line"));
  EXPECT_THAT(problem("-----BEGIN ----"), IsEmpty());
}

TEST(PemReader, NoCutTextGivesMoreThanItsBlocks) {
  const std::string pem = block("Zm9v") + block("YmFy", "Y");
  for (std::size_t length = 0; length < pem.size(); ++length)
    for (const PemBlock& each : read_pem_blocks(pem.substr(0, length)))
      EXPECT_EQ(each.bytes.empty(), !each.problem.empty());
}

}  // namespace
}  // namespace visavis::certs

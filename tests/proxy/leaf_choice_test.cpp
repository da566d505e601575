#include "proxy/leaf_choice.h"

#include <gmock/gmock.h>

#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using certs::LeafKey;
using ::testing::ElementsAre;

class LeafChoiceTest : public ::testing::Test {
 protected:
  /// The backend answers this suite, in TLS 1.3 signed with this scheme.
  void answer(std::uint16_t suite, std::uint16_t scheme = 0) {
    test::ServerHelloBytes bytes;
    bytes.cipher = suite;
    if (scheme != 0) {
      bytes.extensions = {{43, {3, 4}}};
      backend_.signature = inspect::SignatureScheme{scheme};
    }
    auto hello = inspect::parse_server_hello(bytes.message());
    ASSERT_TRUE(hello.ok());
    backend_.server_hello = std::move(hello).value();
  }
  [[nodiscard]] std::vector<LeafKey> chosen(AnswerPolicy policy = AnswerPolicy::mirror) const {
    return choose_leaf_keys(client_, backend_, policy);
  }

  inspect::ClientHello client_ = *inspect::parse_client_hello(test::HelloBytes{}.message());
  inspect::Transcript backend_;
};

TEST_F(LeafChoiceTest, UpToTls12TheSuiteDecides) {
  answer(0xc02b);  // ECDHE_ECDSA
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::ecdsa_p256));
  answer(0xc02f);  // ECDHE_RSA
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::rsa_2048));
  answer(0x002f);
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::rsa_2048));
}

TEST_F(LeafChoiceTest, InTls13TheBackendsSignatureDecides) {
  answer(0x1301, 0x0403);
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::ecdsa_p256));
  answer(0x1301, 0x0503);  // P-384: ours is P-256
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::ecdsa_p256));
  answer(0x1301, 0x0804);
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::rsa_2048));
}

TEST_F(LeafChoiceTest, InTls13TheClientMustBeAbleToVerifyIt) {
  answer(0x1301, 0x0503);
  client_.sig_algs = {inspect::SignatureScheme{0x0503}, inspect::SignatureScheme{0x0804}};
  EXPECT_THAT(chosen(), ElementsAre(LeafKey::rsa_2048));
}

TEST_F(LeafChoiceTest, AnAnswerOfOurOwnHasBoth) {
  EXPECT_THAT(chosen(AnswerPolicy::own), ElementsAre(LeafKey::ecdsa_p256, LeafKey::rsa_2048));
}

TEST_F(LeafChoiceTest, IsNeverEmpty) { EXPECT_THAT(chosen(), ElementsAre(LeafKey::rsa_2048)); }

}  // namespace
}  // namespace visavis::proxy

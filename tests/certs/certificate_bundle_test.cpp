#include "certs/certificate_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/support/openssl_files.h"

namespace visavis::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using visavis::testing::Der;
using visavis::testing::OpensslFiles;
using visavis::testing::whole_text;

std::vector<Der> in(std::string_view text, std::size_t most = 16) {
  return certificates_in_bundle({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                                most);
}

class CertificateBundle : public ::testing::Test {
 protected:
  OpensslFiles files_{testing::TestKey::ec_p256, testing::leaf_spec()};
  const testing::TestChain& chain_ = files_.chain();
};

/// What RFC 5280 4.2.2.1 has at a caIssuers address, and what servers have there.
TEST_F(CertificateBundle, TheFormsThatCasServe) {
  const Der& der = chain_.intermediate.der();
  EXPECT_THAT(in({reinterpret_cast<const char*>(der.data()), der.size()}), ElementsAre(der));
  EXPECT_THAT(in(chain_.intermediate.pem()), ElementsAre(der));
  EXPECT_THAT(in("text\n" + chain_.intermediate.pem() + chain_.root.pem()),
              ElementsAre(der, chain_.root.der()));
  for (const std::string form : {"DER", "PEM"})
    EXPECT_THAT(in(whole_text(files_.p7b("bundle." + form, form))),
                ElementsAre(chain_.leaf.der(), der, chain_.root.der()))
        << form;
}

TEST_F(CertificateBundle, AtMostSoMany) {
  const std::string both = chain_.intermediate.pem() + chain_.root.pem();
  EXPECT_EQ(in(both, 1).size(), 1U);
  EXPECT_THAT(in(both, 0), IsEmpty());
  EXPECT_EQ(in(whole_text(files_.p7b("bundle", "DER")), 2).size(), 2U);
}

/// Nothing that is encrypted is opened: no password, no work.
TEST_F(CertificateBundle, EverythingElseIsNone) {
  EXPECT_THAT(in(""), IsEmpty());
  EXPECT_THAT(in("<html>It works!</html>"), IsEmpty());
  EXPECT_THAT(in(std::string("\x30\x80\x00\x00", 4)), IsEmpty());
  EXPECT_THAT(in(chain_.leaf.key_pem()), IsEmpty());
  EXPECT_THAT(in(whole_text(files_.pfx("store.pfx", {}))), IsEmpty());
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_F(CertificateBundle, CutAtEveryByteOrChanged) {
  const std::string whole = whole_text(files_.p7b("bundle", "DER"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THAT(in(std::string_view(whole).substr(0, length)), IsEmpty()) << length;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] + 1);
    (void)in(changed);
  }
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace visavis::certs

#include "certs/verify_code.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <string>

namespace visavis::certs {
namespace {

TEST(VerifyCode, TheTableIsWholeAndSorted) {
  const auto codes = verify_codes();
  ASSERT_EQ(codes.size(), static_cast<std::size_t>(X509_V_ERR_EC_KEY_EXPLICIT_PARAMS) + 1);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i].number, static_cast<int>(i));
    EXPECT_TRUE(codes[i].name.starts_with("X509_V_")) << codes[i].name;
    // The library knows each as well, and has no further one.
    const std::string wording = X509_verify_cert_error_string(codes[i].number);
    EXPECT_EQ(wording.find("unknown certificate verification error"), std::string::npos) << i;
    if (!codes[i].hresult.empty()) {
      EXPECT_EQ(codes[i].hresult.size(), 10U);
      EXPECT_TRUE(codes[i].hresult.starts_with("0x8")) << codes[i].hresult;
      EXPECT_EQ(codes[i].hresult.find_first_of("ABCDEF"), std::string_view::npos);
    }
  }
}

TEST(VerifyCode, NamesAndHresults) {
  EXPECT_EQ(verify_code(X509_V_OK).name, "X509_V_OK");
  EXPECT_EQ(verify_code(X509_V_ERR_CERT_HAS_EXPIRED).name, "X509_V_ERR_CERT_HAS_EXPIRED");
  EXPECT_EQ(verify_code(X509_V_ERR_CERT_HAS_EXPIRED).hresult, "0x800b0101");
  EXPECT_EQ(verify_code(X509_V_ERR_HOSTNAME_MISMATCH).hresult, "0x800b010f");
  EXPECT_EQ(verify_code(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN).hresult, "0x800b0109");
  EXPECT_EQ(verify_code(X509_V_ERR_DANE_NO_MATCH).hresult, "");
}

TEST(VerifyCode, UnknownNumbersStayThemselves) {
  for (const int number : {-1, 95, 12'345}) {
    EXPECT_EQ(verify_code(number).number, number);
    EXPECT_EQ(verify_code(number).name, "X509_V_ERR_UNSPECIFIED");
  }
}

}  // namespace
}  // namespace visavis::certs

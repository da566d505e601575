#include "certs/openssl_error.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

TEST(OpensslError, DrainsOldestFirstWithNumbers) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  ERR_raise(ERR_LIB_X509, X509_R_CERT_ALREADY_IN_HASH_TABLE);
  const auto errors = drain_openssl_errors();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(ERR_GET_REASON(errors[0].code), X509_R_KEY_VALUES_MISMATCH);
  EXPECT_EQ(ERR_GET_LIB(errors[1].code), ERR_LIB_X509);
  EXPECT_EQ(errors[0].reason, "key values mismatch");
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_TRUE(drain_openssl_errors().empty());
}

TEST(OpensslError, UnknownReasonsKeepTheirNumber) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_X509, 3999);
  const auto errors = drain_openssl_errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_NE(errors[0].reason.find("3999"), std::string::npos);
}

TEST(OpensslError, DescribesTheQueueInOneLine) {
  ERR_clear_error();
  EXPECT_EQ(describe_openssl_errors(), "no reason given");
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  ERR_raise(ERR_LIB_X509, X509_R_CERT_ALREADY_IN_HASH_TABLE);
  EXPECT_EQ(describe_openssl_errors(), "key values mismatch; cert already in hash table");
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(OpensslError, AMarkRemovesWhatCameAfterIt) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  {
    const ErrorMark mark;
    ERR_raise(ERR_LIB_X509, X509_R_CERT_ALREADY_IN_HASH_TABLE);
  }
  const auto errors = drain_openssl_errors();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(ERR_GET_REASON(errors[0].code), X509_R_KEY_VALUES_MISMATCH);
}

TEST(OpensslHandles, ShareKeepsTheObjectAlive) {
  X509Ptr first(X509_new());
  X509Ptr second = share(first.get());
  EXPECT_EQ(first.get(), second.get());
  first.reset();
  EXPECT_EQ(X509_get_version(second.get()), 0);
  EXPECT_EQ(share(static_cast<x509_st*>(nullptr)), nullptr);
  EXPECT_EQ(share(static_cast<evp_pkey_st*>(nullptr)), nullptr);
}

}  // namespace
}  // namespace visavis::certs

#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "certs/chain_check.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {

inline constexpr const char* kHost = "www.example.com";

/// codes returns "depth CODE" of each problem, without "X509_V_ERR_".
inline std::vector<std::string> codes(const ChainVerdict& verdict) {
  std::vector<std::string> all;
  for (const ChainProblem& problem : verdict.problems)
    all.push_back(std::to_string(problem.depth) + " " + problem.code.substr(11));
  return all;
}

/// judge returns the verdict with one trusted root, or none.
inline ChainVerdict judge(const std::vector<testing::Der>& sent,
                          const testing::TestCertificate* root, std::string_view host = kHost,
                          std::int64_t now_s = testing::kNow) {
  TrustStores stores(SystemStore::skip);
  if (root != nullptr) stores.add_certificate(root->certificate());
  ERR_clear_error();
  ChainVerdict verdict = *ChainCheck(stores).check(sent, host, now_s);
  EXPECT_EQ(ERR_peek_error(), 0U);
  EXPECT_EQ(verdict.certificate_problems.size(), sent.size());
  EXPECT_EQ(verdict.stores.size(), 1U);
  EXPECT_EQ(verdict.stores[0].trusted, verdict.trusted);
  EXPECT_EQ(verdict.missing_issuer.empty(), !verdict.incomplete);
  return verdict;
}

inline void expect_healthy(const ChainVerdict& verdict) {
  EXPECT_TRUE(verdict.trusted);
  EXPECT_THAT(codes(verdict), ::testing::IsEmpty());
  EXPECT_FALSE(verdict.incomplete);
}

}  // namespace visavis::certs

#include "certs/trust_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::HasSubstr;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestChain;

std::string problem_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return {};
}

int count_certificates(const TrustStore& store) {
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store.store.get()));
}

TEST(TrustStores, TheMainStoreComesFirstAndIsEmptyWithoutTheSystem) {
  const TrustStores stores(SystemStore::skip);
  ASSERT_EQ(stores.stores().size(), 1U);
  EXPECT_EQ(stores.stores()[0].name, "system");
  EXPECT_EQ(count_certificates(stores.stores()[0]), 0);
}

TEST(TrustStores, TheSystemsPlacesLeaveNoError) {
  ERR_clear_error();
  const TrustStores stores;
  EXPECT_EQ(stores.stores().size(), 1U);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(TrustStores, AFileAddsAllItsCertificates) {
  const TemporaryDirectory directory;
  const TestChain chain = make_chain();
  TrustStores stores(SystemStore::skip);
  stores.add_file(directory.write("t.pem", chain.root.pem() + chain.intermediate.pem()));
  EXPECT_EQ(count_certificates(stores.stores()[0]), 2);
  stores.add_certificate(chain.root.certificate());  // known already
  EXPECT_EQ(count_certificates(stores.stores()[0]), 2);
}

TEST(TrustStores, NamedStoresKeepTheirOrderAndCollect) {
  const TemporaryDirectory directory;
  const auto one = directory.write("1.pem", make_certificate(root_spec()).pem());
  const auto two = directory.write("2.pem", make_certificate(root_spec()).pem());
  TrustStores stores(SystemStore::skip);
  stores.add_named("java", one);
  stores.add_named("android", one);
  stores.add_named("java", two);
  ASSERT_EQ(stores.stores().size(), 3U);
  EXPECT_EQ(stores.stores()[1].name, "java");
  EXPECT_EQ(count_certificates(stores.stores()[1]), 2);
  EXPECT_EQ(stores.stores()[2].name, "android");
  EXPECT_EQ(count_certificates(stores.stores()[2]), 1);
  EXPECT_EQ(count_certificates(stores.stores()[0]), 0);
}

TEST(TrustStores, ProblemsNameFileAndCause) {
  const TemporaryDirectory directory;
  const auto good = directory.write("good.pem", make_certificate(root_spec()).pem());
  const auto empty = directory.write("empty.pem", "");
  TrustStores stores(SystemStore::skip);
  EXPECT_THAT(problem_of([&] { stores.add_file(directory.path() / "no.pem"); }),
              HasSubstr("no.pem: No such file"));
  EXPECT_EQ(problem_of([&] { stores.add_file(empty); }), empty.string() + ": the file is empty");
  EXPECT_THAT(problem_of([&] { stores.add_named("java", empty); }), HasSubstr("empty.pem"));
  EXPECT_THAT(problem_of([&] { stores.add_named("system", good); }), HasSubstr("\"system\""));
  EXPECT_THAT(problem_of([&] { stores.add_named("", good); }), HasSubstr("\"\""));
  EXPECT_EQ(stores.stores().size(), 1U);  // nothing half made
}

}  // namespace
}  // namespace visavis::certs

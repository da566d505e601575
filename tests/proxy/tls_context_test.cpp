#include "proxy/tls_context.h"

#include <gmock/gmock.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using inspect::ClientHello;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

/// Begins a handshake over memory and returns the hello that came out.
std::optional<ClientHello> hello_of(ssl_st* ssl) {
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(ssl);
  ERR_clear_error();
  EXPECT_EQ(SSL_do_handshake(ssl), -1);
  std::vector<std::uint8_t> record(20'000);
  const int length = BIO_read(out, record.data(), static_cast<int>(record.size()));
  if (length < 5) return std::nullopt;
  auto hello = inspect::parse_client_hello(
      inspect::Bytes(record).subspan(5, static_cast<std::size_t>(length) - 5));
  if (!hello.ok()) return std::nullopt;
  return std::move(hello).value();
}

template <class T>
std::vector<std::uint16_t> values_of(const std::vector<T>& points) {
  std::vector<std::uint16_t> values;
  for (const T& point : points)
    if (point.value != 0x00ff) values.push_back(point.value);
  return values;
}

class TlsContextTest : public ::testing::Test {
 protected:
  /// The hello with which a backend leg repeats the client's.
  std::optional<ClientHello> mirrored(const test::HelloBytes& bytes) {
    auto client = inspect::parse_client_hello(bytes.message());
    const auto shape = hello_shape(*client);
    const SslPtr ssl = contexts_.backend_ssl(shape, client->sni.value_or(""),
                                             client->alpn.value_or(std::vector<std::string>{}));
    return ssl ? hello_of(ssl.get()) : std::nullopt;
  }

  TlsContexts contexts_;
};

test::HelloBytes modern_hello() {
  test::HelloBytes bytes;
  bytes.session_id = test::ByteVector(32, 0x33);
  bytes.ciphers = {0x3a3a, 0x1303, 0x1301, 0xc030, 0xc02b, 0x002f};
  bytes.extensions = {test::server_name("shop.example.com"),
                      test::supported_groups({0x5a5a, 0x11ec, 24, 29}),
                      test::signature_algorithms({0x0804, 0x0403, 0x0201}),
                      test::alpn({"h2", "http/1.1"}),
                      test::supported_versions({0x6a6a, 0x0304, 0x0303}),
                      test::key_shares({29})};
  return bytes;
}

TEST_F(TlsContextTest, AMirroredHelloOffersExactlyWhatTheClientDoes) {
  const auto hello = mirrored(modern_hello());
  ASSERT_TRUE(hello);
  EXPECT_THAT(values_of(hello->ciphers), ElementsAre(0x1303, 0x1301, 0xc030, 0xc02b, 0x002f));
  EXPECT_THAT(values_of(*hello->groups), ElementsAre(24, 29));
  EXPECT_THAT(values_of(*hello->sig_algs), ElementsAre(0x0804, 0x0403, 0x0201));
  EXPECT_THAT(*hello->alpn, ElementsAre("h2", "http/1.1"));
  EXPECT_THAT(values_of(*hello->supported_versions), ElementsAre(0x0304, 0x0303));
  EXPECT_EQ(hello->sni, "shop.example.com");
  EXPECT_EQ(hello->session_id.size(), 32U);
  EXPECT_FALSE(hello->has(inspect::kSessionTicket));
  EXPECT_FALSE(hello->has(inspect::kExtendedMasterSecret));
  EXPECT_FALSE(hello->has(inspect::kEncryptThenMac));
  EXPECT_FALSE(hello->has(inspect::kStatusRequest));
}

TEST_F(TlsContextTest, AnOldHelloStaysOld) {
  test::HelloBytes bytes;
  bytes.legacy_version = 0x0301;
  bytes.ciphers = {0x002f, 0xc014, 0x5600};
  bytes.extensions = {{23, {}}, {22, {}}, {35, {}}};
  const auto hello = mirrored(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->legacy_version, inspect::kTls10);
  EXPECT_THAT(values_of(hello->ciphers), ElementsAre(0x002f, 0xc014, 0x5600));
  EXPECT_FALSE(hello->supported_versions);
  EXPECT_FALSE(hello->sni);
  EXPECT_FALSE(hello->alpn);
  EXPECT_TRUE(hello->has(inspect::kExtendedMasterSecret));
  EXPECT_TRUE(hello->has(inspect::kEncryptThenMac));
  EXPECT_TRUE(hello->has(inspect::kSessionTicket));
}

TEST_F(TlsContextTest, AGapBetweenVersionsIsFilledAndTheHighestIsKept) {
  test::HelloBytes bytes = modern_hello();
  bytes.extensions[4] = test::supported_versions({0x0304, 0x0302});
  const auto hello = mirrored(bytes);
  ASSERT_TRUE(hello);
  EXPECT_THAT(values_of(*hello->supported_versions), ElementsAre(0x0304, 0x0303, 0x0302));
}

TEST_F(TlsContextTest, ATls13OfferWithoutASuiteOfItIsRepeatedAsTls12) {
  test::HelloBytes bytes = modern_hello();
  bytes.ciphers = {0x1306, 0xc02f};
  const auto hello = mirrored(bytes);
  ASSERT_TRUE(hello);
  EXPECT_EQ(inspect::highest_version(*hello), inspect::kTls12);
  EXPECT_THAT(values_of(hello->ciphers), ElementsAre(0xc02f));
}

TEST_F(TlsContextTest, ATls13OnlyOfferStaysSo) {
  test::HelloBytes bytes = modern_hello();
  bytes.ciphers = {0x1302};
  const auto hello = mirrored(bytes);
  ASSERT_TRUE(hello);
  EXPECT_THAT(values_of(hello->ciphers), ElementsAre(0x1302));
  EXPECT_THAT(values_of(*hello->supported_versions), ElementsAre(0x0304));
}

TEST_F(TlsContextTest, NoSuiteOfOursIsNoHello) {
  test::HelloBytes bytes;
  bytes.ciphers = {0x0005, 0x3a3a};  // RC4, GREASE
  EXPECT_FALSE(mirrored(bytes));
  EXPECT_FALSE(mirrored(bytes)) << "from the cache";
  bytes.ciphers = {0x1301};  // but no TLS 1.3
  EXPECT_FALSE(mirrored(bytes));
}

TEST_F(TlsContextTest, EqualShapesShareAContext) {
  const HelloShape shape = *hello_shape(*inspect::parse_client_hello(modern_hello().message()));
  const SslPtr first = contexts_.backend_ssl(shape, "a.example", {});
  const SslPtr second = contexts_.backend_ssl(shape, "b.example", {"h2"});
  EXPECT_EQ(SSL_get_SSL_CTX(first.get()), SSL_get_SSL_CTX(second.get()));
  HelloShape other = shape;
  other.encrypt_then_mac = !shape.encrypt_then_mac;
  const SslPtr third = contexts_.backend_ssl(other, "a.example", {});
  EXPECT_NE(SSL_get_SSL_CTX(first.get()), SSL_get_SSL_CTX(third.get()));
  EXPECT_NE(SSL_get_options(first.get()) & SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS, 0U)
      << "no split by itself";
}

TEST(ContextCacheTest, TheLeastRecentlyUsedGoes) {
  ContextCache cache;
  int made = 0;
  const auto make = [&made] {
    ++made;
    return SslContextPtr();
  };
  for (std::size_t i = 0; i < ContextCache::kMaxContexts; ++i)
    (void)cache.find_or_make(std::to_string(i), make);
  (void)cache.find_or_make("0", make);
  EXPECT_EQ(made, ContextCache::kMaxContexts);
  (void)cache.find_or_make("new", make);  // instead of 1
  (void)cache.find_or_make("0", make);
  EXPECT_EQ(made, ContextCache::kMaxContexts + 1);
  (void)cache.find_or_make("1", make);
  EXPECT_EQ(made, ContextCache::kMaxContexts + 2);
}

}  // namespace
}  // namespace visavis::proxy

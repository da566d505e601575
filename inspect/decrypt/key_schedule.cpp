#include "inspect/decrypt/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <string>

#include "inspect/decrypt/error_mark.h"

namespace visavis::inspect {
namespace {

/// The nonce of authenticated encryption has this many fixed bytes up to TLS 1.2 (RFC 5288 3), and
/// is all fixed in ChaCha20 (RFC 7905 2) and in TLS 1.3.
constexpr std::size_t kFixedNonceBytes = 4;
constexpr std::size_t kNonceBytes = 12;

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

OSSL_PARAM text(const char* name, std::string& value) {
  return OSSL_PARAM_construct_utf8_string(name, value.data(), 0);
}

OSSL_PARAM octets(const char* name, Secret& value) {
  return OSSL_PARAM_construct_octet_string(name, value.data(), value.size());
}

/// Empty: this OpenSSL does not do it.
Secret derive(const char* function, const OSSL_PARAM* parameters, std::size_t length) {
  const ErrorMark mark;
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, function, nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  Secret out(length);
  if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) != 1) return {};
  return out;
}

/// The PRF of TLS 1.0 and 1.1 is MD5 and SHA-1 together, which OpenSSL calls MD5-SHA1.
Secret prf(std::string digest, Secret secret, Secret seed, std::size_t length) {
  const OSSL_PARAM parameters[] = {text(OSSL_KDF_PARAM_DIGEST, digest),
                                   octets(OSSL_KDF_PARAM_SECRET, secret),
                                   octets(OSSL_KDF_PARAM_SEED, seed), OSSL_PARAM_construct_end()};
  return derive("TLS1-PRF", parameters, length);
}

/// HKDF-Expand-Label with an empty context: RFC 8446 7.1.
Secret expand_label(const Secret& secret, std::string digest, std::string_view label,
                    std::size_t length) {
  const std::string whole = "tls13 " + std::string(label);
  Secret info{static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
              static_cast<std::uint8_t>(whole.size())};
  info.insert(info.end(), whole.begin(), whole.end());
  info.push_back(0);
  Secret key = secret;
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                                   text(OSSL_KDF_PARAM_DIGEST, digest),
                                   octets(OSSL_KDF_PARAM_KEY, key),
                                   octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return derive("HKDF", parameters, length);
}

/// How long the block's IVs are: with TLS 1.1 and later, CBC's are sent with each record.
std::size_t iv_bytes(ProtocolVersion version, const CipherParameters& cipher) {
  if (cipher.mode == CipherMode::cbc) return version <= kTls10 ? cipher.block_bytes : 0;
  if (cipher.mode == CipherMode::null || cipher.mode == CipherMode::stream) return 0;
  return cipher.mode == CipherMode::chacha20_poly1305 ? kNonceBytes : kFixedNonceBytes;
}

Secret cut(const Secret& block, std::size_t& at, std::size_t length) {
  const auto begin = block.begin() + static_cast<std::ptrdiff_t>(at);
  at += length;
  return {begin, begin + static_cast<std::ptrdiff_t>(length)};
}

}  // namespace

std::optional<KeyBlock> derive_key_block(const Secret& master_secret,
                                         const HelloRandom& client_random,
                                         const HelloRandom& server_random, ProtocolVersion version,
                                         const CipherParameters& cipher) {
  constexpr std::string_view kLabel = "key expansion";
  Secret seed(kLabel.begin(), kLabel.end());
  seed.insert(seed.end(), server_random.begin(), server_random.end());
  seed.insert(seed.end(), client_random.begin(), client_random.end());
  const std::size_t iv = iv_bytes(version, cipher);
  const std::size_t length = 2 * (cipher.mac_bytes + cipher.key_bytes + iv);
  const Secret block =
      prf(version >= kTls12 ? cipher.hash : "MD5-SHA1", master_secret, std::move(seed), length);
  if (block.size() != length) return std::nullopt;
  KeyBlock keys;
  std::size_t at = 0;
  keys.client.mac_key = cut(block, at, cipher.mac_bytes);
  keys.server.mac_key = cut(block, at, cipher.mac_bytes);
  keys.client.key = cut(block, at, cipher.key_bytes);
  keys.server.key = cut(block, at, cipher.key_bytes);
  keys.client.iv = cut(block, at, iv);
  keys.server.iv = cut(block, at, iv);
  return keys;
}

std::optional<DirectionKeys> derive_traffic_keys(const Secret& traffic_secret,
                                                 const CipherParameters& cipher) {
  DirectionKeys keys{{},
                     expand_label(traffic_secret, cipher.hash, "key", cipher.key_bytes),
                     expand_label(traffic_secret, cipher.hash, "iv", kNonceBytes)};
  if (keys.key.empty() || keys.iv.empty()) return std::nullopt;
  return keys;
}

Secret next_traffic_secret(const Secret& traffic_secret, const CipherParameters& cipher) {
  return expand_label(traffic_secret, cipher.hash, "traffic upd", traffic_secret.size());
}

}  // namespace visavis::inspect

#include "certs/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace visavis::certs {
namespace {

struct DigestContextFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// One context a thread: a new one for each digest would cost as much as hashing 500 bytes.
EVP_MD_CTX* digest_context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, DigestContextFree> context{EVP_MD_CTX_new()};
  return context.get();
}

// Fetched once and kept until the process ends: a fetch is a search through the providers.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

const EVP_MD* md5_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  return algorithm;
}

template <class Digest>
Digest digest_of(const EVP_MD* algorithm, std::span<const std::span<const std::uint8_t>> parts) {
  Digest digest{};
  EVP_MD_CTX* const context = digest_context();
  bool ok = context != nullptr && algorithm != nullptr &&
            EVP_DigestInit_ex2(context, algorithm, nullptr) == 1;
  for (const auto part : parts) ok = ok && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  ok = ok && EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  if (!ok) throw std::runtime_error("OpenSSL cannot compute a digest");
  return digest;
}

}  // namespace

Sha256 sha256(std::span<const std::uint8_t> data) {
  return digest_of<Sha256>(sha256_algorithm(), std::span(&data, 1));
}

Sha256 sha256_of_parts(std::span<const std::span<const std::uint8_t>> parts) {
  return digest_of<Sha256>(sha256_algorithm(), parts);
}

Md5 md5(std::span<const std::uint8_t> data) {
  return digest_of<Md5>(md5_algorithm(), std::span(&data, 1));
}

/// Without a table and without branches, so that compilers work on many bytes at once: reports hold
/// whole messages in hex.
std::string hex(std::span<const std::uint8_t> data) {
  const auto digit = [](unsigned nibble) {
    constexpr unsigned kFromNineToA = 'a' - '9' - 1;
    return static_cast<char>('0' + nibble + (nibble > 9 ? kFromNineToA : 0));
  };
  std::string text(2 * data.size(), '\0');
  char* const out = text.data();
  for (std::size_t i = 0; i < data.size(); ++i) {
    out[2 * i] = digit(data[i] >> 4U);
    out[2 * i + 1] = digit(data[i] & 0x0fU);
  }
  return text;
}

}  // namespace visavis::certs

#include "inspect/decrypt/cipher_parameters.h"

#include <array>
#include <string_view>

namespace visavis::inspect {
namespace {

struct Cipher {
  std::string_view word;  // in the suite's registered name
  CipherMode mode;
  const char* name;
  std::size_t key_bytes;
  std::size_t block_bytes;
};

/// Longer words stand before those that begin alike.
constexpr std::array kCiphers{
    Cipher{"AES_128_GCM", CipherMode::gcm, "AES-128-GCM", 16, 0},
    Cipher{"AES_256_GCM", CipherMode::gcm, "AES-256-GCM", 32, 0},
    Cipher{"AES_128_CCM_8", CipherMode::ccm8, "AES-128-CCM", 16, 0},
    Cipher{"AES_256_CCM_8", CipherMode::ccm8, "AES-256-CCM", 32, 0},
    Cipher{"AES_128_CCM", CipherMode::ccm, "AES-128-CCM", 16, 0},
    Cipher{"AES_256_CCM", CipherMode::ccm, "AES-256-CCM", 32, 0},
    Cipher{"CHACHA20_POLY1305", CipherMode::chacha20_poly1305, "ChaCha20-Poly1305", 32, 0},
    Cipher{"AES_128_CBC", CipherMode::cbc, "AES-128-CBC", 16, 16},
    Cipher{"AES_256_CBC", CipherMode::cbc, "AES-256-CBC", 32, 16},
    Cipher{"3DES_EDE_CBC", CipherMode::cbc, "DES-EDE3-CBC", 24, 8},
    Cipher{"CAMELLIA_128_GCM", CipherMode::gcm, "CAMELLIA-128-GCM", 16, 0},
    Cipher{"CAMELLIA_256_GCM", CipherMode::gcm, "CAMELLIA-256-GCM", 32, 0},
    Cipher{"CAMELLIA_128_CBC", CipherMode::cbc, "CAMELLIA-128-CBC", 16, 16},
    Cipher{"CAMELLIA_256_CBC", CipherMode::cbc, "CAMELLIA-256-CBC", 32, 16},
    Cipher{"ARIA_128_GCM", CipherMode::gcm, "ARIA-128-GCM", 16, 0},
    Cipher{"ARIA_256_GCM", CipherMode::gcm, "ARIA-256-GCM", 32, 0},
    Cipher{"ARIA_128_CBC", CipherMode::cbc, "ARIA-128-CBC", 16, 16},
    Cipher{"ARIA_256_CBC", CipherMode::cbc, "ARIA-256-CBC", 32, 16},
    Cipher{"SEED_CBC", CipherMode::cbc, "SEED-CBC", 16, 16},
    Cipher{"IDEA_CBC", CipherMode::cbc, "IDEA-CBC", 16, 8},
    Cipher{"RC4_128", CipherMode::stream, "RC4", 16, 0},
    Cipher{"NULL", CipherMode::null, "", 0, 0},
};

/// What a suite's name ends with; for authenticated encryption the hash of the key schedule.
struct Digest {
  std::string_view word;
  const char* name;
  std::size_t bytes;
};
constexpr std::array kDigests{Digest{"SHA384", "SHA384", 48}, Digest{"SHA256", "SHA256", 32},
                              Digest{"SHA", "SHA1", 20}, Digest{"MD5", "MD5", 16}};

bool is_authenticated(CipherMode mode) {
  return mode != CipherMode::null && mode != CipherMode::stream && mode != CipherMode::cbc;
}

}  // namespace

std::optional<CipherParameters> cipher_parameters(CipherSuite suite) {
  std::string_view name = known_name(suite);
  if (name.find("EXPORT") != std::string_view::npos) return std::nullopt;
  const std::size_t with = name.find("_WITH_");
  if (with == std::string_view::npos) {
    // TLS 1.3's suites name the cipher and the hash alone; signalling values name neither.
    constexpr std::string_view kPrefix = "TLS_";  // unknown suites have no name at all
    if (suite.value >> 8 != 0x13 || !name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
  } else {
    name.remove_prefix(with + std::string_view("_WITH_").size());
  }
  for (const Cipher& cipher : kCiphers) {
    if (!name.starts_with(cipher.word)) continue;
    CipherParameters parameters{cipher.mode,      cipher.name,        "", "SHA256",
                                cipher.key_bytes, cipher.block_bytes, 0};
    for (const Digest& digest : kDigests) {
      if (!name.ends_with(digest.word)) continue;
      if (digest.bytes >= 32) parameters.hash = digest.name;
      if (!is_authenticated(cipher.mode)) {
        parameters.mac = digest.name;
        parameters.mac_bytes = digest.bytes;
      }
      return parameters;
    }
    // TLS_RSA_WITH_AES_128_CCM: the PRF's SHA-256 (RFC 6655 3).
    if (is_authenticated(cipher.mode)) return parameters;
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace visavis::inspect

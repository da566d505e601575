#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace visavis::certs {

/// Sha256 is a SHA-256 value, 32 bytes (FIPS 180-4).
using Sha256 = std::array<std::uint8_t, 32>;

/// Md5 is an MD5 value, 16 bytes (RFC 1321). Only for fingerprints such as JA3, never for security.
using Md5 = std::array<std::uint8_t, 16>;

/// sha256 returns the SHA-256 of `data`. Thread-safe. Throws std::runtime_error when the library
/// cannot give the digest at all, which no input can bring about.
[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> data);

/// sha256_of_parts returns the SHA-256 of the parts one after another. Where a part ends is not
/// hashed: a caller that needs it hashes the lengths too. Errors as sha256.
[[nodiscard]] Sha256 sha256_of_parts(std::span<const std::span<const std::uint8_t>> parts);

/// md5 returns the MD5 of `data`. Errors as sha256 (a library in FIPS mode has no MD5).
[[nodiscard]] Md5 md5(std::span<const std::uint8_t> data);

/// hex returns `data` in lower-case hexadecimal, two characters a byte, without separators.
[[nodiscard]] std::string hex(std::span<const std::uint8_t> data);

/// Sha256Hash is the hash for containers keyed by Sha256: the value's own first bytes.
struct Sha256Hash {
  std::size_t operator()(const Sha256& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
  }
};

}  // namespace visavis::certs

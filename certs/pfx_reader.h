#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "certs/password.h"

namespace visavis::certs {

/// PfxContents is what a PKCS #12 file (PFX) holds, as encodings.
struct PfxContents {
  std::vector<std::vector<std::uint8_t>> certificates;  ///< in the file's order
  std::vector<std::vector<std::uint8_t>> keys;          ///< PKCS #8
  std::string key_problem;  ///< why a key in it could not be opened; empty: none such
};

/// read_pfx opens a PKCS #12 file. Without a password, or with an empty one, both forms of none are
/// tried: no password at all, and an empty text, which RFC 7292 B.1 tells apart and programs mix
/// up. Throws std::runtime_error with the cause alone, without the file's name: damaged, wrong
/// password, none given, algorithms that are not here. Source: RFC 7292.
[[nodiscard]] PfxContents read_pfx(std::span<const std::uint8_t> der, const Password& password);

}  // namespace visavis::certs

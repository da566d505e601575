#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace visavis::certs {

/// Password is what opens an encrypted file. None given is not the same as an empty one.
struct Password {
  std::optional<std::string> text;
  std::string option;  ///< how a user gives it ("--cert-pass"), for errors; empty: not at all
};

/// Rounds of key derivation that a file may ask for. Windows writes 2,000, OpenSSL 2,048, NSS and
/// password managers up to a million; this many take seconds, and no more are waited for.
inline constexpr std::uint64_t kMaxDerivationRounds = 5'000'000;

/// Opening is how it ended when something encrypted was opened.
enum class Opening {
  opened,
  password_missing,
  password_wrong,  ///< or damaged: the two can't be told apart
  unsupported,     ///< this OpenSSL lacks the algorithm
  too_costly,      ///< more than kMaxDerivationRounds
  damaged,
};

/// opening_problem says in words why something could not be opened, to stand behind "FILE: ".
/// `algorithm` is that of the encryption ("RC2-40-CBC"), where known.
[[nodiscard]] std::string opening_problem(Opening opening, const Password& password,
                                          const std::string& algorithm);

/// kLegacyHint stands behind the problem of an unsupported algorithm where the provider is missing.
inline constexpr const char* kLegacyHint =
    "; OpenSSL's legacy provider (legacy.so) has old ones, and this machine lacks it (newer "
    "Debian: "
    "package openssl-provider-legacy)";

}  // namespace visavis::certs

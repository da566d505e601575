#pragma once
#include <cstddef>

#include "inspect/codepoint/cipher_suite.h"

namespace visavis::inspect {

/// Tls13Lengths are the lengths of TLS 1.3 records that hold one message of a fixed size, without
/// padding: the message, a byte for its type and the AEAD's tag (RFC 8446 5.2). By them an observer
/// guesses at what it can't read.
class Tls13Lengths {
 public:
  /// The suite decides the hash's length and the tag's. RFC 8446 B.4.
  explicit constexpr Tls13Lengths(CipherSuite suite)
      : hash_(suite.value == 0x1302 ? 48 : 32), around_(1 + (suite.value == 0x1305 ? 8U : 16U)) {}

  [[nodiscard]] constexpr std::size_t alert() const { return 2 + around_; }
  [[nodiscard]] constexpr std::size_t end_of_early_data() const { return 4 + around_; }
  [[nodiscard]] constexpr std::size_t key_update() const { return 5 + around_; }
  [[nodiscard]] constexpr std::size_t finished() const { return 4 + hash_ + around_; }
  /// Of a client that has none: an empty context and an empty list. RFC 8446 4.4.2.
  [[nodiscard]] constexpr std::size_t empty_certificate() const { return 4 + 1 + 3 + around_; }
  [[nodiscard]] constexpr std::size_t empty_certificate_and_finished() const {
    return 4 + 1 + 3 + finished();
  }

 private:
  std::size_t hash_;
  std::size_t around_;
};

}  // namespace visavis::inspect

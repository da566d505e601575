#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "inspect/codepoint/cipher_suite.h"

namespace visavis::inspect {

/// CipherMode is how a suite protects records.
enum class CipherMode {
  null,               ///< a MAC only
  stream,             ///< RC4: a MAC, then encryption
  cbc,                ///< a MAC and a block cipher, in either order (RFC 7366)
  gcm,                ///< RFC 5288
  ccm,                ///< RFC 6655
  ccm8,               ///< the same with a tag of 8 bytes
  chacha20_poly1305,  ///< RFC 7905
};

/// CipherParameters is what of a cipher suite it takes to decrypt records. Sizes in bytes.
struct CipherParameters {
  CipherMode mode = CipherMode::null;
  std::string cipher;  ///< OpenSSL's name: "AES-128-GCM"; empty: none
  std::string mac;     ///< digest of the MAC, "SHA1"; empty for authenticated encryption
  std::string hash;    ///< of the PRF in TLS 1.2 and of HKDF in TLS 1.3: "SHA256"
  std::size_t key_bytes = 0;
  std::size_t block_bytes = 0;  ///< of CBC: also the IV's
  std::size_t mac_bytes = 0;
};

/// cipher_parameters returns nothing for a suite that nobody here can decrypt (GOST, SM4, unknown
/// ones).
std::optional<CipherParameters> cipher_parameters(CipherSuite suite);

}  // namespace visavis::inspect

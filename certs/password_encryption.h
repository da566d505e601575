#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "certs/password.h"
#include "certs/pem_reader.h"

struct asn1_string_st;
struct X509_algor_st;

// Encryption by password in key files. All functions need a LegacyScope around them.
namespace visavis::certs {

/// EncryptionFacts is what an AlgorithmIdentifier says of an encryption by password.
struct EncryptionFacts {
  std::string name;                     ///< "AES-256-CBC", "PBE-SHA1-RC2-40", or the OID
  Opening hindrance = Opening::opened;  ///< unsupported, too_costly or damaged; opened: none
};

/// encryption_facts reads PBES1, PKCS #12's own and PBES2 with PBKDF2 or scrypt. Source: RFC 8018,
/// RFC 7292 appendix C, RFC 7914.
[[nodiscard]] EncryptionFacts encryption_facts(const X509_algor_st* algorithm);

/// judge_rounds returns whether so many rounds of key derivation are worth waiting for: opened,
/// too_costly, or damaged for a negative INTEGER.
[[nodiscard]] Opening judge_rounds(const asn1_string_st* rounds);

/// opening_of_failure tells a wrong password from an algorithm that is not there, by the thread's
/// error queue, which it drains.
[[nodiscard]] Opening opening_of_failure();

/// OpenedKey is a private key's encoding, as PKCS #8 or as its own type has it.
struct OpenedKey {
  std::vector<std::uint8_t> der;  ///< empty unless opened
  Opening opening = Opening::damaged;
  std::string algorithm;
};

/// open_pkcs8 decrypts an EncryptedPrivateKeyInfo (RFC 5958 3). Without a password it does not try.
[[nodiscard]] OpenedKey open_pkcs8(std::span<const std::uint8_t> der, const Password& password);

/// open_pem_key decrypts a block with the headers of RFC 1421 ("Proc-Type: 4,ENCRYPTED").
[[nodiscard]] OpenedKey open_pem_key(const PemBlock& block, const Password& password);

}  // namespace visavis::certs

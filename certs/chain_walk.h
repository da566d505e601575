#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// SentRole is how one certificate sent stands to the leaf.
struct SentRole {
  bool reached = false;       ///< signatures lead to it from the leaf
  bool out_of_order = false;  ///< in the path, but sent in another order than the path has
  bool bad_signature =
      false;  ///< its issuer is known by name and key identifier, and did not sign it
  bool self_signed = false;
  bool in_store = false;  ///< asked of self-signed ones only
};

/// ChainWalk is our own reading of a chain: every certificate sent is placed, also those that a
/// path builder never looks at.
struct ChainWalk {
  std::vector<SentRole> roles;  ///< one for each certificate sent
  bool incomplete = false;      ///< neither a self-issued certificate nor the store can be reached
  std::string missing_issuer;   ///< RFC 2253; when incomplete: whom the path lacks
};

/// walk_chain follows issuers from the leaf by name, key identifier and signature (RFC
/// 5280 6.1.3, 4.2.1.1), among the certificates sent and in the store. `sent` has the leaf first
/// and no nulls. Throws std::runtime_error when OpenSSL runs out of memory.
[[nodiscard]] ChainWalk walk_chain(x509_store_st& store, const std::vector<X509Ptr>& sent);

}  // namespace visavis::certs

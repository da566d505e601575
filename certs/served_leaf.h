#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "certs/key_pair.h"
#include "certs/leaf_minter.h"

namespace visavis::certs {

/// served_leaf makes the leaf that clients are shown of a certificate that a user gave. Throws
/// std::runtime_error when OpenSSL runs out of memory.
[[nodiscard]] std::shared_ptr<const Leaf> served_leaf(CertifiedKey pair);

/// Purpose is what a certificate is to be used for.
enum class Purpose { tls_server, tls_client };

/// certificate_warnings says what peers will object to in a certificate that a user gave, a line
/// each without its name: its dates at `now_s` (Unix time), its usages. An engineer may want just
/// that, so these are no errors.
[[nodiscard]] std::vector<std::string> certificate_warnings(const x509_st& certificate,
                                                            Purpose purpose, std::int64_t now_s);

}  // namespace visavis::certs

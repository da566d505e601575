#pragma once

struct evp_pkey_st;
struct x509_st;

namespace visavis::certs {

/// KeyFit is how a private key stands to a certificate.
enum class KeyFit {
  fits,
  another,  ///< its public half is not the certificate's
  forged,   ///< its public half is, but what it signs does not verify: damaged, or put together
};

/// key_fit compares the public halves, and then lets the key sign and the certificate verify: the
/// public half in a key file is only what the file says it is. Leaves nothing in the error queue.
[[nodiscard]] KeyFit key_fit(const x509_st& certificate, const evp_pkey_st& key);

}  // namespace visavis::certs

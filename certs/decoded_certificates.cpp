#include <openssl/x509.h>

#include <climits>
#include <mutex>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "certs/lru_map.h"
#include "certs/openssl_error.h"

namespace visavis::certs {

/// OpenSSL 3.0 takes some 40 us to decode a certificate, most of it for its key. A chain is asked
/// for several times a session, and those of a server again with every session.
X509Ptr decode_certificate(std::span<const std::uint8_t> der) {
  constexpr std::size_t kMostDecoded = 256;  // some 10 KiB each
  static std::mutex mutex;
  // Never destroyed: OpenSSL may have cleaned up before.
  static auto& decoded = *new LruMap<Sha256, X509Ptr, Sha256Hash>(kMostDecoded);
  if (der.empty() || der.size() > LONG_MAX) return nullptr;
  const Sha256 digest = sha256(der);
  {
    const std::lock_guard lock(mutex);
    if (const X509Ptr* known = decoded.find(digest)) return share(known->get());
  }
  const ErrorMark mark;
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) return nullptr;
  const std::lock_guard lock(mutex);
  decoded.put(digest, share(certificate.get()));
  return certificate;
}

}  // namespace visavis::certs

#include "inspect/findings/key_exchange.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A suite of DHE, chosen from a hello that offers ECDHE: browsers have no DHE, and fail where the
/// backend has nothing else. That it prefers DHE is the other reading, so it is never proven. The
/// size of its prime is dh-too-small's.
std::optional<FindingReport> diagnose_dhe_only(const SessionReport& session) {
  auto finding = found_only(session, KeyExchange::dhe);
  if (!finding) return std::nullopt;
  finding->cause +=
      ". It has no elliptic curves, or prefers DHE to them. It works here, and in "
      "OpenSSL, GnuTLS, Java and Python, which offer DHE; Chrome, Edge, Firefox, "
      "Safari and Go do not, and fail where there is nothing else.";
  finding->remedy =
      "Enable TLS 1.3 on the backend, or ECDHE suites with AES-GCM, before the DHE ones (nginx: "
      "ssl_ciphers, ssl_ecdh_curve; Windows: the group policies SSL Cipher Suite Order and ECC "
      "Curve Order; a load balancer: its cipher profile); update a TLS library that has no "
      "elliptic curves.";
  finding->codes.hresult = "0x80090331";
  finding->codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding->codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  return finding;
}

}  // namespace visavis::inspect

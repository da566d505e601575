#include "inspect/findings/key_exchange.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A suite of static RSA, chosen from a hello that offers better: clients of today that have
/// dropped these suites fail where the backend has nothing else. That it prefers them is the other
/// reading, so it is never proven. A weak one (3DES, RC4, NULL, export) is weak-cipher's as well.
std::optional<FindingReport> diagnose_static_rsa_only(const SessionReport& session) {
  auto finding = found_only(session, KeyExchange::static_rsa);
  if (!finding) return std::nullopt;
  finding->cause +=
      ", in which the client encrypts the key to the backend's RSA key. It has nothing "
      "better, or prefers this. It works here, and in browsers (Chrome 137, Firefox "
      "137, Safari 18), OpenSSL and Java 17 and 21, which still offer these suites; Go "
      "since 1.22, Java since 24 and Python's default context offer none of them by "
      "default, and fail where there is nothing else. Whoever gets the backend's key "
      "can read what was recorded (no forward secrecy).";
  finding->remedy =
      "Enable TLS 1.3 on the backend, or ECDHE suites with AES-GCM, before the static RSA ones "
      "(nginx: ssl_ciphers, ssl_prefer_server_ciphers; Windows: the group policy SSL Cipher Suite "
      "Order, Enable-TlsCipherSuite; a load balancer: its cipher profile). Until then a client "
      "that fails can be told to offer them (Go: GODEBUG=tlsrsakex=1; Java: "
      "jdk.tls.disabledAlgorithms without TLS_RSA_*).";
  finding->codes.java = "SSLHandshakeException: Received fatal alert: handshake_failure";
  return finding;
}

}  // namespace visavis::inspect

#include "inspect/findings/key_exchange.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A suite of DHE, chosen from a hello that offers ECDHE: browsers have no DHE, and fail where the
/// backend has nothing else. That it prefers DHE is the other reading, so it is never proven. The
/// size of its prime is dh-too-small's.
std::optional<FindingReport> diagnose_dhe_only(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->established ||
      key_exchange(side.leg->established->cipher) != KeyExchange::dhe ||
      !passed_over_ecdhe(*side.leg))
    return std::nullopt;
  const EstablishedReport& agreed = *side.leg->established;

  FindingReport finding;
  finding.severity = severity::kWarning;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend probably has DHE suites only";
  finding.cause =
      "The hello offers TLS 1.3 and ECDHE suites for a certificate of the same type; "
      "the backend chose " +
      agreed.version.name + " and " + agreed.cipher.name +
      ". It has no elliptic curves, or prefers DHE to them. It works here, and in "
      "OpenSSL, GnuTLS, Java and Python, which offer DHE; Chrome, Edge, Firefox, "
      "Safari and Go do not, and fail where there is nothing else.";
  finding.expected = "TLS 1.3, or a suite with ECDHE";
  finding.presented = agreed.cipher.name.str();
  finding.remedy =
      "Enable TLS 1.3 on the backend, or ECDHE suites with AES-GCM, before the DHE ones (nginx: "
      "ssl_ciphers, ssl_ecdh_curve; Windows: the group policies SSL Cipher Suite Order and ECC "
      "Curve Order; a load balancer: its cipher profile); update a TLS library that has no "
      "elliptic curves.";
  add_message_evidence(
      finding, side, "ClientHello",
      "ClientHello of the " + std::string(side.client) + " with TLS 1.3 and ECDHE suites");
  add_message_evidence(finding, side, "ServerHello", "ServerHello chooses " + agreed.cipher.name);
  finding.codes.hresult = "0x80090331";
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  finding.source = "RFC 9325 4.1";
  return finding;
}

}  // namespace visavis::inspect

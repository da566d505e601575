#include "inspect/findings/finding.h"
#include "inspect/findings/resumption.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kTls13Number = 0x0304;
constexpr std::uint32_t kDecryptErrorNumber = 51;  // RFC 8446 6.2: a signature is not verified

/// In TLS 1.3 that we do not end, all that can be seen is the client's word, where it says it in
/// clear: it can be the signature or the Finished.
const AlertReport* clients_refusal(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!side.direct() || leg.outcome == "established" || leg.established || !leg.server_hello ||
      leg.server_hello->version.id < kTls13Number || resumption_accepted(leg))
    return nullptr;
  const AlertReport* alert = fatal_alert(leg, "client");
  return alert != nullptr && alert->description.id == kDecryptErrorNumber ? alert : nullptr;
}

FindingReport common_part(const LegReport& leg) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  const std::string who =
      leg.certificates.empty() ? "its certificate" : "'" + leg.certificates.front().subject + "'";
  finding.title = "The backend's private key is not the one of its certificate";
  finding.expected = "a signature by the key of " + who;
  finding.presented = "a signature by another key";
  finding.remedy =
      "Give the backend the key that the certificate was issued for, or have a certificate issued "
      "for the key that it has. Compare: `openssl x509 -noout -pubkey -in CERT` and `openssl pkey "
      "-pubout -in KEY` must print the same; Windows: `certutil -store my` says \"Signature test "
      "passed\" of a pair that fits, and `certutil -repairstore my THUMBPRINT` links them again. A "
      "certificate that was renewed with a new key, and a key file that stayed, is typical; so is "
      "a device in between that puts its own certificate into the handshake.";
  finding.codes.alert = static_cast<int>(kDecryptErrorNumber);
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.firefox = "SEC_ERROR_BAD_SIGNATURE";
  finding.codes.java = "Invalid ECDH ServerKeyExchange signature";
  finding.source = "RFC 5246 7.4.3, RFC 8446 4.4.3";
  return finding;
}

void add_evidence(const LegSide& side, FindingReport& finding) {
  const bool tls13 = side.leg->server_hello->version.id >= kTls13Number;
  const std::string_view message = tls13 ? "CertificateVerify" : "ServerKeyExchange";
  add_message_evidence(finding, side, "Certificate", "the certificate that the backend sent");
  add_message_evidence(finding, side, message, "its signature is not by that certificate's key");
  for (const std::string_view party : {side.client, std::string_view("backend")})
    if (const AlertReport* alert = fatal_alert(*side.leg, party))
      add_alert_evidence(finding, side, *alert);
}

std::optional<FindingReport> by_signature(const LegSide& side) {
  const LegReport& leg = *side.leg;
  const bool another_kind = leg.key_proof == "wrong-key";
  if (!leg.server_hello || (leg.key_proof != "invalid" && !another_kind)) return std::nullopt;
  FindingReport finding = common_part(leg);
  add_evidence(side, finding);
  const std::string key = leg.certificates.empty() ? "" : leg.certificates.front().key;
  finding.cause =
      "The backend signed its key exchange, and the signature does not verify with the public key "
      "of the certificate that it sent" +
      (another_kind ? " (" + key + "), which can't even make such signatures."
                    : " (" + key + ").") +
      " Every client refuses that, most of them with decrypt_error (51); OpenSSL's words for it, "
      "\"bad signature\" or \"invalid padding\", point elsewhere.";
  const AlertReport* alert = fatal_alert(leg, "client");
  if (side.direct() && alert != nullptr && alert->description.id == kDecryptErrorNumber)
    finding.judged_by = judged_by::kClientAlert;
  return finding;
}

std::optional<FindingReport> by_clients_word(const LegSide& side) {
  const AlertReport* alert = clients_refusal(side);
  if (alert == nullptr) return std::nullopt;
  FindingReport finding = common_part(*side.leg);
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kClientAlert;
  finding.presented = "something that the client can't verify";
  finding.cause =
      "The client answered the backend's encrypted messages with decrypt_error (51): a signature "
      "or the Finished in them does not verify. Nearly always that is the signature, by a key that "
      "is not the certificate's; OpenSSL's clients say the same of a certificate whose own "
      "signature "
      "is wrong. The messages can't be seen here (TLS 1.3); without --mode passthrough visavis "
      "checks both itself.";
  add_alert_evidence(finding, side, *alert);
  return finding;
}

}  // namespace

/// Scanners call such a backend healthy, or complain about padding.
std::optional<FindingReport> diagnose_key_does_not_match(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side) return std::nullopt;
  if (auto finding = by_signature(side)) return finding;
  return by_clients_word(side);
}

}  // namespace visavis::inspect

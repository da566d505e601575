#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kLeast = 1024;  ///< SChannel, OpenSSL level 1, browsers since Logjam (2015)
constexpr std::uint32_t kModern = 2048;  ///< OpenSSL level 2

std::optional<std::uint32_t> prime_bits(const LegReport& leg) {
  return leg.established ? leg.established->dh_bits : leg.dh_bits;
}

/// The alerts by which clients refuse a prime: GnuTLS insufficient_security, OpenSSL
/// handshake_failure, others illegal_parameter.
const AlertReport* refusal(const LegReport& leg) {
  const AlertReport* alert = fatal_alert(leg, "client");
  if (alert == nullptr) return nullptr;
  const std::uint32_t said = alert->description.id;
  const bool fits = said == kHandshakeFailure.value || said == kIllegalParameter.value ||
                    said == kInsufficientSecurity.value;
  return fits ? alert : nullptr;
}

/// Our own library (OpenSSL: handshake_failure, before it looks at the signature) refused the
/// prime, whatever the client would have done with it.
const AlertReport* refused_by_us(const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (side.direct() || leg.outcome == "established") return nullptr;
  if (count_messages(leg, "ClientKeyExchange", side.client) > 0) return nullptr;
  const AlertReport* alert = fatal_alert(leg, side.client);
  const bool fits = alert != nullptr && alert->description.id == kHandshakeFailure.value;
  return fits ? alert : nullptr;
}

/// The client had a key exchange of this size and left.
bool refused(const LegSide& client) {
  const LegReport& leg = *client.leg;
  if (leg.outcome == "established" || !prime_bits(leg)) return false;
  if (count_messages(leg, "ClientKeyExchange", "client") > 0) return false;
  if (fatal_alert(leg, "client") != nullptr) return refusal(leg) != nullptr;
  return ended_by(leg, "client") && closed_at_once(leg);
}

/// What the finding says of whoever refused, or of the size alone.
struct Judgement {
  const AlertReport* alert = nullptr;
  LegSide on;           ///< the leg on which it was refused
  bool client = false;  ///< the client left
  bool ours = false;    ///< our library refused it before the client could see it
};

std::string title_of(const Judgement& judged, const std::string& size, std::uint32_t bits) {
  if (judged.client) return "The client refuses the backend's " + size + " Diffie-Hellman prime";
  if (judged.ours && bits < kLeast)
    return "The backend's Diffie-Hellman prime has only " + std::to_string(bits) +
           " bits: the proxy's TLS library refuses it, as nearly all clients do";
  if (judged.ours)
    return "The proxy's TLS library refuses the backend's " + size + " Diffie-Hellman prime";
  return "The backend's Diffie-Hellman prime has only " + std::to_string(bits) + " bits";
}

std::string cause_of(const Judgement& judged, const std::string& size, std::uint32_t bits) {
  std::string text = "The backend's ServerKeyExchange has a " + size + " prime. ";
  text += bits < kLeast
              ? "Below 1024 bits nearly all clients refuse it: OpenSSL 3 at every security "
                "level, SChannel, NSS, Java 8 and newer."
              : "OpenSSL at security level 2 (the default of Debian and Ubuntu, and of "
                "3.2 and newer) and GnuTLS at SECURE128 and above take nothing below "
                "2048 bits; SChannel, Java and OpenSSL at level 1 still do from 1024 on.";
  if (judged.client) text += " This client broke off right after it.";
  if (judged.ours)
    text +=
        " So does the library of the proxy, before the client sees it: whether this client "
        "would have taken it is not known.";
  return text;
}

Judgement judge(const LegSide& side, const LegSide& client) {
  Judgement judged;
  judged.client = refused(client);
  judged.on = client;
  if (judged.client) {
    judged.alert = refusal(*client.leg);
  } else if (const AlertReport* alert = refused_by_us(side)) {
    judged.ours = true;
    judged.on = side;
    judged.alert = alert;
  }
  return judged;
}

void add_refusal(FindingReport& finding, const Judgement& judged) {
  const bool specific =
      judged.alert != nullptr && judged.alert->description.id == kInsufficientSecurity.value;
  finding.confidence = judged.client && specific ? confidence::kProven : confidence::kLikely;
  if (judged.alert == nullptr) return add_close_evidence(finding, judged.on);
  if (judged.client) finding.judged_by = judged_by::kClientAlert;
  finding.codes.alert = static_cast<int>(judged.alert->description.id);
  add_alert_evidence(finding, judged.on, *judged.alert);
}

}  // namespace

/// A DHE prime that clients do not take: 1024 bits and less (Logjam, CVE-2015-4000), and for the
/// stricter ones anything below 2048.
std::optional<FindingReport> diagnose_dh_too_small(const SessionReport& session) {
  const LegSide side = backend_side(session);
  const LegSide client = client_side(session);
  if (!side || !client) return std::nullopt;
  const auto bits = prime_bits(*side.leg);
  if (!bits || *bits >= kModern) return std::nullopt;
  const Judgement judged = judge(side, client);
  const bool refused = judged.client || judged.ours;
  // Without a refusal it is worth a word only where the handshake came about.
  if (!refused && side.leg->outcome != "established") return std::nullopt;

  const std::string size = std::to_string(*bits) + "-bit";
  // A limit that current clients do not share is our own.
  const bool our_limit = judged.ours && *bits >= kLeast;
  FindingReport finding;
  finding.severity = refused || *bits < kLeast ? severity::kError : severity::kWarning;
  finding.side = our_limit ? side::kProxy : side::kBackend;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = title_of(judged, size, *bits);
  finding.cause = cause_of(judged, size, *bits);
  finding.expected = "a prime of 2048 bits or more, or an elliptic curve";
  finding.presented = size + " prime";
  finding.remedy =
      "Give the backend a larger group (nginx: ssl_dhparam, Apache 2.4.8 and newer: "
      "SSLOpenSSLConfCmd DHParameters, Java: -Djdk.tls.ephemeralDHKeySize=2048, Windows: "
      "KeyExchangeAlgorithms\\Diffie-Hellman, ServerMinKeyBitLength), or enable ECDHE suites, "
      "which clients prefer. Until then the client can leave the DHE suites out of its offer.";
  if (judged.ours) finding.remedy += " --mode passthrough tells how the client itself takes it.";
  add_message_evidence(finding, side, "ServerKeyExchange",
                       "ServerKeyExchange with a " + size + " prime");
  if (refused) add_refusal(finding, judged);
  finding.codes.hresult = "0x80090331";
  finding.codes.chrome = "ERR_SSL_WEAK_SERVER_EPHEMERAL_DH_KEY";
  finding.codes.firefox = "SSL_ERROR_WEAK_SERVER_EPHEMERAL_DH_KEY";
  finding.codes.java =
      "SSLHandshakeException: DH ServerKeyExchange does not comply with algorithm constraints";
  finding.source = "RFC 9325 4.2.1";
  return finding;
}

}  // namespace visavis::inspect

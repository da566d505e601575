#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/key_exchange.h"
#include "inspect/findings/misfit.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMostSuites = 6;

FindingReport common_part(const LegSide& side, const ClientHelloReport& offer) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.presented = "the client offers " + listed(real_suites(offer), kMostSuites);
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client) + " with " +
                           count_of(real_suites(*side.leg->client_hello).size(), "suite"));
  finding.codes.schannel_event = 36874;
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  return finding;
}

/// An old server that reads only the second byte of a suite's number takes 0xC02F for 0x002F.
std::string misread_suite(const ClientHelloReport& offer, const CodePoint& chosen) {
  for (const CodePoint& suite : offer.ciphers)
    if ((suite.id & 0xffU) == (chosen.id & 0xffU) && suite.id != chosen.id)
      return " Its number ends as that of " + suite.name +
             ", which is offered: the backend may read only the second byte.";
  return {};
}

/// "A single cipher suite selected by the server from the list in ClientHello" (RFC 5246 7.4.1.3):
/// one that is not in the list is proof, whoever notices.
std::optional<FindingReport> chosen_outside_offer(const SessionReport& session, const LegSide& side,
                                                  const ClientHelloReport& offer) {
  const LegReport& leg = *side.leg;
  if (!leg.server_hello) return std::nullopt;
  const CodePoint& chosen = leg.server_hello->cipher;
  if (offers_suite(*leg.client_hello, chosen) || offers_suite(offer, chosen)) return std::nullopt;
  FindingReport finding = common_part(side, offer);
  finding.side = side::kBackend;
  finding.judged_by = judged_by::kProxyCheck;
  if (side.direct() || session.mirror.hello == "mirror") finding.confidence = confidence::kProven;
  finding.title = "The backend chose a cipher suite that the client does not offer";
  finding.cause = "The backend answers with " + chosen.name +
                  ", which is not in the list of the hello that it got; every client breaks off." +
                  misread_suite(*leg.client_hello, chosen);
  finding.expected = "one of the offered suites";
  finding.remedy =
      "Update the backend, or the device in front of it that answers in its place. Until then take "
      "the suite that is misread out of the client's offer, or let both use one that works.";
  add_message_evidence(finding, side, "ServerHello", "ServerHello chooses " + chosen.name);
  const LegSide client = client_side(session);
  if (const AlertReport* alert = client ? fatal_alert(*client.leg, "client") : nullptr) {
    finding.judged_by = judged_by::kClientAlert;
    add_alert_evidence(finding, client, *alert);
  }
  finding.codes.alert = kIllegalParameter.value;
  finding.codes.hresult = "0x80090326";
  finding.codes.schannel_event = 36887;
  finding.codes.chrome = "ERR_SSL_PROTOCOL_ERROR";
  finding.codes.java = "SSLHandshakeException: Server selected improper ciphersuite " + chosen.name;
  finding.source = "RFC 5246 7.4.1.3";
  return finding;
}

/// Our hello lacked suites of the client's: the backend refused our limits, not the client.
void blame_ourselves(FindingReport& finding, const std::vector<CodePoint>& missing) {
  finding.side = side::kProxy;
  finding.title = "The backend refuses the proxy's hello, which lacks suites of the client's";
  finding.cause =
      "The proxy's TLS library (OpenSSL) could not offer " + listed(missing, kMostSuites) +
      ", as the client does, and the backend refuses what was left. Whether it takes one of these "
      "from the client itself is not known.";
  finding.expected = "a hello with all the suites of the client";
  finding.presented = "a hello without " + listed(missing, kMostSuites);
  finding.remedy =
      "Run visavis with --mode passthrough: then the backend answers the client's own hello.";
}

/// What sets the whole offer apart from others; empty: nothing.
std::string one_key_exchange(const ClientHelloReport& offer) {
  const std::optional<KeyExchange> only = only_key_exchange(offer);
  if (!only || *only == KeyExchange::by_group || *only == KeyExchange::ecdhe ||
      *only == KeyExchange::other)
    return {};
  return ": the client has " + std::string(words_of(*only)) + " suites only";
}

std::string remedy_for(const ClientHelloReport& offer) {
  if (only_key_exchange(offer) == KeyExchange::pre_shared)
    return "Give the backend the client's pre-shared key and a suite for it (openssl s_server: "
           "-psk; GnuTLS: +PSK and a password file; stunnel: PSKsecrets), or let the client use "
           "certificates, as the backend does.";
  return "Enable on the backend a suite that the client offers (Windows: Get-TlsCipherSuite, "
         "Enable-TlsCipherSuite, or the group policy SSL Cipher Suite Order; nginx: ssl_ciphers; "
         "Apache: SSLCipherSuite; Java: jdk.tls.disabledAlgorithms), or add a certificate of the "
         "key type that the client's suites need; or bring the client up to date.";
}

/// handshake_failure says only that no set of parameters fits; what singles out the suites is
/// insufficient_security, "returned instead of handshake_failure when a negotiation has failed
/// specifically because the server requires ciphers more secure than those supported by the client"
/// (RFC 5246 7.2.2; in TLS 1.3 it may be other parameters, RFC 8446 6.2).
std::optional<FindingReport> refused_by_backend(const SessionReport& session, const LegSide& side,
                                                const ClientHelloReport& offer) {
  const LegReport& leg = *side.leg;
  if (leg.server_hello || leg.hello_retry) return std::nullopt;
  if (!side.direct() && session.mirror.hello != "mirror") return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert == nullptr) return std::nullopt;
  const bool specific = alert->description.id == kInsufficientSecurity.value;
  if (alert->description.id != kHandshakeFailure.value && !specific) return std::nullopt;
  if (misfit_of_refusal(session) != Misfit::suites) return std::nullopt;
  // Refusing SSL 3.0 takes handshake_failure, too: that is no-common-version's.
  if (!offer.supported_versions && offer.legacy_version.id <= kSsl3.value) return std::nullopt;

  FindingReport finding = common_part(side, offer);
  finding.judged_by = judged_by::kBackendAlert;
  const std::vector<CodePoint> missing = missing_suites(offer, *leg.client_hello);
  if (!missing.empty()) {
    blame_ourselves(finding, missing);
  } else {
    const bool proven = specific && !offers_tls13(offer);
    if (proven) finding.confidence = confidence::kProven;
    finding.title =
        std::string(proven ? "Client and backend share no cipher suite"
                           : "Client and backend probably share no usable cipher suite") +
        one_key_exchange(offer);
    finding.cause =
        "The backend answers the hello with its own " + alert_words(*alert) +
        (specific ? ": it wants stronger suites than the client has." : " and no ServerHello.") +
        key_exchange_reason(offer) + (proven ? std::string() : other_reasons(offer));
    finding.expected = "a suite of the backend's, with a certificate, group and scheme that fit it";
    finding.remedy = remedy_for(offer);
  }
  add_alert_evidence(finding, side, *alert);
  add_alert_codes(finding.codes, alert->description.id);
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  finding.codes.schannel_event = 36874;
  finding.source = specific ? "RFC 5246 7.2.2" : "RFC 8446 6.2";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_no_common_cipher(const SessionReport& session) {
  const LegSide side = asked_side(session);
  if (!side || side.leg->outcome == "established" || !side.leg->client_hello) return std::nullopt;
  const LegSide client = client_side(session);
  if (!client || !client.leg->client_hello) return std::nullopt;
  const ClientHelloReport& offer = *client.leg->client_hello;
  if (auto finding = chosen_outside_offer(session, side, offer)) return finding;
  return refused_by_backend(session, side, offer);
}

}  // namespace visavis::inspect

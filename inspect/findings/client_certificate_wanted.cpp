#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/compare/leg_outcome.h"
#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/late_refusal.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMostIssuers = 3;

/// How the backend said no.
enum class Refusal { none, alert, close, http };

/// Whose certificate is missing, as far as is known.
enum class Missing {
  clients,         ///< asked, the client has shown none
  not_asked,       ///< refused before the client could be asked: it may have one
  shown_directly,  ///< not asked either, but the client works directly, so it has one
  not_passed,      ///< the client has shown one, which the proxy can't pass on
  not_accepted     ///< one was sent to the backend, which does not accept it
};

bool any(const std::optional<std::vector<CertificateReport>>& certificates) {
  return certificates && !certificates->empty();
}

Missing what_is_missing(const SessionReport& session, const LegSide& side) {
  if (any(side.leg->client_certificates)) return Missing::not_accepted;
  if (side.direct()) return Missing::clients;
  const auto& shown = session.client_leg ? session.client_leg->client_certificates : std::nullopt;
  if (any(shown)) return Missing::not_passed;
  if (shown) return Missing::clients;
  return seen_to_work_directly(session) ? Missing::shown_directly : Missing::not_asked;
}

/// What a server sends about its client's certificate: RFC 5246 7.4.6 has handshake_failure for
/// none, RFC 8446 4.4.2.4 certificate_required; the rest judges one that came. GnuTLS takes an
/// empty Certificate message for one that can't be decoded, up to TLS 1.2.
bool is_about_client(std::uint32_t alert, bool sent_none) {
  return is_of_certificate(alert) || alert == kHandshakeFailure.value ||
         alert == kNoCertificate.value || alert == kAccessDenied.value ||
         alert == kCertificateRequired.value || (alert == kDecodeError.value && sent_none);
}

bool sent_none(const LegReport& leg) {
  return leg.client_certificates && leg.client_certificates->empty();
}

/// True when the backend broke off after it had its client's answer, without a word.
bool closed_on_answer(const SessionReport& session, const LegSide& side) {
  const LegReport& leg = *side.leg;
  if (!leg.close || leg.close->by != "backend" || has_fatal_alert(leg)) return false;
  if (leg.close->how != "fin" && leg.close->how != "rst") return false;
  if (!leg.client_certificates) return false;
  if (leg.outcome != "established") return true;
  const DataSeen seen = side.direct() ? see_data(leg)
                                      : DataSeen{.asked = session.client_to_backend_bytes > 0,
                                                 .answered = session.backend_to_client_bytes > 0};
  return !seen.answered && (seen.asked || closed_at_once(leg));
}

/// IIS answers 403 (its log: 403.7), nginx 400 "No required SSL certificate was sent".
const HttpExchange* refused_by_http(const SessionReport& session) {
  const auto found =
      std::find_if(session.http.begin(), session.http.end(), [](const HttpExchange& exchange) {
        return exchange.status == 400 || exchange.status == 403;
      });
  return found == session.http.end() ? nullptr : &*found;
}

Refusal refusal_of(const SessionReport& session, const LegSide& side, const AlertReport* alert) {
  const bool none = sent_none(*side.leg);
  if (alert != nullptr)
    return is_about_client(alert->description.id, none) ? Refusal::alert : Refusal::none;
  if (closed_on_answer(session, side)) return Refusal::close;
  return none && refused_by_http(session) != nullptr ? Refusal::http : Refusal::none;
}

std::string issuers_of(const CertificateRequestReport& request) {
  if (request.issuers.empty()) return "of any issuer";
  return "issued by " + listed(request.issuers, kMostIssuers);
}

std::string how_refused(const SessionReport& session, const LegSide& side, Refusal refusal,
                        const AlertReport* alert) {
  if (refusal == Refusal::alert) return "broke off with its own " + alert_words(*alert) + " alert";
  if (refusal == Refusal::close)
    return std::string(close_words(*side.leg->close)) + " without an alert, as IIS does";
  return "answered the request with HTTP status " +
         std::to_string(refused_by_http(session)->status.value_or(0));
}

/// The sent certificate's issuer against those that the backend names.
std::string why_not_accepted(const LegReport& leg) {
  const auto& sent = *leg.client_certificates;
  const std::string first =
      "'" + sent.front().subject + "', issued by '" + sent.front().issuer + "'";
  const auto& issuers = leg.certificate_request->issuers;
  const bool named = std::any_of(sent.begin(), sent.end(), [&](const CertificateReport& each) {
    return std::find(issuers.begin(), issuers.end(), each.issuer) != issuers.end();
  });
  if (issuers.empty() || named) return "It was sent " + first + '.';
  return "It was sent " + first + ": none of the issuers that it names.";
}

std::string cause(const SessionReport& session, const LegSide& side, Missing missing,
                  Refusal refusal, const AlertReport* alert) {
  const LegReport& leg = *side.leg;
  std::string text = "The backend asks for a client certificate " +
                     issuers_of(*leg.certificate_request) + " and " +
                     how_refused(session, side, refusal, alert) + ". ";
  switch (missing) {
    case Missing::not_accepted:
      return text + why_not_accepted(leg);
    case Missing::not_passed:
      return text + "The client did show one, '" +
             session.client_leg->client_certificates->front().subject +
             "', but the proxy can't pass it on: only the client has its private key.";
    case Missing::not_asked:
      return text +
             "The proxy sent none, and the backend refused before the client could be "
             "asked: if the client has one, it was not seen.";
    case Missing::shown_directly:
      return text +
             "Directly the same client works, so it has one, but the proxy can't pass it on: only "
             "the client has its private key.";
    case Missing::clients:
      break;
  }
  return text + "The client, asked for one, has sent none.";
}

std::string title(const LegSide& side, Missing missing) {
  if (missing == Missing::not_accepted)
    return side.direct() ? "The backend does not accept the client's certificate"
                         : "The backend does not accept the client certificate that the proxy sent";
  if (missing == Missing::not_passed || missing == Missing::shown_directly)
    return "The backend wants the client's certificate, which the proxy can't pass on";
  return "The backend wants a client certificate, and none was sent";
}

std::string remedy(const LegSide& side, Missing missing) {
  const std::string ours =
      "give visavis a certificate with its key for the backend (--client-cert FILE --client-key "
      "FILE; PFX too), or run it with --mode passthrough, where the client shows its own.";
  const std::string clients =
      "give the client a certificate with its private key, from an issuer that the backend names "
      "(Windows: the user's or computer's Personal store; curl: --cert, --key; Java: "
      "javax.net.ssl.keyStore); or stop asking on the backend (IIS: SSL Settings, Client "
      "certificates: Ignore; nginx: ssl_verify_client off).";
  const std::string issuer =
      "Use a certificate from an issuer that the backend trusts, or add that issuer there (IIS: "
      "the computer's Trusted Root Certification Authorities; nginx: ssl_client_certificate)";
  switch (missing) {
    case Missing::not_accepted:
      return side.direct() ? issuer + '.' : issuer + "; visavis sends the one of --client-cert.";
    case Missing::not_passed:
    case Missing::shown_directly:
      return capitalized(ours);
    case Missing::not_asked:
      return "If the client has one, " + ours + " If it has none, " + clients;
    case Missing::clients:
      break;
  }
  return capitalized(clients);
}

std::string_view confidence_of(Missing missing, Refusal refusal, const AlertReport* alert) {
  if (refusal != Refusal::alert || missing == Missing::not_asked) return confidence::kLikely;
  // Of a certificate that came, handshake_failure says too little; decode_error of none, too.
  const std::uint32_t id = alert->description.id;
  const bool vague = id == kDecodeError.value ||
                     (missing == Missing::not_accepted && id == kHandshakeFailure.value);
  return vague ? confidence::kLikely : confidence::kProven;
}

void add_evidence(const SessionReport& session, const LegSide& side, Refusal refusal,
                  const AlertReport* alert, FindingReport& finding) {
  const LegReport& leg = *side.leg;
  add_message_evidence(finding, side, "CertificateRequest",
                       "CertificateRequest: a certificate " + issuers_of(*leg.certificate_request));
  if (const EventReport* sent = first_event(leg, "message", "Certificate", side.client))
    finding.evidence.push_back(
        evidence_of(side.name, *sent,
                    "Certificate of the " + std::string(side.client) + " with " +
                        count_of(leg.client_certificates ? leg.client_certificates->size() : 0,
                                 "certificate")));
  if (session.client_leg && any(session.client_leg->client_certificates))
    if (const EventReport* shown =
            first_event(*session.client_leg, "message", "Certificate", "client"))
      finding.evidence.push_back(evidence_of("client_leg", *shown, "the client's Certificate"));
  if (refusal == Refusal::alert) add_alert_evidence(finding, side, *alert);
  if (refusal == Refusal::close) add_close_evidence(finding, side);
  if (refusal == Refusal::http)
    finding.evidence.push_back(
        {std::string(side.name), std::nullopt,
         "HTTP status " + std::to_string(refused_by_http(session)->status.value_or(0))});
}

}  // namespace

/// In TLS 1.3 the refusal comes after the client's Finished, when the client already thinks that it
/// is connected (RFC 8446 4.4.2.4); before, handshake_failure is its name, which here is no lack of
/// a common suite: the ServerHello has come.
std::optional<FindingReport> diagnose_client_certificate_wanted(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (!side) return std::nullopt;
  if (!side.leg->certificate_request) return find_late_refusal(session);
  const AlertReport* alert = fatal_alert(*side.leg, "backend");
  const Refusal refusal = refusal_of(session, side, alert);
  if (refusal == Refusal::none) return std::nullopt;
  const Missing missing = what_is_missing(session, side);

  FindingReport finding;
  finding.severity = severity::kError;
  const bool ours = missing == Missing::not_passed || missing == Missing::shown_directly ||
                    (missing == Missing::not_accepted && !side.direct());
  finding.side = ours ? side::kProxy : side::kClient;
  finding.confidence = confidence_of(missing, refusal, alert);
  finding.judged_by = refusal == Refusal::alert ? judged_by::kBackendAlert : judged_by::kProxyCheck;
  finding.title = title(side, missing);
  finding.cause = cause(session, side, missing, refusal, alert);
  finding.expected = "a client certificate " + issuers_of(*side.leg->certificate_request);
  finding.presented = missing == Missing::not_accepted
                          ? "'" + side.leg->client_certificates->front().subject +
                                "', issued by '" + side.leg->client_certificates->front().issuer +
                                "'"
                          : std::string("none");
  finding.remedy = remedy(side, missing);
  add_evidence(session, side, refusal, alert, finding);
  if (refusal == Refusal::alert) {
    add_alert_codes(finding.codes, alert->description.id);
  } else {
    finding.codes.firefox = "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT";
    finding.codes.schannel_event = 36875;
  }
  finding.codes.chrome = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
  finding.source = side.leg->server_hello && side.leg->server_hello->version.id >= 0x0304
                       ? "RFC 8446 4.4.2.4"
                       : "RFC 5246 7.4.6";
  return finding;
}

}  // namespace visavis::inspect

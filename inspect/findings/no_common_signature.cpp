#include "inspect/findings/alert_codes.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/misfit.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMostSchemes = 6;

/// What the offer lacks, as a sentence.
std::string what_is_missing(const ClientHelloReport& offer) {
  if (!offer.sig_algs)
    return "The hello has no signature_algorithms, which stands for SHA-1 (RFC 5246 7.4.1.4.1), "
           "and SHA-1 signatures are barred at many backends (OpenSSL 3 from security level 1 on, "
           "RFC 9155).";
  if (!offers_tls13(offer))
    return "All offered schemes are of SHA-1 or older hashes, which many backends bar (OpenSSL 3 "
           "from security level 1 on, RFC 9155).";
  return "TLS 1.3 signs with RSA-PSS under an RSA certificate and with the curve's own hash under "
         "an ECDSA one (RFC 8446 4.2.3, 9.1); one of the two is not offered, and the backend's "
         "certificate seems to be of that kind.";
}

}  // namespace

/// handshake_failure to a hello with ordinary suites whose signature schemes are not. A backend
/// never says which scheme it would have used: likely, and no more.
std::optional<FindingReport> diagnose_no_common_signature(const SessionReport& session) {
  if (misfit_of_refusal(session) != Misfit::signature) return std::nullopt;
  const LegSide side = backend_side(session);
  const ClientHelloReport& offer = *client_side(session).leg->client_hello;
  const AlertReport* alert = fatal_alert(*side.leg, "backend");

  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kBackendAlert;
  finding.title = "Client and backend probably share no signature scheme";
  finding.cause = "The backend answers the hello with its own " + alert_words(*alert) +
                  ", though the offered suites are such as every backend has. " +
                  what_is_missing(offer) + " The alert itself does not say what did not fit.";
  finding.expected = "a scheme that the backend's certificate can sign with";
  finding.presented = "the client offers " + (offer.sig_algs ? listed(*offer.sig_algs, kMostSchemes)
                                                             : std::string("no list of schemes"));
  finding.remedy =
      "Let the client offer rsa_pss_rsae_sha256 and ecdsa_secp256r1_sha256 (Java: "
      "jdk.tls.disabledAlgorithms, jdk.tls.client.SignatureSchemes; OpenSSL: SignatureAlgorithms; "
      "Windows: SCHANNEL hashes), or end at TLS 1.2 where RSA-PSS is what it lacks. On the "
      "backend: a certificate of the other key type besides, or, for SHA-1, a lower security "
      "level.";
  add_message_evidence(finding, side, "ClientHello",
                       "ClientHello of the " + std::string(side.client));
  add_alert_evidence(finding, side, *alert);
  add_alert_codes(finding.codes, alert->description.id);
  finding.source = "RFC 8446 4.2.3";
  return finding;
}

}  // namespace visavis::inspect

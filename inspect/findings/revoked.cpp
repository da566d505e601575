#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr std::uint32_t kCertificateRevoked = 44;  // RFC 8446 6.2

const StapledOcspReport* revoking_staple(const LegReport& leg) {
  const auto& stapled = leg.stapled_ocsp;
  const bool says_so = stapled && stapled->status == "revoked" && stapled->for_this_certificate;
  return says_so && stapled->signature_ok.value_or(true) ? &*stapled : nullptr;
}

std::string staple_words(const StapledOcspReport& stapled) {
  return "The OCSP response that the backend itself sends along says that its certificate was "
         "revoked" +
         (stapled.revoked_at ? " on " + *stapled.revoked_at : std::string()) + ". ";
}

}  // namespace

/// Nothing is asked for over the network: a CRL that was given, or what the backend staples.
std::optional<FindingReport> diagnose_revoked(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const StapledOcspReport* stapled = revoking_staple(leg);
  const bool listed_in_crl = chain_problem(leg, "X509_V_ERR_CERT_REVOKED") != nullptr;
  if (stapled == nullptr && !listed_in_crl) return std::nullopt;
  auto positions = path_with(leg, "revoked");
  if (positions.empty() && stapled != nullptr) positions = {0};
  const std::string who = describe_objection(leg, positions);
  FindingReport finding = chain_finding(side);
  if (stapled != nullptr && !stapled->signature_ok) finding.confidence = confidence::kLikely;
  confirm(finding, side, kCertificateRevoked);
  finding.title = positions == std::vector<std::size_t>{0}
                      ? "The backend's certificate has been revoked"
                      : "A certificate in the backend's chain has been revoked";
  finding.cause = stapled != nullptr ? staple_words(*stapled) : std::string();
  if (listed_in_crl) finding.cause += capitalized(who) + " stands in the CRL given with --crl. ";
  finding.cause +=
      "Browsers that learn of it refuse (Firefox and Chrome by lists of their own or the staple), "
      "GnuTLS by the staple, "
      "Windows and .NET where revocation is checked; OpenSSL, curl, Java and Python do not look "
      "unless told to (curl: --cert-status, --crlfile)." +
      leaf_is_fine(leg, positions);
  finding.expected = "certificates that their CA has not withdrawn";
  finding.presented = who;
  finding.remedy =
      "Ask the CA why (a key that leaked, a renewal that withdrew the old one), make a new key, "
      "have a certificate issued for it, and bind that one everywhere where the old one was.";
  finding.codes.alert = static_cast<int>(kCertificateRevoked);
  finding.codes.x509 = "X509_V_ERR_CERT_REVOKED";
  finding.codes.hresult = "0x80092010";
  finding.codes.schannel_event = 36883;
  finding.codes.chrome = "ERR_CERT_REVOKED";
  finding.codes.firefox = "SEC_ERROR_REVOKED_CERTIFICATE";
  finding.codes.java = "CertificateRevokedException";
  finding.source = "RFC 5280 5, RFC 6960 2.2, RFC 6066 8";
  return finding;
}

}  // namespace visavis::inspect

#include <algorithm>
#include <array>

#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"
#include "inspect/findings/server_name.h"

namespace visavis::inspect {
namespace {

/// Subjects of certificates that products make for themselves, for who has configured none.
constexpr std::array<std::string_view, 7> kDefaultSubjects{
    "TRAEFIK DEFAULT CERT",
    "Kubernetes Ingress Controller Fake Certificate",
    "Plesk",
    "Parallels Panel",
    "SnakeOil",
    "ssl-cert-snakeoil",
    "localhost.localdomain"};

bool is_known_default(const CertificateReport& leaf) {
  return std::any_of(
      kDefaultSubjects.begin(), kDefaultSubjects.end(),
      [&leaf](std::string_view name) { return leaf.subject.find(name) != std::string::npos; });
}

const AlertReport* name_warning(const LegReport& leg) {
  const auto found = std::find_if(leg.alerts.begin(), leg.alerts.end(), [](const auto& alert) {
    return alert.sent_by == "backend" && alert.description.id == kUnrecognizedName.value;
  });
  return found == leg.alerts.end() ? nullptr : &*found;
}

}  // namespace

/// That the certificate is for another name is name-mismatch's, which leads. This one says why,
/// where there is a sign of it: the backend did not know the name and showed what it has for all.
std::optional<FindingReport> diagnose_default_certificate(const SessionReport& session,
                                                          const Findings& found) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->client_hello || !side.leg->client_hello->sni ||
      side.leg->certificates.empty())
    return std::nullopt;
  const bool mismatch = std::any_of(found.begin(), found.end(), [](const FindingReport& finding) {
    return finding.id == "name-mismatch";
  });
  if (!mismatch) return std::nullopt;
  const AlertReport* warning = name_warning(*side.leg);
  const CertificateReport& leaf = side.leg->certificates.front();
  if (warning == nullptr && !is_known_default(leaf)) return std::nullopt;

  const std::string name = shown_name(*side.leg->client_hello->sni);
  FindingReport finding;
  finding.severity = severity::kInfo;
  finding.side = side::kBackend;
  finding.confidence = warning != nullptr ? confidence::kProven : confidence::kLikely;
  finding.judged_by = warning != nullptr ? judged_by::kBackendAlert : judged_by::kProxyCheck;
  finding.title = "The backend shows its default certificate: it has none for '" + name + "'";
  finding.cause =
      warning != nullptr
          ? "The backend says itself that it does not know '" + name +
                "' (unrecognized_name), and goes on with the certificate that it has for all "
                "others."
          : "The certificate '" + leaf.subject +
                "' is one that the backend's software makes for itself, for names that nobody "
                "has configured.";
  finding.expected = "the certificate of a site named '" + name + "'";
  finding.presented = "'" + leaf.subject + "'";
  finding.remedy =
      "Configure a site for this name at the backend, with its certificate, or connect by a name "
      "that has one. In Kubernetes: the secret that the Ingress names must exist in its "
      "namespace, and the host be listed under tls.";
  add_message_evidence(finding, side, "Certificate", "Certificate of '" + leaf.subject + "'");
  if (finding.evidence.empty())
    finding.evidence.push_back(
        {std::string(side.name), std::nullopt, "certificate of '" + leaf.subject + "'"});
  if (warning != nullptr) add_alert_evidence(finding, side, *warning);
  finding.codes.x509 = "X509_V_ERR_HOSTNAME_MISMATCH";
  finding.codes.hresult = "0x800b010f";
  finding.codes.chrome = "ERR_CERT_COMMON_NAME_INVALID";
  finding.codes.firefox = "SSL_ERROR_BAD_CERT_DOMAIN";
  finding.source = "RFC 6066 3";
  return finding;
}

}  // namespace visavis::inspect

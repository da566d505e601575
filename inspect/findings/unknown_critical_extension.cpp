#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// Ours is OpenSSL's opinion: an extension that it does not know, a special client may.
std::optional<FindingReport> diagnose_unknown_critical_extension(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const LegReport& leg = *side.leg;
  const ChainProblemReport* problem = chain_problem(leg, "X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION");
  if (problem == nullptr) return std::nullopt;
  const auto positions = path_with(leg, "critical-extension");
  const std::string who = describe_objection(leg, positions);
  FindingReport finding = chain_finding(side);
  finding.title = "A certificate of the backend has a critical extension that clients do not know";
  finding.cause = capitalized(who) +
                  " marks an extension as critical that is not known: a client must then refuse "
                  "the certificate, whatever else is right with it." +
                  leaf_is_fine(leg, positions) + other_stores(leg);
  finding.expected = "critical extensions only of the kinds that every client knows";
  finding.presented = who;
  finding.remedy =
      "Have the certificate issued without that extension, or with it not critical (AD CS: the "
      "template's extensions, \"Make this extension critical\"). `openssl x509 -noout -text` marks "
      "those that are; one that stands there as a number is the one. RFC 3779's IP resources and "
      "the certificates of OCSP responders or smart cards are typical.";
  finding.codes.x509 = problem->code;
  finding.codes.hresult = problem->hresult;
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_INVALID";
  finding.codes.firefox = "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION";
  finding.codes.java = "CertPathValidatorException: unrecognized critical extension(s)";
  finding.source = "RFC 5280 4.2";
  return finding;
}

}  // namespace visavis::inspect

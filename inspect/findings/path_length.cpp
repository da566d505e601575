#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A CA that may only issue end certificates (pathlen:0) has issued another CA.
std::optional<FindingReport> diagnose_path_length(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const LegReport& leg = *side.leg;
  const ChainProblemReport* problem = chain_problem(leg, "X509_V_ERR_PATH_LENGTH_EXCEEDED");
  if (problem == nullptr) return std::nullopt;
  const auto positions = path_with(leg, "path-length");
  const std::string who = describe_objection(leg, positions);
  FindingReport finding = chain_finding(side);
  finding.title = "The backend's chain has more CAs below an issuer than that issuer allows";
  finding.cause = capitalized(who) +
                  " limits how many CAs may follow below it (basic constraints, pathlen), and more "
                  "do. With pathlen:0 it may issue certificates for servers, but no further CA." +
                  leaf_is_fine(leg, positions) + other_stores(leg);
  finding.expected = "no more CAs below each issuer than its pathlen says";
  finding.presented = who + ", at depth " + std::to_string(problem->depth);
  finding.remedy =
      "Have the backend's certificate issued by a CA that stands within the limit, or have the "
      "limiting CA's certificate issued again with a higher pathlen or none (AD CS: CAPolicy.inf, "
      "[BasicConstraintsExtension] PathLength; OpenSSL: basicConstraints=critical,CA:TRUE).";
  finding.codes.x509 = problem->code;
  finding.codes.hresult = problem->hresult;
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_INVALID";
  finding.codes.firefox = "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID";
  finding.codes.java =
      "CertPathValidatorException: basic constraints check failed: pathLenConstraint violated";
  finding.source = "RFC 5280 4.2.1.9";
  return finding;
}

}  // namespace visavis::inspect

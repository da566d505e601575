#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// What a CA may not name, with what OpenSSL calls it. The last ones are constraints that can't be
/// evaluated, which RFC 5280 4.2.1.10 lets clients refuse.
struct Constraint {
  std::string_view code;
  std::string_view what;
};
constexpr Constraint kConstraints[] = {
    {"X509_V_ERR_PERMITTED_VIOLATION", "has a name outside those that its issuer may certify"},
    {"X509_V_ERR_EXCLUDED_VIOLATION", "has a name that its issuer is forbidden to certify"},
    {"X509_V_ERR_SUBTREE_MINMAX", "stands below a name constraint with a minimum or maximum"},
    {"X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE", "stands below a name constraint of unknown kind"},
    {"X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX", "stands below a name constraint that is wrong"},
    {"X509_V_ERR_UNSUPPORTED_NAME_SYNTAX", "has a name that can't be held against a constraint"}};

std::string names_of(const LegReport& leg, const std::vector<std::size_t>& positions) {
  constexpr std::size_t kMost = 4;
  if (positions.empty()) return {};
  const std::string names = listed(leg.certificates[positions.front()].san, kMost);
  return names.empty() ? names : " (" + names + ")";
}

}  // namespace

/// Private CAs are often limited to the company's domain; then the site moves to another one.
std::optional<FindingReport> diagnose_name_constraint(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const LegReport& leg = *side.leg;
  for (const Constraint& constraint : kConstraints) {
    const ChainProblemReport* problem = chain_problem(leg, constraint.code);
    if (problem == nullptr) continue;
    const auto positions = path_with(leg, "name-constraint");
    const std::string who = describe_objection(leg, positions);
    FindingReport finding = chain_finding(side);
    finding.title = "The backend's certificate has a name that its CA may not certify";
    finding.cause = capitalized(who) + names_of(leg, positions) + ' ' +
                    std::string(constraint.what) +
                    ": an issuer above it carries name constraints, and every client that checks "
                    "them refuses all names of a certificate when one is outside." +
                    leaf_is_fine(leg, positions) + other_stores(leg);
    finding.expected = "only names within the name constraints of every issuer";
    finding.presented = who + names_of(leg, positions);
    finding.remedy =
        "Have the certificate issued for names that the CA may certify, or by another CA; or have "
        "the CA's own certificate issued again with constraints that include the name (OpenSSL: "
        "nameConstraints=permitted;DNS:example.com). A name without a leading dot includes its "
        "subdomains.";
    finding.codes.x509 = problem->code;
    finding.codes.hresult = problem->hresult;
    finding.codes.schannel_event = 36876;
    finding.codes.chrome = "ERR_CERT_INVALID";
    finding.codes.firefox = "SEC_ERROR_CERT_NOT_IN_NAME_SPACE";
    finding.codes.java = "CertPathValidatorException: name constraints check failed";
    finding.source = "RFC 5280 4.2.1.10";
    return finding;
  }
  return std::nullopt;
}

}  // namespace visavis::inspect

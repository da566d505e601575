#include "certs/leaf_faults.h"

#include <algorithm>
#include <string_view>

namespace visavis::certs {
namespace {

bool leaf_has(const ChainVerdict& verdict, std::string_view word) {
  if (verdict.certificate_problems.empty()) return false;
  const auto& words = verdict.certificate_problems.front();
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The path ends at a root that we have no reason to trust.
bool ends_at_unknown_root(const ChainVerdict& verdict) {
  return std::any_of(
      verdict.problems.begin(), verdict.problems.end(), [](const ChainProblem& each) {
        return each.code == "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN" ||
               each.code == "X509_V_ERR_CERT_UNTRUSTED" || each.code == "X509_V_ERR_CERT_REJECTED";
      });
}

LeafIssuer issuer_of(const ChainVerdict& verdict) {
  if (verdict.trusted) return LeafIssuer::authority;
  if (leaf_has(verdict, "self-signed")) return LeafIssuer::self;
  // An issuer that is neither sent nor known: what a client makes of that depends on whether it
  // knows it from elsewhere, as it would an intermediate of ours.
  if (verdict.incomplete) return LeafIssuer::unsent_intermediate;
  return ends_at_unknown_root(verdict) ? LeafIssuer::unknown : LeafIssuer::authority;
}

}  // namespace

LeafFaults faults_to_repeat(const ChainVerdict& verdict) {
  return {.dates = leaf_has(verdict, "expired") || leaf_has(verdict, "not-yet-valid"),
          .names = leaf_has(verdict, "name-mismatch"),
          .usage = leaf_has(verdict, "wrong-usage"),
          .issuer = issuer_of(verdict)};
}

std::vector<std::string> describe_faults(const LeafFaults& faults, const ChainVerdict& verdict) {
  std::vector<std::string> ids;
  if (faults.dates) ids.emplace_back(leaf_has(verdict, "expired") ? "expired" : "not-yet-valid");
  if (faults.names) ids.emplace_back("name-mismatch");
  if (faults.usage) ids.emplace_back("wrong-usage");
  if (faults.issuer == LeafIssuer::self) ids.emplace_back("self-signed");
  if (faults.issuer == LeafIssuer::unknown) ids.emplace_back("untrusted-root");
  if (faults.issuer == LeafIssuer::unsent_intermediate) ids.emplace_back("incomplete-chain");
  return ids;
}

}  // namespace visavis::certs

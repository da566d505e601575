#include <algorithm>
#include <array>

#include "inspect/codepoint/alert.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// UntrustedRoot is where the chain ends, and how we know.
struct UntrustedRoot {
  std::string name;
  std::string code;  ///< X509_V_ERR_...
  bool sent = false;
  bool barred = false;  ///< it is in the store, as not to be trusted
};

/// True when the objection is to the chain's end. A root that nobody trusts may stand beside
/// another way up that is trusted.
bool lacks_trust(const LegReport& leg) {
  constexpr std::array<std::string_view, 5> kCodes{
      "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN", "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT", "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"};
  return std::any_of(kCodes.begin(), kCodes.end(),
                     [&leg](std::string_view code) { return chain_problem(leg, code) != nullptr; });
}

std::optional<UntrustedRoot> find_root(const LegReport& leg) {
  for (const std::string_view code : {"X509_V_ERR_CERT_REJECTED", "X509_V_ERR_CERT_UNTRUSTED"})
    if (const auto* problem = chain_problem(leg, code)) {
      const auto depth = static_cast<std::size_t>(problem->depth);
      const bool sent = depth < leg.certificates.size();
      return UntrustedRoot{sent ? leg.certificates[depth].subject : leg.certificates.back().issuer,
                           problem->code, sent, true};
    }
  // A self-signed leaf is a cause of its own.
  if (has_word(leg.certificates.front(), "self-signed")) return std::nullopt;
  const auto roots = path_with(leg, "self-signed");
  if (!roots.empty() && lacks_trust(leg))
    return UntrustedRoot{leg.certificates[roots.back()].subject,
                         "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN", true, false};
  if (!lacks_root(leg)) return std::nullopt;
  return UntrustedRoot{*leg.chain->missing_issuer, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
                       false, false};
}

std::string cause(const LegReport& leg, const UntrustedRoot& root) {
  if (root.barred)
    return "The trust store lists '" + root.name + "' as not to be trusted." + other_stores(leg);
  if (root.sent)
    return "The backend sent its whole chain, up to the root '" + root.name +
           "', which is not in the trust store. Sending a root makes nobody trust it." +
           other_stores(leg);
  const auto& fetched = leg.chain->found_issuer;
  if (fetched && !fetched->url.empty())
    return "The chain as sent ends at '" + chain_end(leg).subject + "', whose issuer '" +
           root.name + "' is not in the trust store. It was fetched from " + fetched->url +
           " (SHA-256 " + fetched->sha256 + ") and is a root: the backend rightly leaves it out." +
           other_stores(leg);
  return "The chain as sent ends at '" + chain_end(leg).subject + "', whose issuer '" + root.name +
         "' is not in the trust store. A backend rightly leaves its root out; if that issuer is an "
         "intermediate certificate instead, the backend forgot it." +
         other_stores(leg);
}

}  // namespace

/// Held against our store, in which a private root of this client's may be missing: hence likely.
/// Of the chains whose last issuer is missing, incomplete-chain takes those that lack_root refuses.
std::optional<FindingReport> diagnose_untrusted_root(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  const auto root = find_root(*side.leg);
  if (!root) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.confidence = confidence::kLikely;
  confirm(finding, side, kUnknownCa.value);
  finding.title = root->barred
                      ? "The backend's certificate has an issuer that is not to be trusted"
                      : "The backend's certificate chain ends at a root that is not trusted";
  finding.cause =
      cause(*side.leg, *root) + " A client that was given this root works; others refuse.";
  finding.expected = "a chain that ends at a root of the trust store";
  finding.presented = "the root '" + root->name + "'";
  finding.remedy =
      "Private CA: give its root to the clients (Windows: certutil -addstore Root FILE on the "
      "computer, or by group policy; Debian: /usr/local/share/ca-certificates and "
      "update-ca-certificates; Java: keytool -importcert; Firefox: its own store; Node: "
      "NODE_EXTRA_CA_CERTS) and to visavis (--trust FILE). Public CA: bring the client's roots up "
      "to date, or take a certificate from a CA that this client knows.";
  finding.codes.alert = kUnknownCa.value;
  finding.codes.x509 = root->code;
  finding.codes.hresult = root->barred ? "0x800b0111" : "0x800b0109";
  finding.codes.schannel_event = 36882;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = root->barred ? "SEC_ERROR_UNTRUSTED_ISSUER" : "SEC_ERROR_UNKNOWN_ISSUER";
  finding.codes.java =
      "PKIX path building failed: unable to find valid certification path to requested target";
  finding.source = "RFC 5280 6.1";
  return finding;
}

}  // namespace visavis::inspect

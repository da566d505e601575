#include <algorithm>

#include "inspect/codepoint/alert.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Where the missing certificate was found: then it is certain that it is an intermediate.
std::string found_words(const FoundIssuerReport& found) {
  std::string how = "found in the directory given with --intermediates";
  if (found.where == "seen") how = "found among those that other backends sent to visavis before";
  if (found.where == "aia") how = "fetched from " + found.url + ", as browsers do";
  return " Its certificate was " + how + " (SHA-256 " + found.sha256 +
         "): it is an intermediate, which the backend has to send. With it the chain is " +
         (found.trusted ? "trusted." : "not trusted either.");
}

/// With --fetch-aia: what a browser that tries the same would meet.
std::string fetch_words(const ChainReport& chain) {
  if (chain.fetch_problem.empty()) return {};
  return std::string(chain.found_issuer ? " The next issuer" : " It") +
         " could not be fetched: " + chain.fetch_problem + ".";
}

}  // namespace

/// The chain as sent ends at a certificate whose issuer is neither sent nor in the trust store. We
/// can't see whether that issuer is an intermediate that the backend forgot or a private root that
/// our store lacks: hence likely, not proven, and both are said. Which of the two is said first is
/// lacks_root's choice: then it is untrusted-root's.
std::optional<FindingReport> diagnose_incomplete_chain(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted || !side.leg->chain->missing_issuer) return std::nullopt;
  if (lacks_root(*side.leg)) return std::nullopt;
  const LegReport& leg = *side.leg;
  // The issuer may well have been sent: nobody can tell of one that can't be read.
  if (std::any_of(leg.certificates.begin(), leg.certificates.end(), is_unreadable))
    return std::nullopt;
  const std::string& issuer = *leg.chain->missing_issuer;

  FindingReport finding = chain_finding(side);
  if (!leg.chain->found_issuer) finding.confidence = confidence::kLikely;
  confirm(finding, side, kUnknownCa.value);
  finding.title = "The backend's certificate chain is incomplete: the issuer is not sent";
  finding.cause = "The backend sent " + count_of(leg.certificates.size(), "certificate") +
                  "; the issuer '" + issuer +
                  "' is neither among them nor in the trust store. Browsers often fetch it (AIA) "
                  "or have it cached "
                  "and work; curl, OpenSSL, Java, Python, Go and .NET on Linux fail." +
                  (leg.chain->found_issuer ? found_words(*leg.chain->found_issuer) : "") +
                  fetch_words(*leg.chain) + other_stores(leg);
  finding.expected = "the certificate of '" + issuer + "' in the Certificate message";
  finding.presented = "a chain that ends at '" + chain_end(leg).subject + "'";
  finding.remedy =
      "Install the intermediate certificate on the backend (IIS: the Intermediate Certification "
      "Authorities store of "
      "the computer; nginx: append it to ssl_certificate; Apache: SSLCertificateFile). If that "
      "issuer is a private "
      "root, give it to visavis with --trust FILE.";
  finding.codes.x509 = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
  finding.codes.hresult = "0x800b010a";
  finding.codes.schannel_event = 36882;
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.codes.firefox = "SEC_ERROR_UNKNOWN_ISSUER";
  finding.codes.java =
      "PKIX path building failed: unable to find valid certification path to requested target";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect

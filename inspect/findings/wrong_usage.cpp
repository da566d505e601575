#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// WrongUse is one way of using a certificate for what it is not for, with everybody's name for it.
struct WrongUse {
  std::string_view code;  ///< X509_V_ERR_...
  std::string_view word;  ///< of certs/chain_verdict.h
  std::string_view firefox;
  std::string_view java;
};

/// OpenSSL finds an issuer that is no CA unfit for every purpose, too: the plainer word comes
/// first.
constexpr WrongUse kUses[] = {
    {"X509_V_ERR_INVALID_CA", "not-a-ca", "SEC_ERROR_CA_CERT_INVALID",
     "CertPathValidatorException: basic constraints check failed: this is not a CA certificate"},
    {"X509_V_ERR_KEYUSAGE_NO_CERTSIGN", "not-a-ca", "SEC_ERROR_INADEQUATE_KEY_USAGE",
     "CertPathValidatorException: ... INVALID_KEY_USAGE"},
    {"X509_V_ERR_INVALID_PURPOSE", "wrong-usage", "SEC_ERROR_INADEQUATE_CERT_TYPE",
     "ValidatorException: Extended key usage does not permit use for TLS server authentication"}};

/// The certificate that OpenSSL objects to, as it was sent; it may be one of the store instead.
std::optional<std::size_t> position_of(const LegReport& leg, const WrongUse& use) {
  const auto positions = path_with(leg, use.word);
  if (positions.empty()) return std::nullopt;
  return positions.front();
}

void describe_leaf(const LegReport& leg, FindingReport& finding) {
  finding.title = "The backend's certificate may not be used for a TLS server";
  finding.cause =
      "The certificate '" + leg.certificates.front().subject +
      "' limits what its key may be used for (extended key usage or key usage), and authenticating "
      "a server is not among it: it was made for clients, mail, code signing or the like.";
  finding.expected = "a certificate with the extended key usage serverAuth (1.3.6.1.5.5.7.3.1)";
  finding.presented = "'" + leg.certificates.front().subject + "' without it";
  finding.remedy =
      "Have a certificate issued from a template for servers (AD CS: Web Server; OpenSSL: "
      "extendedKeyUsage=serverAuth) and bind it. On Windows see the certificate's Details, Edit "
      "Properties, General: Server Authentication must be in the list; what is not in the "
      "certificate itself can't be enabled there.";
}

void describe_issuer(const LegReport& leg, std::optional<std::size_t> position, const WrongUse& use,
                     FindingReport& finding) {
  const std::string who =
      position ? certificate_words(leg, *position) : std::string("an issuer in the trust store");
  const bool purpose = use.word == "wrong-usage";
  finding.title = purpose ? "An issuer in the backend's chain may not vouch for TLS servers"
                          : "A certificate in the backend's chain signs others but is not a CA";
  finding.cause =
      purpose ? "In the path is " + who +
                    ", whose own extended key usage does not allow for server authentication: no "
                    "certificate below it may be used for that."
              : "In the path is " + who +
                    ", which has signed the one below it although its basic constraints or key "
                    "usage do not make it a CA (CA:TRUE, keyCertSign).";
  finding.expected = purpose ? "an issuer whose extended key usage, if any, has serverAuth"
                             : "issuers with CA:TRUE and, where there is a key usage, keyCertSign";
  finding.presented = who;
  finding.remedy =
      purpose ? "Have the backend's certificate issued by a CA for servers."
              : "Have the backend's certificate issued by a real CA; where it is a private one, "
                "make the issuer's certificate again with basicConstraints=critical,CA:TRUE and "
                "keyUsage=keyCertSign,cRLSign (OpenSSL: -addext), and every one below it.";
}

}  // namespace

/// The IIS article's scenario 2: CertVerifyCertificateChainPolicy returns -2146762480 (0x800b0110).
std::optional<FindingReport> diagnose_wrong_usage(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side || side.leg->chain->trusted) return std::nullopt;
  for (const WrongUse& use : kUses) {
    const ChainProblemReport* problem = chain_problem(*side.leg, use.code);
    if (problem == nullptr) continue;
    FindingReport finding = chain_finding(side);
    if (problem->depth == 0 && use.word == "wrong-usage")
      describe_leaf(*side.leg, finding);
    else
      describe_issuer(*side.leg, position_of(*side.leg, use), use, finding);
    finding.cause += other_stores(*side.leg);
    finding.codes.alert = 43;  // unsupported_certificate
    finding.codes.x509 = problem->code;
    finding.codes.hresult = problem->hresult;
    finding.codes.schannel_event = 36876;
    finding.codes.chrome = "ERR_CERT_INVALID";
    finding.codes.firefox = use.firefox;
    finding.codes.java = use.java;
    finding.source = use.word == "wrong-usage" ? "RFC 5280 4.2.1.12" : "RFC 5280 4.2.1.9";
    return finding;
  }
  return std::nullopt;
}

}  // namespace visavis::inspect

#include <algorithm>
#include <array>

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Product is a program or device that puts certificates of its own in place of a backend's, with
/// what the names of its CAs begin with or contain, in lower case.
struct Product {
  std::string_view mark;
  std::string_view name;
};
constexpr std::array<Product, 20> kProducts{{
    {"zscaler", "Zscaler"},
    {"fortinet", "Fortinet FortiGate"},
    {"fortigate", "Fortinet FortiGate"},
    {"kaspersky anti-virus", "Kaspersky"},
    {"kaspersky web anti", "Kaspersky"},
    {"avast! web", "Avast"},
    {"avast web", "Avast"},
    {"avg web", "AVG"},
    {"bitdefender personal ca", "Bitdefender"},
    {"eset ssl filter", "ESET"},
    {"drweb", "Dr.Web"},
    {"blue coat", "Symantec Blue Coat"},
    {"bluecoat", "Symantec Blue Coat"},
    {"netskope", "Netskope"},
    {"cisco umbrella root", "Cisco Umbrella"},
    {"cisco umbrella secondary", "Cisco Umbrella"},
    {"do_not_trust_fiddlerroot", "Fiddler"},
    {"mitmproxy", "mitmproxy"},
    {"charles proxy", "Charles"},
    {"portswigger", "Burp Suite"},
}};

std::string lower(std::string text) {
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

const Product* find_product(const std::string& issuer) {
  const std::string name = lower(issuer);
  const auto found = std::find_if(kProducts.begin(), kProducts.end(), [&](const Product& product) {
    return name.find(product.mark) != std::string::npos;
  });
  return found == kProducts.end() ? nullptr : found;
}

}  // namespace

/// A name is only a name: hence likely. It is the network's doing, not the backend's.
std::optional<FindingReport> diagnose_interception_signs(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const std::string* issuer = nullptr;
  const Product* product = nullptr;
  for (const CertificateReport& certificate : leg.certificates) {
    if (!is_in_path(certificate)) continue;
    product = find_product(certificate.issuer);
    issuer = &certificate.issuer;
    if (product != nullptr) break;
  }
  if (product == nullptr) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.side = side::kNetwork;
  finding.severity = leg.chain->trusted ? severity::kInfo : severity::kWarning;
  finding.confidence = confidence::kLikely;
  finding.title = "The certificate was issued by a product that intercepts TLS (" +
                  std::string(product->name) + ")";
  finding.cause = "The issuer '" + *issuer + "' has the name of " + std::string(product->name) +
                  "'s own CA. Somebody between visavis and the backend ends the TLS and makes "
                  "another connection to it: versions, suites, certificates and their faults that "
                  "are seen here are that product's. Clients that were not given its CA refuse it, "
                  "and so do those that pin certificates or have a store of their own (Firefox, "
                  "Java, Node, Python).";
  finding.expected = "a certificate by the CA that the backend's owner chose";
  finding.presented = "'" + leg.certificates.front().subject + "' by '" + *issuer + "'";
  finding.remedy =
      "Compare with a run from a network without that product, and exempt the backend from "
      "inspection; or give the product's CA to the client's own store (Java: keytool -importcert; "
      "Firefox: security.enterprise_roots.enabled; Node: NODE_EXTRA_CA_CERTS).";
  finding.codes.firefox = "MOZILLA_PKIX_ERROR_MITM_DETECTED";
  finding.source = "RFC 8446 9.3";
  return finding;
}

}  // namespace visavis::inspect

#include <algorithm>

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// The order as sent, by position: "1, 3, 2" of the path's certificates, from the leaf up.
std::string path_order(const LegReport& leg) {
  constexpr std::size_t kMost = 8;
  std::vector<std::size_t> path{0};
  const auto is_next = [&](std::size_t at) {
    return std::find(path.begin(), path.end(), at) == path.end() &&
           is_in_path(leg.certificates[at]) &&
           leg.certificates[at].subject == leg.certificates[path.back()].issuer;
  };
  while (path.size() < kMost) {
    std::size_t next = 0;
    for (std::size_t at = 1; at < leg.certificates.size() && next == 0; ++at)
      if (is_next(at)) next = at;
    if (next == 0) break;
    path.push_back(next);
  }
  std::string text;
  for (const std::size_t at : path) text += (text.empty() ? "" : ", ") + std::to_string(at + 1);
  return text;
}

}  // namespace

/// Each certificate is to certify the one before it (TLS 1.2); TLS 1.3 asks clients to bear any
/// order, and all current ones do. Some of those that devices are made with do not.
std::optional<FindingReport> diagnose_wrong_order_chain(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const auto positions = path_with(leg, "out-of-order");
  if (positions.empty()) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kWarning;
  raise_if_refused(finding, side);
  if (finding.severity == severity::kError) {
    // To that client it is a chain that lacks a certificate.
    finding.confidence = confidence::kLikely;
    finding.codes.x509 = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    finding.codes.hresult = "0x800b010a";
  }
  finding.title = "The backend sends its certificates in the wrong order";
  finding.cause =
      "Each certificate should be followed by that of its issuer; from the backend's own upwards "
      "they were sent as number " +
      path_order(leg) + ". Out of place: " + list_certificates(leg, positions) +
      ". Browsers, OpenSSL, Java, .NET and GnuTLS sort them; clients that go through the list "
      "once, as those on Mbed TLS and other small libraries of devices, fail as if a certificate "
      "was missing." +
      leaf_is_fine(leg, positions);
  finding.expected = "each certificate followed by its issuer's";
  finding.presented = "a path over the certificates number " + path_order(leg);
  finding.remedy =
      "Write the file again: the backend's own certificate, its issuer's, that one's issuer's ... "
      "(nginx: the file of ssl_certificate; Apache: SSLCertificateFile; HAProxy: crt). IIS orders "
      "by itself; .NET on Linux before 2.1.10 and 2.2.4 reversed the intermediates: update it.";
  finding.source = "RFC 5246 7.4.2, RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect

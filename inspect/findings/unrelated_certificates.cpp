#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

std::vector<std::size_t> positions_with(const LegReport& leg, std::string_view word) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < leg.certificates.size(); ++i)
    if (has_word(leg.certificates[i], word)) positions.push_back(i);
  return positions;
}

}  // namespace

/// Clients ignore them; they are a hint at a chain that was put together by hand: of an old
/// certificate, of another site, or twice.
std::optional<FindingReport> diagnose_unrelated_certificates(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const auto foreign = positions_with(leg, "not-in-path");
  const auto twice = positions_with(leg, "duplicate");
  if (foreign.empty() && twice.empty()) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kInfo;
  finding.title = "The backend sends certificates that are not part of its chain";
  if (foreign.empty()) finding.title = "The backend sends a certificate twice";
  if (!foreign.empty())
    finding.cause = "No chain of signatures leads from the backend's own certificate to " +
                    list_certificates(leg, foreign) + ".";
  if (!twice.empty())
    finding.cause += std::string(foreign.empty() ? "" : " ") +
                     "Sent before already: " + list_certificates(leg, twice) + ".";
  finding.cause +=
      " Clients ignore what they do not need, up to their limits of length (Java takes chains of 8 "
      "or 10 certificates and messages of 32 KiB). Often the file is that of a former certificate, "
      "whose issuer was another one: then the right intermediate is missing.";
  finding.expected = "the backend's own certificate and its issuers', each once";
  finding.presented = count_of(foreign.size() + twice.size(), "certificate") + " of " +
                      std::to_string(leg.certificates.size()) + " that nobody needs";
  finding.remedy =
      "Put the file together again from the backend's own certificate and the CA's current "
      "intermediates (nginx: ssl_certificate; Apache: SSLCertificateFile; Java: the whole reply "
      "imported into the key's own entry).";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect

#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// Harmless, but it costs every client a kilobyte or so, and tells that whoever installed the
/// certificates expected the client to take its root from there.
std::optional<FindingReport> diagnose_root_included(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const auto positions = path_with(leg, "root-sent");
  if (positions.empty()) return std::nullopt;
  FindingReport finding = chain_finding(side);
  finding.severity = severity::kInfo;
  finding.title = "The backend sends its root certificate, which no client needs";
  finding.cause = capitalized(list_certificates(leg, positions)) +
                  " is a root. A client trusts its own copy or none; what is sent is ignored, and "
                  "makes each full handshake a kilobyte or so longer.";
  finding.expected = "a chain without the root";
  finding.presented = list_certificates(leg, positions);
  finding.remedy =
      "Take the root out of the backend's file (nginx: ssl_certificate; Apache: "
      "SSLCertificateFile). Windows leaves it out by itself unless SCHANNEL's SendTrustedRoot "
      "or the application adds it.";
  finding.source = "RFC 8446 4.4.2";
  return finding;
}

}  // namespace visavis::inspect

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "inspect/bundle/known_certificates.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// BundleFacts is what a bundle's texts say beside the sessions, which are redacted already.
struct BundleFacts {
  bool secrets = false;  ///< it holds what decrypts its capture
  bool addresses_masked = false;
  std::uint64_t sessions_left_out = 0;  ///< beyond what a bundle holds
  std::uint64_t capture_packets = 0;    ///< in capture.pcapng; 0: there is none
  std::uint64_t packets_left_out = 0;
  bool captures_given = false;  ///< 0 packets though there was a capture
  bool har = false;
  std::vector<std::string> problems{};  ///< of what the bundle was made from, a line each
};

/// bundle_readme returns README.txt: what happened, the verdicts and findings in plain words, then
/// what each file is and what was masked.
[[nodiscard]] std::string bundle_readme(const std::vector<SessionReport>& sessions,
                                        const BundleFacts& facts);

/// chain_verdicts returns chains.txt: what every leg's server sent, and what was judged of it.
[[nodiscard]] std::string chain_verdicts(const std::vector<SessionReport>& sessions,
                                         const KnownCertificates& certificates);

/// library_limits returns what of the sessions our TLS library could not repeat, for
/// environment.txt.
[[nodiscard]] std::string library_limits(const std::vector<SessionReport>& sessions);

/// LegInBundle is a leg with the name that its files have.
struct LegInBundle {
  std::string name;  ///< "SESSION-client_leg"
  std::string title;
  const LegReport* leg = nullptr;
};
[[nodiscard]] std::vector<LegInBundle> legs_in_bundle(const SessionReport& session);

/// certificate_file returns a leg's certificates in PEM, those that are known, each below words
/// about it; empty: none is known.
[[nodiscard]] std::string certificate_file(const LegReport& leg,
                                           const KnownCertificates& certificates);

}  // namespace visavis::inspect

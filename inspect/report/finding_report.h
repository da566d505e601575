#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visavis::inspect {

/// EvidenceReport points at one event of one leg.
struct EvidenceReport {
  std::string leg;  ///< client_leg, backend_leg, direct_leg
  std::optional<std::uint32_t>
      event;  ///< an `i` of that leg's events; absent when it is not an event
  std::string what;

  friend bool operator==(const EvidenceReport&, const EvidenceReport&) = default;
};

/// FindingCodes are the names other vocabularies give to the same cause. Absent ones are left out.
struct FindingCodes {
  std::optional<int> alert;            ///< TLS alert description
  std::optional<std::string> x509;     ///< X509_V_ERR_...
  std::optional<std::string> hresult;  ///< 0x........, Windows
  std::optional<int> schannel_event;   ///< System log, source Schannel
  std::optional<std::string> chrome;
  std::optional<std::string> firefox;
  std::optional<std::string> java;

  friend bool operator==(const FindingCodes&, const FindingCodes&) = default;
};

/// What a finding is about.
namespace finding_kind {
inline constexpr std::string_view kProxy = "proxy";            ///< our own doing or limit
inline constexpr std::string_view kConnection = "connection";  ///< what ends a connection
inline constexpr std::string_view kCertificate = "certificate";
/// Worth a line; by itself it ends no connection.
inline constexpr std::string_view kObservation = "observation";
}  // namespace finding_kind

/// The part a finding plays in its session.
namespace finding_role {
inline constexpr std::string_view kCause = "cause";  ///< it explains the failure, and stands first
inline constexpr std::string_view kObservation = "observation";
}  // namespace finding_role

/// FindingReport is one named cause with side, confidence, evidence and remedy.
struct FindingReport {
  std::string id;
  std::string kind;        ///< proxy, connection, certificate, observation
  std::string role;        ///< cause, observation
  std::string severity;    ///< error: a current default client fails; warning: some do; info
  std::string side;        ///< client, backend, both, proxy, network: who must change
  std::string confidence;  ///< proven, likely
  std::string title;
  std::string cause;
  std::string expected;
  std::string presented;
  std::string remedy;
  std::string judged_by;  ///< client-alert, backend-alert, proxy-check, twin
  std::vector<EvidenceReport> evidence;
  FindingCodes codes;
  std::string source;  ///< RFC section or the like
  /// Ids of the causes that look alike from here, likeliest first; only an experiment can tell them
  /// apart. Empty: the finding is the cause.
  std::vector<std::string> suspects;

  friend bool operator==(const FindingReport&, const FindingReport&) = default;
};

}  // namespace visavis::inspect

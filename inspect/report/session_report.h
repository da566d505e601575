#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/report/finding_report.h"
#include "inspect/report/leg_report.h"
#include "inspect/report/windows_reading.h"

namespace visavis::inspect {

/// VerdictReport: would it fail without us? Rules in compare/verdict.h.
struct VerdictReport {
  std::string verdict_class = "unknown";  ///< JSON "class"
  std::string proxied = "none";           ///< ok, failed, none
  std::string direct = "unknown";         ///< ok, failed, unknown
  std::string direct_known_by = "none";   ///< passthrough, twin, offer, none
  std::string headline;
  /// The proxy's own, out of its capture, which does not show all that it was made of.
  bool from_live = false;

  friend bool operator==(const VerdictReport&, const VerdictReport&) = default;
};

/// UnmirroredFeature is what our library could not repeat on a leg: our own limit, never a party's
/// fault.
struct UnmirroredFeature {
  std::string leg;
  std::string feature;
  std::string reason;

  friend bool operator==(const UnmirroredFeature&, const UnmirroredFeature&) = default;
};

/// TwinReport is what the direct twin showed: the client's own hello, sent to the backend.
struct TwinReport {
  std::string result;  ///< ok, failed, unknown: what it proves of the direct connection
  std::string why;     ///< one sentence
  bool cached =
      false;         ///< of an earlier session with a hello of the same shape; no direct leg then
  double age_s = 0;  ///< how long ago that was

  friend bool operator==(const TwinReport&, const TwinReport&) = default;
};

struct MirrorReport {
  std::string hello = "mirror";   ///< mirror, default; where no leg is ours: untouched
  std::string answer = "mirror";  ///< mirror, own; where no leg is ours: untouched
  std::vector<UnmirroredFeature> unmirrored;
  /// What is wrong with the backend's certificate and was repeated in ours: ids of findings.
  std::vector<std::string> faults{};

  friend bool operator==(const MirrorReport&, const MirrorReport&) = default;
};

/// ComparisonRow lays one aspect of both legs side by side.
struct ComparisonRow {
  std::string aspect;
  std::optional<std::string> client;   ///< client leg's value; absent: null
  std::optional<std::string> backend;  ///< backend leg's value
  std::string relation;                ///< same, differs, only-client, only-backend
  std::string origin;                  ///< mirrored, ours, peer

  friend bool operator==(const ComparisonRow&, const ComparisonRow&) = default;
};

/// HttpExchange is one request with its response, as observed in plaintext.
struct HttpExchange {
  std::string protocol;  ///< "http/1.1"
  std::string method;
  std::string target;  ///< query values masked unless asked for
  std::optional<int> status;
  std::uint64_t request_bytes = 0;   ///< body bytes
  std::uint64_t response_bytes = 0;  ///< body bytes
  std::optional<double> time_to_first_byte_ms;
  bool cut_short = false;  ///< the connection ended before the response's announced end
  /// Why there is no whole response though the backend did not fail (HTTP/2: the client cancelled
  /// ...); absent: no such reason was seen.
  std::optional<std::string> excused{};
  /// The response announced no end: it ended with the connection.
  bool until_close = false;
  /// Whom the request is for, as Host or :authority has it, port included; printable, cut after
  /// limits::kMaxListedHostBytes. Absent: it says nothing.
  std::optional<std::string> host{};
  std::optional<double> started_ms{};  ///< the request's first byte, since the session's start
  std::optional<double> send_ms{};     ///< from then to the last byte that was seen of it
  /// From the response's first byte to the last one that was seen of it.
  std::optional<double> receive_ms{};
  /// The final response's Content-Type; printable, cut after limits::kMaxListedHostBytes.
  std::optional<std::string> content_type{};

  friend bool operator==(const HttpExchange&, const HttpExchange&) = default;
};

/// SessionReport is all that is known of one session. Its JSON form is the contract (schema 1);
/// text is rendered from it and from nothing else, so that a saved session reads back letter for
/// letter.
struct SessionReport {
  std::string id;
  std::string started;  ///< RFC 3339, UTC
  double duration_ms = 0;
  std::string source = "live";                 ///< live, capture
  std::string mode = "terminate";              ///< terminate, passthrough, observed
  std::string client;                          ///< ip:port
  std::string listener;                        ///< ip:port
  std::string backend;                         ///< host:port
  std::optional<std::string> backend_address;  ///< ip:port
  std::optional<std::string> sni;
  VerdictReport verdict;
  std::optional<LegReport> client_leg;
  std::optional<LegReport> backend_leg;
  std::optional<LegReport> direct_leg;
  MirrorReport mirror;
  /// keep, none, 1/n-1, 0/n, max:N; where no leg is ours: untouched
  std::string split_policy = "keep";
  std::string split_segments = "keep";  ///< keep, one, two; where no leg is ours: untouched
  std::optional<TwinReport> twin;       ///< absent: none was to be tried
  /// What the client asked for by HTTP CONNECT, "host:port"; absent: it connected to us directly.
  std::optional<std::string> connect;
  /// Why a session of --mode auto was passed through; absent: it was not, or was told to be.
  std::optional<std::string> passed_through_because;
  std::vector<ComparisonRow> comparison;
  std::vector<FindingReport> findings;    ///< ranked: the one that explains the failure first
  std::optional<WindowsReading> windows;  ///< absent: the session did not fail
  std::vector<HttpExchange> http;
  /// The client sent HTTP/2's preface and no request after it, and the backend no SETTINGS.
  bool http2_preface_only = false;
  std::uint64_t client_to_backend_bytes = 0;  ///< relayed: plaintext; in passthrough TCP payload
  std::uint64_t backend_to_client_bytes = 0;
  /// Of this session, that the capture file lacks: the disk was full or too slow, or the file had
  /// reached the limit that was asked for.
  std::uint64_t packets_not_captured = 0;

  friend bool operator==(const SessionReport&, const SessionReport&) = default;
};

}  // namespace visavis::inspect

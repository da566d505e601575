#pragma once
#include <optional>
#include <string>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// RunReport is one run of the same client against the same backend: directly, or through the
/// proxy in one of its ways.
struct RunReport {
  std::string name;                         ///< "direct", "proxied", "proxied, split none" ...
  std::string mode;                         ///< passthrough, terminate
  std::optional<std::string> split_policy;  ///< absent where no leg was ours
  std::optional<int>
      exit_code;       ///< of the client's command; absent: none, or it did not end itself
  bool ok = false;     ///< set by complete_comparison
  std::string result;  ///< set by complete_comparison: "works", or how it fails
  std::optional<SessionReport> session;  ///< of several connections the one that tells most
  std::size_t sessions = 0;              ///< connections that the client made
  std::vector<std::string> output;       ///< first lines of what the client printed
  std::optional<std::string> problem;    ///< why there is less to see: not started, timed out ...

  friend bool operator==(const RunReport&, const RunReport&) = default;
};

/// DifferenceReport is an aspect in which the runs are not alike, with each run's value.
struct DifferenceReport {
  struct Value {
    std::string run;
    std::optional<std::string> value;

    friend bool operator==(const Value&, const Value&) = default;
  };
  std::string aspect;
  std::vector<Value> values;

  friend bool operator==(const DifferenceReport&, const DifferenceReport&) = default;
};

/// ConnectionReport is one connection that captures of both its ends show.
struct ConnectionReport {
  std::string client_end;                 ///< id of its session in the first file
  std::string server_end;                 ///< in the second
  std::string matched_by;                 ///< client-random; name-and-time, order: only likely
  std::optional<double> clock_offset_ms;  ///< how far the server end's clock is ahead
  VerdictReport verdict;
  std::vector<DifferenceReport> differences;
  std::vector<FindingReport> findings;

  friend bool operator==(const ConnectionReport&, const ConnectionReport&) = default;
};

/// UnmatchedReport is a session of one end's capture that the other end's does not show.
struct UnmatchedReport {
  std::string end;  ///< client end, server end
  std::string id;
  std::string client;   ///< ip:port
  std::string backend;  ///< host:port
  std::optional<std::string> sni;

  friend bool operator==(const UnmatchedReport&, const UnmatchedReport&) = default;
};

/// ComparisonReport is what `visavis compare` answers: the document of type "comparison".
struct ComparisonReport {
  std::string target;   ///< host:port; of saved sessions: their files
  std::string command;  ///< the client's, as given; empty: none
  std::vector<RunReport> runs;
  std::vector<DifferenceReport> differences;
  VerdictReport verdict;
  std::vector<FindingReport> findings;
  /// Of captures of both ends: every connection, that whose runs and findings stand above first.
  std::vector<ConnectionReport> connections{};
  std::vector<UnmatchedReport> unmatched{};

  friend bool operator==(const ComparisonReport&, const ComparisonReport&) = default;
};

}  // namespace visavis::inspect

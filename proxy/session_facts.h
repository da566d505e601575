#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate_reader.h"
#include "certs/chain_check.h"
#include "inspect/report/live_judgement.h"
#include "inspect/report/session_report.h"
#include "inspect/transcript/transcript.h"
#include "proxy/options.h"
#include "proxy/task.h"

namespace visavis::proxy {

class IssuerFetcher;
class SessionCapture;

enum class Side { own, peer };

/// address_text returns "ip:port" of a connected socket's own or its peer's end; empty when it is
/// gone.
std::string address_text(const Socket& socket, Side side);
/// host_of returns the address part of "ip:port", without brackets.
std::string host_of(const std::string& address);
/// rfc3339 returns the time in UTC with milliseconds: "2026-01-02T03:04:05.678Z".
std::string rfc3339(std::chrono::system_clock::time_point time);

/// next_session_id returns an id that no other session has, not even of another process: eight
/// random digits, then a count.
std::string next_session_id();

/// SessionPolicies is how a session was told to be: the options' names in the report.
struct SessionPolicies {
  std::string hello = "mirror";
  std::string answer = "mirror";
  std::string split = "keep";
  std::string split_segments = "keep";
};
SessionPolicies policies_of(const ProxyOptions& options);

/// SessionFacts is what a session knows when it ends. It owns all of it: the session is gone when
/// the report is made.
struct SessionFacts {
  std::optional<inspect::Transcript> client_leg;   ///< nothing: passed through
  std::optional<inspect::Transcript> backend_leg;  ///< nothing: never dialled
  std::optional<inspect::Transcript> direct_leg;   ///< the only leg, or the direct twin's
  std::optional<inspect::TwinReport> twin;         ///< what it showed, or an earlier one
  /// Why a session of --mode auto was passed through.
  std::optional<std::string> passed_through_because;
  std::vector<inspect::HttpExchange> http;
  bool http2_preface_only = false;  ///< SessionReport's
  std::chrono::system_clock::time_point started;
  double duration_ms = 0;
  std::string client;
  std::string listener;
  std::string backend;
  std::string backend_address;
  std::optional<std::string> connect;  ///< "host:port" that HTTP CONNECT named
  std::string checked_host;            ///< the name that the backend's chain is judged for
  std::vector<inspect::UnmirroredFeature> unmirrored;
  std::vector<std::string> repeated_faults;
  std::uint64_t client_to_backend_bytes = 0;
  std::uint64_t backend_to_client_bytes = 0;
  bool captured = false;                    ///< out of a capture
  bool observed = false;                    ///< in a capture of others: it passed through no proxy
  std::optional<SessionPolicies> policies;  ///< nothing: those of the options
  std::uint64_t packets_not_captured = 0;   ///< SessionReport's, out of a capture
  /// What the proxy said live, where the capture shows less than it saw.
  std::optional<inspect::LiveJudgement> live;
  std::string id;                           ///< empty: a new one
  std::shared_ptr<SessionCapture> capture;  ///< of --capture; null: none
  std::size_t issuer_fetches = 0;           ///< that its report has waited for
};

/// ReportServices is what making a report needs beside the facts.
struct ReportServices {
  const ProxyOptions& options;
  certs::ChainCheck& chain_check;
  certs::CertificateFactsCache& facts;
  IssuerFetcher* fetcher = nullptr;  ///< of --fetch-aia; null: issuers are looked for, not fetched
};

/// make_report turns a session's facts into its complete report.
inspect::SessionReport make_report(SessionFacts facts, ReportServices& services);

}  // namespace visavis::proxy

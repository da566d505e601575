#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/report/session_report.h"

// Parts of a HAR entry that are worked out from a session.
namespace visavis::inspect {

/// HarTimings are HAR's, in milliseconds; -1: does not apply to this request.
struct HarTimings {
  double connect = -1;  ///< TCP and TLS to the server, of a connection's first request
  double ssl = -1;      ///< of it, TLS
  double send = 0;
  double wait = 0;
  double receive = 0;

  /// total leaves out what does not apply, and counts `ssl` once.
  [[nodiscard]] double total() const;
};

/// har_server_leg is the leg of the session that its server is on: backend or direct; null: none.
const LegReport* har_server_leg(const SessionReport& session);

/// har_timings returns the timings of an exchange; only the first one of a session has waited for
/// its connection.
HarTimings har_timings(const SessionReport& session, std::size_t exchange);

/// har_url returns the request's URL. A target that is one already stays as it is; without a Host
/// it is of the server name that the client asked for, else of the backend.
std::string har_url(const SessionReport& session, const HttpExchange& exchange);

/// har_address returns the server's IP address without its port, nor brackets; empty: not known.
std::string har_address(const SessionReport& session);

/// har_http_version returns "HTTP/1.1" for "http/1.1".
std::string har_http_version(std::string_view protocol);

/// har_error says why there is no whole response; absent: there is one.
std::optional<std::string> har_error(const HttpExchange& exchange);

/// later returns an RFC 3339 time in UTC, with milliseconds, so many milliseconds after `time`;
/// what is no such time is returned as it is.
std::string later(const std::string& time, double milliseconds);

}  // namespace visavis::inspect

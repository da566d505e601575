#pragma once
#include <optional>

#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// AfterHandshake is how a connection ended whose handshakes all succeeded, seen from the backend's
/// leg (or the direct one): what the rules about data share.
struct AfterHandshake {
  LegSide side;
  const CloseReport* close = nullptr;  ///< the first one on that leg
  bool asked = false;                  ///< data went to the backend
  bool answered = false;               ///< data came back, or may have (TLS 1.3 passed through)
  const HttpExchange* unanswered = nullptr;  ///< the first request without a response
  const HttpExchange* cut = nullptr;         ///< the first response that ended too early
  bool earlier_answered = false;  ///< requests before the unanswered one had their responses

  /// open_request: a request went, and not one byte of its answer came.
  [[nodiscard]] bool open_request() const;
  [[nodiscard]] bool closed_by_backend(std::string_view how) const;
};

/// after_handshake returns nothing where a handshake failed, where either side broke off by an
/// alert, or where we were stopped.
std::optional<AfterHandshake> after_handshake(const SessionReport& session);

/// explained is true when a rule before has named what ended this connection: the endings only say
/// how it looked.
bool explained(const Findings& found);

/// stopped_mid_record is the event of the backend closing in the middle of a record; or null.
const EventReport* stopped_mid_record(const LegReport& leg, std::string_view sender);

/// closed_first is true when the backend had closed before the request reached it.
bool closed_first(const AfterHandshake& ending);

/// request_words names the request for a report: "GET /path"; without HTTP "the client's data".
std::string request_words(const AfterHandshake& ending);

/// add_request_evidence points at the last record of data that went to the backend.
void add_request_evidence(FindingReport& finding, const AfterHandshake& ending);

/// waited_ms is the time from the last record to the backend until the close. Of a leg whose list
/// of records is cut, nothing.
std::optional<std::int64_t> waited_ms(const AfterHandshake& ending);

}  // namespace visavis::inspect

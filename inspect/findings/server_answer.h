#pragma once
#include <string>

#include "inspect/findings/finding.h"

/// What rules ask about a server's answer to a ClientHello.
namespace visavis::inspect {

/// is_retry_request tells a HelloRetryRequest from a ServerHello, by its random. RFC 8446 4.1.3.
bool is_retry_request(const ServerHelloReport& hello);

/// version_offered tells whether the hello offers this very version.
bool version_offered(const ClientHelloReport& hello, const CodePoint& version);

/// count_messages counts the messages of this name and sender among the listed events.
std::size_t count_messages(const LegReport& leg, std::string_view message, std::string_view sender);

/// went_on is true when the leg's client, after it had the ServerHello, sent more than an alert:
/// then nothing in the ServerHello stopped it.
bool went_on(const LegSide& side);

/// ended_by is true when `party` closed the leg first, whichever way.
bool ended_by(const LegReport& leg, std::string_view party);

/// listed_contains looks a code point up by its number; without a list it is false.
bool listed_contains(const std::vector<CodePoint>& list, const CodePoint& point);
bool listed_contains(const std::optional<std::vector<CodePoint>>& list, const CodePoint& point);

/// speaks_for_client is true where the backend was asked what the client asks: on a direct leg, or
/// by a mirrored hello.
bool speaks_for_client(const SessionReport& session, const LegSide& side);

}  // namespace visavis::inspect

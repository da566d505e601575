#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/findings/finding.h"

/// What rules ask about the key exchange that suites stand for.
namespace visavis::inspect {

/// KeyExchange is how the two sides come to their keys, as a suite's name says it.
enum class KeyExchange : std::uint8_t {
  by_group,    ///< TLS 1.3: groups decide, not suites
  ecdhe,       ///< RFC 8422
  dhe,         ///< RFC 5246 8.1.2, with a prime of the server's choice
  static_rsa,  ///< RFC 5246 8.1.1: the client encrypts to the server's RSA key
  pre_shared,  ///< a key known beforehand, whatever is mixed in: RFC 4279, 5487, 5489, 8442
  anonymous,   ///< RFC 5246 A.5: DH or ECDH without a certificate
  other        ///< static DH and ECDH, SRP, Kerberos, and what we don't know
};
KeyExchange key_exchange(const CodePoint& suite);

/// only_key_exchange is the one that all offered suites have in common; none when they differ, or
/// when nothing is offered.
std::optional<KeyExchange> only_key_exchange(const ClientHelloReport& hello);

/// words_of names it as engineers do: "static RSA", "DHE", "pre-shared key (PSK)".
std::string_view words_of(KeyExchange exchange);

/// key_exchange_reason says, as a sentence, why a backend may have none of the offered suites where
/// their key exchange is the reason; empty where the offer has all usual ones.
std::string key_exchange_reason(const ClientHelloReport& hello);

/// found_only begins the finding about a backend that chose `exchange` though it was offered ECDHE
/// (passed_over_ecdhe): its evidence and all that does not depend on which one it is. A choice may
/// be a preference, so it is never proven. Nothing where the session does not show it.
std::optional<FindingReport> found_only(const SessionReport& session, KeyExchange exchange);

/// passed_over_ecdhe is true of a handshake that came about at TLS 1.2 or below although its hello
/// offers TLS 1.3 and, for a certificate of the same type and the version that was chosen, ECDHE
/// with the group and the schemes that every implementation has: the backend has nothing better
/// than what it chose, or prefers that. Not of a resumed one, whose suite was chosen earlier.
bool passed_over_ecdhe(const LegReport& leg);

}  // namespace visavis::inspect

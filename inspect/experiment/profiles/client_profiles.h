#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

/// ClientProfile is the first flight of a real client, as it was captured once. The data are
/// described in this folder's README. All text lives as long as the program.
struct ClientProfile {
  std::string_view id;      ///< "java_8u161"
  std::string_view name;    ///< "Java 8u161"
  std::string_view stack;   ///< its TLS library, "-" where not known
  std::string_view era;     ///< a year or several, "-" where not known
  std::string_view origin;  ///< where the bytes come from
  std::string_view split;   ///< what it does with TLS 1.0 CBC records: "1/n-1", "0/n", "none" ...
  std::string_view hello_hex;

  /// hello returns the captured bytes: whole records, headers included.
  [[nodiscard]] std::vector<std::uint8_t> hello() const;
};

/// client_profiles lists all profiles, in the order of the data: by client, oldest first.
const std::vector<ClientProfile>& client_profiles();

/// find_profile returns the profile with this id; nullptr when there is none.
const ClientProfile* find_profile(std::string_view id);

/// near_profiles returns at most `most` ids that are like what somebody typed, best first: those
/// that hold it, then those that a few changed letters make equal to it.
std::vector<std::string_view> near_profiles(std::string_view typed, std::size_t most);

/// adapt_hello makes a captured ClientHello fit for another connection: a fresh random, and where
/// the hello names a server, `server_name` instead; all length fields follow. Nothing else is
/// changed: its key shares stay those of the capture, so that a handshake can't be completed with
/// it. `server_name` may be empty, which leaves the name as it is; an IP address removes nothing
/// either, since none is sent as a name (RFC 6066 3). Nothing is returned when the hello can't be
/// parsed, or is longer than a record with the new name.
std::optional<std::vector<std::uint8_t>> adapt_hello(Bytes hello, std::string_view server_name,
                                                     Bytes random);

}  // namespace visavis::inspect

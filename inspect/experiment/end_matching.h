#pragma once
#include <cstddef>
#include <vector>

#include "inspect/findings/two_ends.h"

namespace visavis::inspect {

/// EndPair is a session of the client end's capture and one of the server end's, by their places.
struct EndPair {
  std::size_t client = 0;
  std::size_t server = 0;
  MatchedBy matched_by = MatchedBy::client_random;
};

/// EndMatches is which sessions of two captures are the two ends of one connection.
struct EndMatches {
  std::vector<EndPair> pairs;  ///< in the order of the client end's
  std::vector<std::size_t> client_only;
  std::vector<std::size_t> server_only;
};

/// match_ends matches by the client's random. What is left is matched by server name and time,
/// where one fits on either side and nothing for that name was matched by its random: a hello that
/// was not passed on as it was. Without `told` only sessions of captures, and their clocks must
/// agree; with it (somebody says that these are both ends) the clocks may be apart, and the order
/// tells where as many are left on both sides.
EndMatches match_ends(const std::vector<SessionReport>& client_end,
                      const std::vector<SessionReport>& server_end, bool told);

/// are_swapped is true when the answers to the hellos take longer at the second end than at the
/// first: then the first is the server's. No clock is needed for that.
bool are_swapped(const std::vector<SessionReport>& first, const std::vector<SessionReport>& second,
                 const EndMatches& matches);

}  // namespace visavis::inspect

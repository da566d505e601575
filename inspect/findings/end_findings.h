#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/findings/two_ends.h"

/// What a device between the two ends of a connection did to it: one file a cause.
namespace visavis::inspect {

/// PutIn is what the way's receiver got beyond what its sender sent, or in place of it.
struct PutIn {
  std::uint64_t first = 0;  ///< the first byte of it, from 0
  const AlertReport* alert =
      nullptr;  ///< what it is at the receiver's end; null: no alert in clear
};
std::optional<PutIn> find_put_in(const TwoEnds& ends, const Way& way);

/// MadeUpClose is a TCP end that the way's receiver got and its sender never sent, or only later.
struct MadeUpClose {
  Way way;
  const EventReport* received = nullptr;
  const EventReport* sent = nullptr;  ///< what the sender did send, later; null: nothing
};
std::vector<MadeUpClose> find_made_up_closes(const TwoEnds& ends);

/// network_finding begins a finding about what happened on the way.
FindingReport network_finding(const TwoEnds& ends, std::string_view id);
/// add_end_evidence points at an event of an end, or at none.
void add_end_evidence(FindingReport& finding, std::string_view end, const EventReport* event,
                      std::string what);

std::optional<FindingReport> diagnose_interception(const TwoEnds& ends);
std::optional<FindingReport> diagnose_made_up_alert(const TwoEnds& ends);
std::optional<FindingReport> diagnose_hello_altered(const TwoEnds& ends);
std::optional<FindingReport> diagnose_bytes_altered(const TwoEnds& ends);
std::optional<FindingReport> diagnose_bytes_lost(const TwoEnds& ends);
std::optional<FindingReport> diagnose_made_up_close(const TwoEnds& ends);
std::optional<FindingReport> diagnose_hello_resegmented(const TwoEnds& ends);

/// diagnose_two_ends returns what a device on the way did to the connection: complete findings, the
/// one that explains most first. Where the TLS was ended on the way, that is all there is to say.
std::vector<FindingReport> diagnose_two_ends(const TwoEnds& ends);

}  // namespace visavis::inspect

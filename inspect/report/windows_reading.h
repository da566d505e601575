#pragma once
#include <optional>
#include <string>
#include <vector>

namespace visavis::inspect {

/// PeerReading is what one party would log, were it Windows.
struct PeerReading {
  std::string party;                     ///< client, backend
  std::optional<int> event;              ///< System log, source Schannel
  std::string says;                      ///< the event's meaning, in our words, with its numbers
  std::optional<std::string> code;       ///< what its API returns: 0x........
  std::optional<std::string> code_name;  ///< SEC_E_..., CERT_E_...

  friend bool operator==(const PeerReading&, const PeerReading&) = default;
};

/// WindowsReading predicts what Windows would log of a failed session, and what the browsers and
/// Java would show: those who escalate search for these words. A prediction, never an observation.
struct WindowsReading {
  std::vector<PeerReading> peers;
  std::optional<std::string> chrome;
  std::optional<std::string> firefox;
  std::optional<std::string> java;

  friend bool operator==(const WindowsReading&, const WindowsReading&) = default;
};

}  // namespace visavis::inspect

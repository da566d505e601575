#pragma once
#include <optional>
#include <string>
#include <vector>

#include "proxy/deadline.h"

namespace visavis::proxy {

/// ClientRun is how a command ended, and what it said.
struct ClientRun {
  /// Why it could not be started, or that it was stopped: one line. Empty: it ended by itself.
  std::string problem;
  std::optional<int> exit_code;  ///< absent: it did not end by itself, or a signal ended it
  std::optional<int> signal;     ///< that ended it
  bool timed_out = false;
  bool interrupted = false;  ///< SIGINT or SIGTERM came for us meanwhile: it was ended with us
  std::string output;        ///< stdout and stderr as they came, the first kMaxOutputBytes

  /// Enough to see what a client complains of; what comes after is read and dropped.
  static constexpr std::size_t kMaxOutputBytes = 64U * 1024;
};

/// run_client runs a command (found by PATH) in a process group of its own, with nothing on its
/// standard input, and waits for its end, `limit` at most: then the group is killed. `environment`
/// holds NAME=VALUE words that go over those of this process. Never throws for what the command
/// does.
ClientRun run_client(const std::vector<std::string>& command,
                     const std::vector<std::string>& environment, Milliseconds limit);

}  // namespace visavis::proxy

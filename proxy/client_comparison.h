#pragma once
#include <string>
#include <vector>

#include "inspect/experiment/compare_plan.h"
#include "inspect/report/comparison_report.h"
#include "proxy/recorded_proxy.h"

namespace visavis::proxy {

/// ComparisonOptions is what `visavis compare` is told of the client.
struct ComparisonOptions {
  ProxyOptions proxy;                ///< with the backend; mode, hello and split are set per run
  std::vector<std::string> command;  ///< with placeholders, see client_words.h
  std::string name;                  ///< the server's name for the client; empty: the address
  std::filesystem::path ca_file;     ///< for {ca}
  std::filesystem::path folder;      ///< for files that clients need; exists
  Milliseconds limit{30'000};        ///< for each run of the command
};

/// compare_client runs the command once directly (through a listener that passes bytes on
/// untouched), once proxied, and in the further ways that these two make worth trying; then the
/// comparison is complete. `stopped` in a run's problem ends it early.
inspect::ComparisonReport compare_client(const ComparisonOptions& options,
                                         const SharedParts& parts);

}  // namespace visavis::proxy

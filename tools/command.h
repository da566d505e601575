#pragma once
#include <CLI/CLI.hpp>
#include <functional>

namespace visavis::tools {

/// Exit codes of every subcommand.
inline constexpr int kFine = 0;
inline constexpr int kFindingOfError = 1;
inline constexpr int kBadOptions = 2;  ///< options, configuration, any file named for start-up
inline constexpr int kCouldNotWork = 3;

/// Each subcommand adds itself to the program; `run` is set to what it does, and returns the exit
/// code.
using Run = std::function<int()>;
void add_proxy_command(CLI::App& program, Run& run);
void add_compare_command(CLI::App& program, Run& run);
void add_read_command(CLI::App& program, Run& run);
void add_report_command(CLI::App& program, Run& run);
void add_explain_command(CLI::App& program, Run& run);
void add_ca_command(CLI::App& program, Run& run);

}  // namespace visavis::tools

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>

#include "tools/command.h"

namespace {

/// One line: what and where. CLI11's own text says the option's name.
int refuse(const std::string& what) {
  std::cerr << "visavis: " << what << "\n";
  return visavis::tools::kBadOptions;
}

int run_program(int count, char** words) {
  CLI::App program{"visavis: both TLS handshakes of a connection, face to face", "visavis"};
  program.set_version_flag("--version", "visavis " VISAVIS_VERSION);
  program.set_config("--config", "", "read options from a TOML file");
  program.require_subcommand(1);
  bool verbose = false;
  program.add_flag("-v,--verbose", verbose, "more diagnostics on stderr");
  visavis::tools::Run run;
  visavis::tools::add_proxy_command(program, run);
  visavis::tools::add_ca_command(program, run);
  program.fallthrough();
  try {
    program.parse(count, words);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help, --version
  } catch (const CLI::ParseError& error) {
    return refuse(error.what());
  }
  if (verbose) spdlog::set_level(spdlog::level::debug);
  return run();
}

}  // namespace

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  spdlog::set_default_logger(spdlog::stderr_color_mt("visavis"));
  spdlog::set_pattern("visavis: %l: %v");
  try {
    return run_program(count, words);
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

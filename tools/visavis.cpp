#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "tools/command.h"

namespace {

/// One line: what and where. CLI11's own text says the option's name.
int refuse(const std::string& what) {
  std::cerr << "visavis: " << what << "\n";
  return visavis::tools::kBadOptions;
}

/// CLI11 asks for a subcommand without a word on what stands where it should.
std::optional<std::string> missing_subcommand(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  const auto known = command->get_subcommands([](const CLI::App*) { return true; });
  if (known.empty()) return std::nullopt;
  std::string names;
  for (const CLI::App* each : known) names += (names.empty() ? "" : ", ") + each->get_name();
  const std::vector<std::string> words = program.remaining(true);
  const std::string what = words.empty()             ? "a subcommand is missing"
                           : words.front()[0] == '-' ? words.front() + " is not known here"
                                                     : "no subcommand '" + words.front() + "'";
  return what + "; " + command->get_name() + " has: " + names;
}

int run_program(int count, char** words) {
  CLI::App program{"visavis: both TLS handshakes of a connection, face to face", "visavis"};
  program.set_version_flag("--version", "visavis " VISAVIS_VERSION);
  program.set_config("--config", "", "read options from a TOML file, [proxy] for those of proxy");
  program.require_subcommand(1);
  program.allow_config_extras(CLI::config_extras_mode::error);
  program.fallthrough();  // both inherited: --config and -v may stand behind the subcommand too
  bool verbose = false;
  program.add_flag("-v,--verbose", verbose, "more diagnostics on stderr");
  visavis::tools::Run run;
  visavis::tools::add_proxy_command(program, run);
  visavis::tools::add_compare_command(program, run);
  visavis::tools::add_read_command(program, run);
  visavis::tools::add_report_command(program, run);
  visavis::tools::add_explain_command(program, run);
  visavis::tools::add_ca_command(program, run);
  try {
    program.parse(count, words);
  } catch (const CLI::Success& asked) {
    return program.exit(asked);  // --help, --version
  } catch (const CLI::ConfigError& error) {
    constexpr std::string_view unknown = "INI was not able to parse ";
    std::string what = error.what();
    if (what.starts_with(unknown)) what = "no such option: " + what.substr(unknown.size());
    return refuse("--config: " + what);
  } catch (const CLI::RequiredError& error) {
    return refuse(missing_subcommand(program).value_or(error.what()));
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

#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "inspect/report/session_filter.h"
#include "tools/proxy_words.h"

namespace visavis::tools {

/// ChoiceWords is what a command that reads captures is told of which sessions it is about.
struct ChoiceWords {
  std::vector<std::string> filters;
  std::vector<std::string> sessions;
};

/// add_choice adds --filter and --session.
void add_choice(CLI::App& command, ChoiceWords& words);
/// filter_of throws std::runtime_error, one line that begins with the option's name, for a
/// condition that is none.
[[nodiscard]] inspect::SessionFilter filter_of(const ChoiceWords& words);

/// add_trust_options adds --trust, --crl and --intermediates.
void add_trust_options(CLI::App& command, ProxyWords& words);

}  // namespace visavis::tools

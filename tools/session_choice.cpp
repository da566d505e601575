#include "tools/session_choice.h"

#include <stdexcept>

namespace visavis::tools {
namespace {

void add(inspect::SessionFilter& filter, const std::string& option, const std::string& condition) {
  try {
    filter.add(condition);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(option + ": " + error.what());
  }
}

}  // namespace

void add_choice(CLI::App& command, ChoiceWords& words) {
  command.add_option("--filter", words.filters, "only the sessions for which this holds")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--session", words.sessions, "only the session with this id (tcp-7)")
      ->type_name("ID")
      ->allow_extra_args(false);
}

inspect::SessionFilter filter_of(const ChoiceWords& words) {
  inspect::SessionFilter filter;
  for (const std::string& condition : words.filters) add(filter, "--filter", condition);
  for (const std::string& id : words.sessions) add(filter, "--session", "id=" + id);
  return filter;
}

void add_trust_options(CLI::App& command, ProxyWords& words) {
  command
      .add_option("--trust", words.trust, "more trusted certificates; with NAME=, a store beside")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false);
  command.add_option("--crl", words.crls, "certificates that their CA has revoked: PEM or DER")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--intermediates", words.intermediates,
                  "where to look for issuers that a backend does not send")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

}  // namespace visavis::tools

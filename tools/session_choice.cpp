#include "tools/session_choice.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "inspect/findings/catalogue.h"

namespace visavis::tools {
namespace {

void add(inspect::SessionFilter& filter, const std::string& option, const std::string& condition) {
  try {
    filter.add(condition);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(option + ": " + error.what());
  }
}

void refuse(const std::string& key, const std::string& value, const std::string& what) {
  throw std::runtime_error("--filter: " + key + "=" + value + ": " + what);
}

/// A value that no session can have would look as if there were none such in the capture.
void check_value(const std::string& key, const std::string& value) {
  if (key == "port") {
    const bool digits = value.size() <= 5 && value.find_first_not_of("0123456789") == value.npos;
    if (!digits || std::stoul(value) > 65535 || std::to_string(std::stoul(value)) != value)
      refuse(key, value, "no port: 0 to 65535");
  } else if (key == "verdict") {
    constexpr std::array<std::string_view, 6> kClasses{
        "healthy", "fails-direct", "proxy-introduces", "proxy-masks", "fails-both", "unknown"};
    if (std::find(kClasses.begin(), kClasses.end(), value) == kClasses.end())
      refuse(key, value,
             "no verdict; there are healthy, fails-direct, proxy-introduces, proxy-masks, "
             "fails-both, unknown");
  } else if (key == "finding" && inspect::explain_finding(value) == nullptr) {
    const auto near = inspect::near_findings(value, 1);
    refuse(key, value,
           near.empty() ? "no finding; `visavis explain` lists them"
                        : "no finding; did you mean " + std::string(near.front()));
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
  for (const std::string& condition : words.filters) {
    add(filter, "--filter", condition);
    const std::size_t equals = condition.find('=');
    std::string value = condition.substr(equals + 1);
    for (char& letter : value)
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    check_value(condition.substr(0, equals), value);
  }
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

#include "inspect/findings/server_name.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

constexpr std::string_view kDigits = "0123456789";

bool only(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

bool ends_in_port(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon != std::string_view::npos && colon + 1 < name.size() &&
         only(name.substr(colon + 1), kDigits);
}

bool is_letter_of_host(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.';
}

}  // namespace

bool is_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return true;
  const auto count = [host](char letter) { return std::count(host.begin(), host.end(), letter); };
  if (count('.') == 3 && only(host, "0123456789.")) return true;
  return count(':') >= 2 && only(host, "0123456789abcdefABCDEF:.%");
}

std::string shown_name(const std::string& name) {
  constexpr std::size_t kMost = 80;
  return name.size() <= kMost ? name : name.substr(0, kMost) + "...";
}

std::string compared_name(std::string_view name) {
  if (ends_in_port(name)) name = name.substr(0, name.rfind(':'));
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string text(name);
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

std::string name_problem(std::string_view name) {
  constexpr std::size_t kLongest = 253;  // RFC 1035 2.3.4, without the root's dot
  if (name.empty()) return "is empty";
  if (is_address(name)) return "is an IP address";
  if (ends_in_port(name)) return "has a port behind it";
  if (name.ends_with('.')) return "ends in a dot";
  if (name.find('_') != std::string_view::npos) return "has an underscore";
  if (!std::all_of(name.begin(), name.end(), is_letter_of_host))
    return "has letters that a host name can't have";
  if (name.size() > kLongest) return "is longer than a host name can be";
  if (name.starts_with('.') || name.find("..") != std::string_view::npos)
    return "has an empty label";
  return {};
}

}  // namespace visavis::inspect

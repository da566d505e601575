#include "inspect/bundle/client_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

namespace visavis::inspect {
namespace {

constexpr std::array<std::string_view, 8> kPersonal{"CN", "emailAddress", "UID",  "SN",
                                                    "GN", "serialNumber", "mail", "name"};

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char small = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// RFC 2253 2.4: a backslash before a special character, or before two hexadecimal digits.
std::string unescaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out += value[i];
    } else if (i + 2 < value.size() && digit(value[i + 1]) >= 0 && digit(value[i + 2]) >= 0) {
      out += static_cast<char>(digit(value[i + 1]) * 16 + digit(value[i + 2]));
      i += 2;
    } else {
      out += value[++i];
    }
  }
  return out;
}

/// Where the attribute that begins at `at` ends: at a comma or plus sign that is not escaped.
std::size_t attribute_end(std::string_view name, std::size_t at) {
  for (; at < name.size(); ++at) {
    if (name[at] == '\\')
      ++at;
    else if (name[at] == ',' || name[at] == '+')
      return at;
  }
  return name.size();
}

void for_each_attribute(std::string_view name,
                        const std::function<void(std::string_view type, std::string_view value,
                                                 std::string_view separator)>& take) {
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = attribute_end(name, at);
    const std::string_view attribute = name.substr(at, end - at);
    const std::size_t equals = attribute.find('=');
    const std::size_t value = equals == std::string_view::npos ? 0 : equals + 1;
    take(attribute.substr(0, value), attribute.substr(value), name.substr(end, 1));
    at = end + 1;
  }
}

}  // namespace

std::string mask_name(std::string_view name, const Mask& mask) {
  std::string out;
  for_each_attribute(
      name, [&](std::string_view type, std::string_view value, std::string_view separator) {
        out.append(type).append(mask.text(unescaped(value))).append(separator);
      });
  return out;
}

std::string mask_general_name(std::string_view name, const Mask& mask) {
  const std::size_t value = std::min(name.find(':'), name.size() - 1) + 1;
  if (name.empty()) return {};
  if (name.starts_with("othername:")) return std::string(name);  // the type is all that is told
  if (name.starts_with("DirName:"))
    return std::string(name.substr(0, value)) + mask_name(name.substr(value), mask);
  return std::string(name.substr(0, value)) + mask.text(unescaped(name.substr(value)));
}

std::vector<std::string> personal_values(std::string_view name) {
  std::vector<std::string> values;
  for_each_attribute(name, [&](std::string_view type, std::string_view value, std::string_view) {
    if (!type.empty()) type.remove_suffix(1);
    if (std::find(kPersonal.begin(), kPersonal.end(), type) != kPersonal.end())
      values.emplace_back(value);
  });
  return values;
}

}  // namespace visavis::inspect

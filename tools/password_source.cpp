#include "tools/password_source.h"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "certs/whole_file.h"

namespace visavis::tools {

std::string password_from(const std::string& source) {
  const std::size_t colon = source.find(':');
  const std::string_view kind = std::string_view(source).substr(0, colon);
  const std::string value = colon == std::string::npos ? "" : source.substr(colon + 1);
  if (kind == "pass" && colon != std::string::npos) return value;
  if (kind == "env" && !value.empty()) {
    if (const char* text = std::getenv(value.c_str())) return text;
    throw std::runtime_error("env:" + value + ": no such variable is set");
  }
  if (kind == "file" && !value.empty()) {
    const std::string text = certs::read_whole_file(value);
    return text.substr(0, text.find_first_of("\r\n"));
  }
  // The word itself is not repeated: it may be a password.
  throw std::runtime_error("a source is wanted: pass:TEXT, env:NAME or file:PATH");
}

}  // namespace visavis::tools

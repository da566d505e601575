#pragma once
#include <string>

namespace visavis::tools {

/// password_from reads a password from a source as OpenSSL's commands have it: "pass:TEXT",
/// "env:NAME" or "file:PATH" (the first line). Throws std::runtime_error, one line that never has
/// the password in it: no such source, a variable that is not set, a file that can't be read.
[[nodiscard]] std::string password_from(const std::string& source);

}  // namespace visavis::tools

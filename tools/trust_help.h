#pragma once
#include <string>

namespace visavis::tools {

/// trust_help says how curl, Java, Windows and Firefox are made to trust our CA, a line each.
std::string trust_help(const std::string& ca_file);

}  // namespace visavis::tools

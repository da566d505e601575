#include "certs/openssl_error.h"

#include <openssl/err.h>

#include <array>

namespace visavis::certs {
namespace {

std::string reason_text(unsigned long code) {
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  std::array<char, 160> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

}  // namespace

std::vector<OpensslError> drain_openssl_errors() {
  std::vector<OpensslError> errors;
  while (const unsigned long code = ERR_get_error()) errors.push_back({code, reason_text(code)});
  return errors;
}

std::string describe_openssl_errors() {
  std::string line;
  for (const OpensslError& error : drain_openssl_errors()) {
    if (!line.empty()) line += "; ";
    line += error.reason;
  }
  return line.empty() ? "no reason given" : line;
}

ErrorMark::ErrorMark() noexcept { ERR_set_mark(); }
ErrorMark::~ErrorMark() { ERR_pop_to_mark(); }

}  // namespace visavis::certs

#pragma once
#include <span>
#include <string_view>

namespace visavis::certs {

/// VerifyCode is one of OpenSSL's path validation results, with its name and what Windows calls the
/// same.
struct VerifyCode {
  int number = 0;
  std::string_view name;     ///< "X509_V_ERR_CERT_HAS_EXPIRED"
  std::string_view hresult;  ///< "0x800b0101"; empty when Windows has no such code
};

/// verify_codes returns all codes of OpenSSL 3.0, by number.
[[nodiscard]] std::span<const VerifyCode> verify_codes();

/// verify_code returns the entry of a number; one that is not known stays itself: the name is then
/// "X509_V_ERR_UNSPECIFIED", and the number is the one given.
[[nodiscard]] VerifyCode verify_code(int number);

/// verify_code_number returns the number of a name ("X509_V_ERR_CERT_HAS_EXPIRED"), or that of
/// X509_V_ERR_UNSPECIFIED.
[[nodiscard]] int verify_code_number(std::string_view name);

}  // namespace visavis::certs

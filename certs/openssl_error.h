#pragma once
#include <string>
#include <vector>

namespace visavis::certs {

/// OpensslError is one entry of OpenSSL's error queue. `code` is the packed number (ERR_GET_REASON
/// reads it); decisions are made by it. `reason` is for the reader only.
struct OpensslError {
  unsigned long code = 0;
  std::string reason;

  friend bool operator==(const OpensslError&, const OpensslError&) = default;
};

/// drain_openssl_errors returns this thread's error queue, oldest first, and leaves it empty.
[[nodiscard]] std::vector<OpensslError> drain_openssl_errors();

/// describe_openssl_errors drains the queue into one line, "reason; reason", or "no reason given"
/// when the queue is empty.
[[nodiscard]] std::string describe_openssl_errors();

/// ErrorMark keeps failures that are expected here (hostile DER) out of the thread's error queue:
/// what is added while it lives is removed when it goes, and what was there before stays.
/// SSL_get_error reads that queue, so a stray entry would turn the next TLS call of this thread
/// into a failure.
class ErrorMark {
 public:
  ErrorMark() noexcept;
  ~ErrorMark();
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

}  // namespace visavis::certs

#pragma once
#include <openssl/err.h>

namespace visavis::inspect {

/// ErrorMark takes back what its scope adds to OpenSSL's error queue: that a record does not open
/// is an answer, and must not stand there as the reason of somebody else's failure.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

}  // namespace visavis::inspect

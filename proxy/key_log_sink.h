#pragma once
#include <string_view>

namespace visavis::proxy {

/// KeyLogSink is given a connection's secrets, each as a line of an NSS key log.
class KeyLogSink {
 public:
  virtual ~KeyLogSink() = default;
  virtual void secret(std::string_view line) = 0;
};

}  // namespace visavis::proxy

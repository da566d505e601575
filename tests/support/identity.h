#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/test_certificates.h"

namespace visavis::testing {

/// Identity is a client's certificate, issued by a CA of its own: the files.
struct Identity {
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path issuer;

  /// curl's options to show it.
  [[nodiscard]] std::vector<std::string> for_curl() const;
  /// visavis' options to show it to the backend.
  [[nodiscard]] std::vector<std::string> for_proxy() const;
};

/// make_identity makes "CN=NAME", issued by "CN=NAME CA".
[[nodiscard]] Identity make_identity(const TemporaryDirectory& folder, const std::string& name);

}  // namespace visavis::testing

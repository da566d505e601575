#pragma once
#include <memory>
#include <string>
#include <vector>

#include "certs/demo_chain.h"
#include "proxy/backend_address.h"

namespace visavis::proxy {

/// DemoFault is what is wrong with a demonstration backend.
enum class DemoFault {
  tls10_only,           ///< TLS 1.0 and nothing newer: the IIS article's scenario 5
  intermediate_unsent,  ///< TLS 1.2 and 1.3, its chain without the intermediate: scenario 2
  first_record_only,    ///< TLS 1.0; takes the first record for the whole request: scenario 6
};

/// DemoBackend is an embedded HTTPS server with a fault, on a loopback port that the system
/// chooses, so that a first run shows a real report. It answers any request with one line of text.
/// For demonstration only: one thread, one connection at a time.
class DemoBackend {
 public:
  /// Throws std::runtime_error when it can't listen.
  DemoBackend(std::string name, DemoFault fault);
  ~DemoBackend();
  DemoBackend(const DemoBackend&) = delete;
  DemoBackend& operator=(const DemoBackend&) = delete;

  [[nodiscard]] Route route() const;
  /// root is the demonstration root, which the proxy trusts for this run.
  [[nodiscard]] x509_st* root() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// make_demo_backends returns legacy.demo (tls10_only), incomplete.demo (intermediate_unsent) and
/// split.demo (first_record_only).
std::vector<std::unique_ptr<DemoBackend>> make_demo_backends();

}  // namespace visavis::proxy

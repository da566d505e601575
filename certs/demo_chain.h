#pragma once
#include <string>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// DemoChain is a small certificate hierarchy made in memory for a demonstration backend: root,
/// intermediate and a leaf for one DNS name, ECDSA P-256, valid for 30 days around now. It is never
/// written down, and nothing but the demonstration trusts it.
struct DemoChain {
  X509Ptr root;
  X509Ptr intermediate;
  X509Ptr leaf;
  PkeyPtr leaf_key;
};

/// make_demo_chain throws std::runtime_error when OpenSSL fails.
[[nodiscard]] DemoChain make_demo_chain(const std::string& dns_name);

}  // namespace visavis::certs

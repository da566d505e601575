#include "certs/leaf_covers.h"

#include <openssl/x509v3.h>

#include "certs/host_name.h"
#include "certs/openssl_error.h"

namespace visavis::certs {

bool leaf_covers(const Leaf& leaf, std::string_view host) {
  const ErrorMark mark;
  const std::string name = normal_host(host);
  if (const auto address = ip_address_bytes(name); !address.empty())
    return X509_check_ip(leaf.certificate.get(), address.data(), address.size(), 0) == 1;
  // OpenSSL takes a leading dot for "any subdomain", and reads a NUL in its own way.
  return is_dns_name(name) && X509_check_host(leaf.certificate.get(), name.data(), name.size(),
                                              X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

}  // namespace visavis::certs

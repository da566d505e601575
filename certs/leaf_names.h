#pragma once
#include <string_view>

#include "certs/openssl_handles.h"

namespace visavis::certs {

/// LeafNames is whom a leaf names: its subject, and its subjectAltName, which is never empty.
struct LeafNames {
  X509NamePtr subject;
  GeneralNamesPtr alt_names;
};

/// leaf_names returns the names of a leaf that stands for the backend. Subject: the backend's
/// (unless the CA has the same, or it is out of all proportion), else CN=server name or address,
/// else O=visavis, as when the CN would be longer than X.520 allows. Alternative names: the
/// backend's DNS names and addresses, without these its CN, then server name and address; each
/// valid one once. `backend` may be null; `server_name` and `address` come from the client and may
/// be anything. Throws std::runtime_error when OpenSSL fails.
[[nodiscard]] LeafNames leaf_names(const x509_st* backend, const X509_name_st& authority,
                                   std::string_view server_name, std::string_view address);

}  // namespace visavis::certs

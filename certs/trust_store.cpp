#include "certs/trust_store.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "certs/key_pair.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

constexpr std::string_view kMainName = "system";

X509StorePtr make_store() {
  X509StorePtr store(X509_STORE_new());
  if (!store) throw std::runtime_error("cannot make a trust store: " + describe_openssl_errors());
  return store;
}

void add(X509_STORE* store, X509* certificate) {
  if (X509_STORE_add_cert(store, certificate) != 1)  // one that is there already is no error
    throw std::runtime_error("cannot add to a trust store: " + describe_openssl_errors());
}

}  // namespace

TrustStores::TrustStores(SystemStore system) {
  stores_.push_back({std::string(kMainName), make_store()});
  if (system == SystemStore::skip) return;
  const ErrorMark mark;  // a machine without roots is no error: its verdicts will say so
  X509_STORE_set_default_paths(stores_.front().store.get());
}

void TrustStores::add_file(const std::filesystem::path& file) {
  for (const X509Ptr& certificate : load_certificates(file)) add_certificate(certificate.get());
}

void TrustStores::add_named(std::string_view name, const std::filesystem::path& file) {
  if (name.empty() || name == kMainName)
    throw std::runtime_error("\"" + std::string(name) + "\" cannot name a trust store of its own");
  const std::vector<X509Ptr> certificates = load_certificates(file);
  auto found = std::find_if(stores_.begin(), stores_.end(),
                            [&](const TrustStore& store) { return store.name == name; });
  if (found == stores_.end())
    found = stores_.insert(stores_.end(), {std::string(name), make_store()});
  for (const X509Ptr& certificate : certificates) add(found->store.get(), certificate.get());
}

void TrustStores::add_certificate(x509_st* certificate) {
  add(stores_.front().store.get(), certificate);
}

std::string trusted_pem(const TrustStore& store) {
  std::string pem;
  STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store.store.get());
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i)
    if (const X509* certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)))
      pem += certificate_pem(*certificate);
  return pem;
}

std::string system_bundle_pem() {
  const char* const named = std::getenv("SSL_CERT_FILE");
  // Debian and Alpine; Fedora and Red Hat; SUSE; BSD.
  for (const char* file :
       {named, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (file == nullptr) continue;
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace visavis::certs

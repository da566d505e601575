#include "certs/path_validation.h"

#include <openssl/safestack.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "certs/host_name.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

void require(bool ok) {
  if (!ok) throw std::runtime_error("cannot check a chain: " + describe_openssl_errors());
}

void object(PathValidation& validation, int depth, int code, X509* certificate) {
  const auto same = [&](const Objection& known) {
    return known.depth == depth && known.code == code;
  };
  if (std::none_of(validation.objections.begin(), validation.objections.end(), same))
    validation.objections.push_back({depth, code, share(certificate)});
}

// OpenSSL asks after each check; the answer is always to go on, so every problem is heard.
int collect(int ok, X509_STORE_CTX* context) {
  auto* validation = static_cast<PathValidation*>(X509_STORE_CTX_get_app_data(context));
  if (ok == 0)
    object(*validation, X509_STORE_CTX_get_error_depth(context), X509_STORE_CTX_get_error(context),
           X509_STORE_CTX_get_current_cert(context));
  return 1;
}

X509StackPtr stack_of(const std::vector<X509Ptr>& certificates) {
  X509StackPtr stack(sk_X509_new_null());
  require(stack != nullptr);
  for (const X509Ptr& certificate : certificates)
    require(X509_add_cert(stack.get(), certificate.get(), X509_ADD_FLAG_UP_REF) == 1);
  return stack;
}

// A server name comes from a client and may be anything. OpenSSL refuses a NUL and takes a leading
// dot for "any subdomain"; what is no DNS name must simply match nothing.
const char* name_to_match(const std::string& host) {
  return is_dns_name(host) ? host.c_str() : "not-a-name.invalid";
}

void set_parameters(X509_STORE_CTX* context, const std::string& host, std::int64_t now_s) {
  require(X509_STORE_CTX_set_default(context, "ssl_server") == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  X509_VERIFY_PARAM_set_time(parameters, now_s);
  if (host.empty()) return;
  // RFC 6125 7.2: no client of today takes "f*.example" for "foo.example".
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (const auto address = ip_address_bytes(host); !address.empty())
    require(X509_VERIFY_PARAM_set1_ip(parameters, address.data(), address.size()) == 1);
  else
    require(X509_VERIFY_PARAM_set1_host(parameters, name_to_match(host), 0) == 1);
}

// OpenSSL does not look at the dates of a path's last certificate when that one's issuer is
// missing.
void object_to_dates(PathValidation& validation, std::time_t now_s) {
  for (std::size_t depth = 0; depth < validation.path.size(); ++depth) {
    X509* certificate = validation.path[depth].get();
    const int at = static_cast<int>(depth);
    if (X509_cmp_time(X509_get0_notBefore(certificate), &now_s) > 0)
      object(validation, at, X509_V_ERR_CERT_NOT_YET_VALID, certificate);
    if (X509_cmp_time(X509_get0_notAfter(certificate), &now_s) < 0)
      object(validation, at, X509_V_ERR_CERT_HAS_EXPIRED, certificate);
  }
}

}  // namespace

PathValidation validate_path(x509_store_st& store, const std::vector<X509Ptr>& sent,
                             const std::string& host, std::int64_t now_s) {
  const ErrorMark mark;
  PathValidation validation;
  const X509StackPtr untrusted = stack_of(sent);
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  require(context &&
          X509_STORE_CTX_init(context.get(), &store, sent.front().get(), untrusted.get()) == 1);
  set_parameters(context.get(), host, now_s);
  require(X509_STORE_CTX_set_app_data(context.get(), &validation) == 1);
  X509_STORE_CTX_set_verify_cb(context.get(), collect);
  const int result = X509_verify_cert(context.get());
  if (result != 1 && validation.objections.empty())
    object(validation, 0, X509_STORE_CTX_get_error(context.get()), sent.front().get());
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(path); ++i)
    validation.path.push_back(share(sk_X509_value(path, i)));
  object_to_dates(validation, now_s);
  validation.trusted = result == 1 && validation.objections.empty();
  return validation;
}

}  // namespace visavis::certs

#include "proxy/certificate_request.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string>

#include "proxy/openssl_names.h"

namespace visavis::proxy {
namespace {

/// Names that OpenSSL can't read are left out; SSL_set0_CA_list takes the stack.
void set_issuers(SSL* ssl, const inspect::CertificateRequest& request) {
  if (request.authorities.empty()) return;
  STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
  for (const auto& der : request.authorities) {
    const std::uint8_t* cursor = der.data();
    X509_NAME* name = d2i_X509_NAME(nullptr, &cursor, static_cast<long>(der.size()));
    if (name != nullptr && sk_X509_NAME_push(names, name) == 0) X509_NAME_free(name);
  }
  SSL_set0_CA_list(ssl, names);
}

/// Up to TLS 1.2 OpenSSL refuses a client's ECDSA certificate whose curve is not among its groups,
/// of which an answer that is mirrored has one only. That one stays first. RFC 8422 5.1.
void allow_curves(SSL* ssl, const AnswerShape& answer) {
  if (answer.version == 0 || answer.version >= TLS1_3_VERSION) return;
  std::vector<std::uint16_t> groups{answer.group};
  constexpr std::uint16_t kNistCurves[] = {23, 24, 25};  // secp256r1, secp384r1, secp521r1
  for (const std::uint16_t curve : kNistCurves)
    if (curve != answer.group) groups.push_back(curve);
  std::string list = openssl_groups(groups);
  SSL_ctrl(ssl, SSL_CTRL_SET_GROUPS_LIST, 0, list.data());
}

}  // namespace

void ask_for_certificate(SSL* ssl, const inspect::CertificateRequest& request,
                         const AnswerShape& answer) {
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  set_issuers(ssl, request);
  allow_curves(ssl, answer);
  // What SSL_set1_client_sigalgs_list and SSL_set1_client_certificate_types do, without their C
  // casts.
  if (request.sig_algs) {
    std::vector<std::uint16_t> numbers;
    for (const inspect::SignatureScheme scheme : *request.sig_algs) numbers.push_back(scheme.value);
    std::string schemes = openssl_signature_schemes(numbers);
    if (!schemes.empty()) SSL_ctrl(ssl, SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, schemes.data());
  }
  if (!request.types.empty()) {
    std::vector<std::uint8_t> types;
    for (const inspect::ClientCertificateType type : request.types) types.push_back(type.value);
    SSL_ctrl(ssl, SSL_CTRL_SET_CLIENT_CERT_TYPES, static_cast<long>(types.size()), types.data());
  }
  ERR_clear_error();
}

}  // namespace visavis::proxy

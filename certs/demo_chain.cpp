#include "certs/demo_chain.h"

#include <openssl/obj_mac.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "certs/certificate_parts.h"
#include "certs/key_pair.h"
#include "certs/leaf_minter.h"

namespace visavis::certs {
namespace {

struct Issuer {
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
};

/// An empty issuer makes a self-signed certificate.
X509Ptr make_certificate(const std::string& common_name, EVP_PKEY& key, Issuer issuer, bool ca,
                         const std::string& dns_name) {
  const std::int64_t now = system_unix_clock();
  X509Ptr certificate = make_blank_certificate(now - kDaySeconds, now + 29 * kDaySeconds, key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  add_name_text(*subject, NID_commonName, common_name);
  add_name_text(*subject, NID_organizationName, "visavis demonstration");
  X509* signer = issuer.certificate != nullptr ? issuer.certificate : certificate.get();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) != 1)
    throw std::runtime_error("OpenSSL can't name the issuer of a demonstration certificate");
  add_extension(*certificate, *make_extension(NID_basic_constraints,
                                              ca ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  add_extension(*certificate, *make_extension(NID_key_usage, ca ? "critical,keyCertSign,cRLSign"
                                                                : "critical,digitalSignature"));
  if (!ca) {
    add_extension(*certificate, *make_extension(NID_ext_key_usage, "serverAuth"));
    const std::string names = "DNS:" + dns_name;
    add_extension(*certificate, *make_extension(NID_subject_alt_name, names.c_str()));
  }
  add_extension(*certificate, *make_subject_key_id(subject_key_id(*certificate)));
  add_extension(*certificate, *make_authority_key_id(subject_key_id(*signer)));
  sign_certificate(*certificate, issuer.key != nullptr ? *issuer.key : key);
  return certificate;
}

}  // namespace

DemoChain make_demo_chain(const std::string& dns_name) {
  DemoChain chain;
  const PkeyPtr root_key = make_ec_p256_key();
  const PkeyPtr intermediate_key = make_ec_p256_key();
  chain.leaf_key = make_ec_p256_key();
  chain.root = make_certificate("Demo Root CA", *root_key, {}, true, "");
  chain.intermediate = make_certificate("Demo Intermediate CA", *intermediate_key,
                                        {chain.root.get(), root_key.get()}, true, "");
  chain.leaf =
      make_certificate(dns_name, *chain.leaf_key,
                       {chain.intermediate.get(), intermediate_key.get()}, false, dns_name);
  return chain;
}

}  // namespace visavis::certs

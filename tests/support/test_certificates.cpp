#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>

#include "certs/certificate_parts.h"
#include "certs/key_pair.h"
#include "certs/openssl_error.h"

namespace visavis::testing {
namespace {

void require(bool ok, const std::string& doing) {
  if (!ok)
    throw std::runtime_error("test certificate: " + doing + ": " +
                             certs::describe_openssl_errors());
}

certs::PkeyPtr make_key(TestKey kind) {
  switch (kind) {
    case TestKey::ec_p256:
      return certs::PkeyPtr(EVP_EC_gen("P-256"));
    case TestKey::ec_p384:
      return certs::PkeyPtr(EVP_EC_gen("P-384"));
    case TestKey::rsa_2048:
      return certs::PkeyPtr(EVP_RSA_gen(2048));
    case TestKey::rsa_1024:
      return certs::PkeyPtr(EVP_RSA_gen(1024));
    case TestKey::ed25519:
      return certs::PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return nullptr;
}

void add(X509* certificate, X509V3_CTX* context, const std::string& name,
         const std::string& value) {
  const certs::X509ExtensionPtr extension(
      X509V3_EXT_nconf(nullptr, context, name.c_str(), value.c_str()));
  require(extension != nullptr, name + "=" + value);
  certs::add_extension(*certificate, *extension);
}

void add_extensions(X509* certificate, X509* issuer, const CertificateSpec& spec) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const bool self_signed = issuer == certificate;
  const std::string length =
      spec.path_length ? ",pathlen:" + std::to_string(*spec.path_length) : "";
  add(certificate, &context, "basicConstraints",
      spec.ca ? "critical,CA:TRUE" + length : "CA:FALSE");
  const std::string usage =
      spec.key_usage.empty() && spec.ca ? "critical,keyCertSign,cRLSign" : spec.key_usage;
  if (!usage.empty()) add(certificate, &context, "keyUsage", usage);
  if (!spec.extended_key_usage.empty())
    add(certificate, &context, "extendedKeyUsage", spec.extended_key_usage);
  if (spec.key_ids) add(certificate, &context, "subjectKeyIdentifier", "hash");
  if (spec.key_ids && !self_signed)
    add(certificate, &context, "authorityKeyIdentifier", "keyid:always");
  std::string names;
  for (const std::string& name : spec.san) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add(certificate, &context, "subjectAltName", names);
  for (const auto& [name, value] : spec.extensions) add(certificate, &context, name, value);
}

}  // namespace

TestCertificate::TestCertificate(certs::X509Ptr certificate, certs::PkeyPtr key)
    : certificate_(std::move(certificate)),
      key_(std::move(key)),
      der_(certs::certificate_der(*certificate_)) {}

std::string TestCertificate::pem() const { return certs::certificate_pem(*certificate_); }
std::string TestCertificate::key_pem() const { return certs::private_key_pem(*key_); }

TestCertificate make_certificate(const CertificateSpec& spec, const TestCertificate* issuer,
                                 evp_pkey_st* given_key) {
  certs::PkeyPtr key = given_key != nullptr ? certs::share(given_key) : make_key(spec.key);
  require(key != nullptr, "key");
  certs::X509Ptr certificate =
      certs::make_blank_certificate(spec.not_before_s, spec.not_after_s, *key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (!spec.organization.empty())
    certs::add_name_text(*subject, NID_organizationName, spec.organization);
  if (!spec.common_name.empty()) certs::add_name_text(*subject, NID_commonName, spec.common_name);
  X509* signer = issuer == nullptr ? certificate.get() : issuer->certificate();
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1, "issuer");
  add_extensions(certificate.get(), signer, spec);
  EVP_PKEY* signing_key = issuer == nullptr ? key.get() : issuer->key();
  const EVP_MD* digest = EVP_PKEY_get_base_id(signing_key) == EVP_PKEY_ED25519
                             ? nullptr
                             : EVP_get_digestbyname(spec.digest.c_str());
  require(X509_sign(certificate.get(), signing_key, digest) > 0, "signature");
  return {std::move(certificate), std::move(key)};
}

CertificateSpec root_spec() {
  CertificateSpec spec;
  spec.common_name = "Test Root";
  spec.ca = true;
  return spec;
}

CertificateSpec intermediate_spec() {
  CertificateSpec spec;
  spec.common_name = "Test Intermediate";
  spec.ca = true;
  return spec;
}

CertificateSpec leaf_spec(std::string_view host) {
  CertificateSpec spec;
  spec.common_name = host;
  spec.san = {"DNS:" + std::string(host)};
  spec.key_usage = "critical,digitalSignature";
  spec.extended_key_usage = "serverAuth";
  return spec;
}

TestChain make_chain(const CertificateSpec& leaf, const CertificateSpec& intermediate,
                     const CertificateSpec& root) {
  TestCertificate top = make_certificate(root);
  TestCertificate middle = make_certificate(intermediate, &top);
  TestCertificate bottom = make_certificate(leaf, &middle);
  return {std::move(top), std::move(middle), std::move(bottom)};
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "visavis-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryDirectory::write(std::string_view name,
                                                std::string_view text) const {
  const std::filesystem::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

}  // namespace visavis::testing

#include "tests/support/identity.h"

namespace visavis::testing {

std::vector<std::string> Identity::for_curl() const {
  return {"--cert", certificate.string(), "--key", key.string()};
}

std::vector<std::string> Identity::for_proxy() const {
  return {"--client-cert", certificate.string(), "--client-key", key.string()};
}

Identity make_identity(const TemporaryDirectory& folder, const std::string& name) {
  CertificateSpec root = root_spec();
  root.common_name = name + " CA";
  CertificateSpec leaf;
  leaf.common_name = name;
  leaf.extended_key_usage = "clientAuth";
  const TestCertificate issuer = make_certificate(root);
  const TestCertificate certificate = make_certificate(leaf, &issuer);
  return {folder.write(name + ".pem", certificate.pem()),
          folder.write(name + ".key", certificate.key_pem()),
          folder.write(name + "_ca.pem", issuer.pem())};
}

}  // namespace visavis::testing

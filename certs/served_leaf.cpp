#include "certs/served_leaf.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <utility>

#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "certs/openssl_error.h"

namespace visavis::certs {

std::shared_ptr<const Leaf> served_leaf(CertifiedKey pair) {
  const std::vector<std::uint8_t> der = certificate_der(*pair.certificate);
  auto leaf = std::make_shared<Leaf>();
  leaf->certificate = std::move(pair.certificate);
  leaf->key = std::move(pair.key);
  leaf->chain = std::move(pair.chain);
  leaf->id = hex(sha256(der));
  leaf->not_after_s = read_certificate(der).not_after_s;
  return leaf;
}

std::vector<std::string> certificate_warnings(const x509_st& certificate, Purpose purpose,
                                              std::int64_t now_s) {
  const ErrorMark mark;
  const CertificateFacts facts = read_certificate(certificate_der(certificate));
  std::vector<std::string> warnings;
  if (!facts.not_before.empty() && now_s < facts.not_before_s)
    warnings.push_back("is not valid before " + facts.not_before);
  if (!facts.not_after.empty() && facts.not_after_s <= now_s)
    warnings.push_back("expired on " + facts.not_after);
  const bool server = purpose == Purpose::tls_server;
  const int wanted = server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT;
  if (X509_check_purpose(const_cast<X509*>(&certificate), wanted, 0) != 0) return warnings;
  std::string usages;
  for (const auto* list : {&facts.extended_key_usages, &facts.key_usages})
    for (const std::string& usage : *list) usages += (usages.empty() ? "" : ", ") + usage;
  warnings.push_back(std::string("is not for TLS ") + (server ? "servers" : "clients") +
                     " by its usages (" + usages + ")");
  return warnings;
}

}  // namespace visavis::certs

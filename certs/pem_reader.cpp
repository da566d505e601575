#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <array>
#include <climits>
#include <string_view>

#include "certs/certificate_reader.h"
#include "certs/openssl_error.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

bool is_certificate_label(std::string_view label) {
  return label == PEM_STRING_X509 || label == PEM_STRING_X509_OLD ||
         label == PEM_STRING_X509_TRUSTED;
}

// The first DER element alone: in "TRUSTED CERTIFICATE" trust settings follow the certificate.
std::span<const std::uint8_t> first_element(std::span<const std::uint8_t> bytes) {
  const unsigned char* at = bytes.data();
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  const int form = ASN1_get_object(&at, &length, &tag, &tag_class, static_cast<long>(bytes.size()));
  if ((form & 0x80) != 0 || (form & 0x01) != 0) return bytes;  // broken, or of indefinite length
  const auto header = static_cast<std::size_t>(at - bytes.data());
  return bytes.first(header + static_cast<std::size_t>(length));
}

}  // namespace

std::vector<std::vector<std::uint8_t>> read_pem_certificates(std::string_view pem) {
  const ErrorMark mark;
  std::vector<std::vector<std::uint8_t>> certificates;
  if (pem.empty() || pem.size() > INT_MAX) return certificates;
  const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (in && BIO_pending(in.get()) > 0) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    // A broken block is an error too; the lines that were read are gone, so the loop ends.
    if (PEM_read_bio(in.get(), &label, &header, &data, &length) != 1) continue;
    const std::span block(data, static_cast<std::size_t>(length));
    if (is_certificate_label(label)) {
      const bool trusted = std::string_view(label) == PEM_STRING_X509_TRUSTED;
      const auto der = trusted ? first_element(block) : block;
      certificates.emplace_back(der.begin(), der.end());
    }
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  return certificates;
}

}  // namespace visavis::certs

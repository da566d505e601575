#include "certs/certificate_bundle.h"

#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

#include "certs/certificate_reader.h"
#include "certs/openssl_error.h"
#include "certs/pem_reader.h"

namespace visavis::certs {
namespace {

using Ders = std::vector<std::vector<std::uint8_t>>;

struct FreePkcs7 {
  void operator()(PKCS7* message) const { PKCS7_free(message); }
};

Ders in_pkcs7(std::span<const std::uint8_t> der, std::size_t most) {
  Ders all;
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS7, FreePkcs7> message(
      d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (!message || !PKCS7_type_is_signed(message.get()) || message->d.sign == nullptr) return all;
  const STACK_OF(X509)* certificates = message->d.sign->cert;
  for (int i = 0; i < sk_X509_num(certificates) && all.size() < most; ++i) {
    unsigned char* bytes = nullptr;
    const int length = i2d_X509(sk_X509_value(certificates, i), &bytes);
    if (length <= 0) continue;
    all.emplace_back(bytes, bytes + length);
    OPENSSL_free(bytes);
  }
  return all;
}

Ders in_der(std::span<const std::uint8_t> der, std::size_t most) {
  if (most > 0 && decode_certificate(der)) return {{der.begin(), der.end()}};
  return in_pkcs7(der, most);
}

}  // namespace

Ders certificates_in_bundle(std::span<const std::uint8_t> bytes, std::size_t most) {
  const ErrorMark mark;
  Ders all = in_der(bytes, most);
  if (!all.empty()) return all;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const PemBlock& block : read_pem_blocks(text)) {
    if (all.size() >= most) break;
    for (auto& der : in_der(block.bytes, most - all.size())) all.push_back(std::move(der));
  }
  return all;
}

}  // namespace visavis::certs

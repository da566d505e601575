#include "tests/support/revocation.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <stdexcept>

namespace visavis::testing {
namespace {

struct Free {
  void operator()(OCSP_RESPONSE* each) const { OCSP_RESPONSE_free(each); }
  void operator()(OCSP_BASICRESP* each) const { OCSP_BASICRESP_free(each); }
  void operator()(OCSP_CERTID* each) const { OCSP_CERTID_free(each); }
  void operator()(ASN1_TIME* each) const { ASN1_TIME_free(each); }
  void operator()(X509_CRL* each) const { X509_CRL_free(each); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("cannot make a test ") + what);
}

Owned<ASN1_TIME> generalized(std::int64_t unix_s) {
  Owned<ASN1_TIME> time(ASN1_GENERALIZEDTIME_set(nullptr, static_cast<std::time_t>(unix_s)));
  require(time != nullptr, "time");
  return time;
}

template <class T>
Der encoded(const T* object, int (*encode)(const T*, unsigned char**)) {
  Der der(static_cast<std::size_t>(encode(object, nullptr)));
  unsigned char* at = der.data();
  encode(object, &at);
  return der;
}

}  // namespace

Der make_ocsp_response(const OcspSpec& spec) {
  const TestCertificate& signer = spec.signer == nullptr ? spec.issuer : *spec.signer;
  const Owned<OCSP_BASICRESP> basic(OCSP_BASICRESP_new());
  const Owned<OCSP_CERTID> id(
      OCSP_cert_to_id(nullptr, spec.subject.certificate(), spec.issuer.certificate()));
  const auto begin = generalized(spec.this_update_s);
  const auto end = spec.next_update_s ? generalized(*spec.next_update_s) : nullptr;
  const auto revoked_at = generalized(kNow - 30 * kDay);
  require(basic && id &&
              OCSP_basic_add1_status(
                  basic.get(), id.get(),
                  spec.revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
                  OCSP_REVOKED_STATUS_KEYCOMPROMISE, spec.revoked ? revoked_at.get() : nullptr,
                  begin.get(), end.get()) != nullptr,
          "OCSP answer");
  require(OCSP_basic_sign(basic.get(), signer.certificate(), signer.key(), EVP_sha256(), nullptr,
                          0) == 1,
          "OCSP signature");
  const Owned<OCSP_RESPONSE> response(
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
  require(response != nullptr, "OCSP response");
  return encoded<OCSP_RESPONSE>(response.get(), i2d_OCSP_RESPONSE);
}

Der make_crl(const TestCertificate& issuer, const std::vector<const TestCertificate*>& revoked) {
  const Owned<X509_CRL> crl(X509_CRL_new());
  const auto begin = generalized(kNow - kDay);
  require(
      crl && X509_CRL_set_version(crl.get(), 1) == 1 &&
          X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate())) == 1 &&
          X509_CRL_set1_lastUpdate(crl.get(), begin.get()) == 1 &&
          X509_CRL_set1_nextUpdate(crl.get(), generalized(kValidUntil - kDay).get()) == 1,
      "CRL");
  for (const TestCertificate* each : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    require(
        entry != nullptr &&
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(each->certificate())) == 1 &&
            X509_REVOKED_set_revocationDate(entry, begin.get()) == 1 &&
            X509_CRL_add0_revoked(crl.get(), entry) == 1,
        "CRL entry");
  }
  X509_CRL_sort(crl.get());
  require(X509_CRL_sign(crl.get(), issuer.key(), EVP_sha256()) > 0, "CRL signature");
  return encoded<X509_CRL>(crl.get(), i2d_X509_CRL);
}

std::string crl_pem(const Der& crl) {
  const unsigned char* at = crl.data();
  const Owned<X509_CRL> decoded(d2i_X509_CRL(nullptr, &at, static_cast<long>(crl.size())));
  const certs::BioPtr bio(BIO_new(BIO_s_mem()));
  require(decoded && bio && PEM_write_bio_X509_CRL(bio.get(), decoded.get()) == 1, "CRL in PEM");
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace visavis::testing

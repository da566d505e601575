#include "certs/faulty_leaf.h"

#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "certs/certificate_parts.h"
#include "certs/key_pair.h"
#include "certs/openssl_error.h"

namespace visavis::certs {
namespace {

constexpr std::int64_t kStandInSeconds = 365 * kDaySeconds;

void require(bool ok) {
  if (!ok) throw std::runtime_error("cannot repeat a fault: " + describe_openssl_errors());
}

std::vector<std::uint8_t> key_id_of(const X509* certificate) {
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(const_cast<X509*>(certificate));
  if (id == nullptr) return {};
  const unsigned char* bytes = ASN1_STRING_get0_data(id);
  return {bytes, bytes + ASN1_STRING_length(id)};
}

void name_issuer(X509& certificate, const X509& issuer) {
  require(X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1);
  const std::vector<std::uint8_t> id = key_id_of(&issuer);
  if (!id.empty()) add_extension(certificate, *make_authority_key_id(id));
}

}  // namespace

void repeat_faults(x509_st& leaf, const x509_st& backend, const LeafFaults& faults) {
  if (faults.dates)
    require(X509_set1_notBefore(&leaf, X509_get0_notBefore(&backend)) == 1 &&
            X509_set1_notAfter(&leaf, X509_get0_notAfter(&backend)) == 1);
  if (!faults.usage) return;
  const int sent = X509_get_ext_by_NID(&backend, NID_ext_key_usage, -1);
  const int ours = X509_get_ext_by_NID(&leaf, NID_ext_key_usage, -1);
  if (sent < 0 || ours < 0) return;  // it is its keyUsage that is wrong
  const X509ExtensionPtr unneeded(X509_delete_ext(&leaf, ours));
  add_extension(leaf, *X509_get_ext(&backend, sent));
}

void sign_by_itself(x509_st& leaf, evp_pkey_st& own_key) {
  require(X509_set_issuer_name(&leaf, X509_get_subject_name(&leaf)) == 1);
  sign_certificate(leaf, own_key);
}

StandIn make_stand_in(const X509_name_st& name, std::int64_t now_s, const x509_st* authority,
                      evp_pkey_st* authority_key) {
  StandIn stand_in;
  stand_in.key = make_ec_p256_key();
  stand_in.certificate =
      make_blank_certificate(now_s - kDaySeconds, now_s + kStandInSeconds, *stand_in.key);
  X509& certificate = *stand_in.certificate;
  require(X509_set_subject_name(&certificate, &name) == 1);
  add_extension(certificate, *make_extension(NID_basic_constraints, "critical,CA:TRUE"));
  add_extension(certificate, *make_extension(NID_key_usage, "critical,keyCertSign,cRLSign"));
  add_extension(certificate, *make_subject_key_id(subject_key_id(certificate)));
  if (authority != nullptr) {
    name_issuer(certificate, *authority);
    sign_certificate(certificate, *authority_key);
  } else {
    sign_by_itself(certificate, *stand_in.key);
  }
  return stand_in;
}

void sign_by_stand_in(x509_st& leaf, const StandIn& stand_in) {
  name_issuer(leaf, *stand_in.certificate);
  sign_certificate(leaf, *stand_in.key);
}

}  // namespace visavis::certs

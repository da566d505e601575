#include "certs/certificate_reader.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "certs/certificate_outline.h"
#include "certs/der.h"
#include "certs/digest.h"
#include "certs/name_text.h"
#include "certs/openssl_error.h"
#include "certs/unix_time.h"

namespace visavis::certs {
namespace {

// URLs of one certificate that are kept; real ones have one or two.
constexpr int kMaxIssuerUrls = 16;

// Extensions of one certificate that are compared; real ones have some ten.
constexpr int kMaxExtensions = 256;

// Reading is the certificate as it came, and what is known of it so far.
struct Reading {
  std::span<const std::uint8_t> der;
  CertificateFacts& facts;
};

void note(CertificateFacts& facts, const std::string& problem) {
  if (!facts.parse_problem.empty()) facts.parse_problem += "; ";
  facts.parse_problem += problem;
}

std::string object_text(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 0);
  return text.data();
}

std::span<const std::uint8_t> oid_of(const ASN1_OBJECT* object) {
  return {OBJ_get0_data(object), OBJ_length(object)};
}

std::span<const std::uint8_t> bytes_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

template <class T>
using Extension = std::unique_ptr<T, void (*)(T*)>;

// OpenSSL passes over what stands behind an extension's value; others refuse the certificate.
bool has_more_than_its_value(const X509* certificate, int nid) {
  const auto bytes = bytes_of(X509_EXTENSION_get_data(
      X509_get_ext(certificate, X509_get_ext_by_NID(certificate, nid, -1))));
  DerElement value;
  return read_der(bytes, 0, bytes.size(), value) || value.end != bytes.size();
}

// The extension's value; null when it is absent, or there twice.
template <class T>
Extension<T> read_extension(const X509* certificate, int nid, void (*free)(T*), Reading& reading) {
  int critical = -1;
  auto* value = static_cast<T*>(X509_get_ext_d2i(certificate, nid, &critical, nullptr));
  const bool broken = value == nullptr && critical >= 0;
  if (broken || (value != nullptr && has_more_than_its_value(certificate, nid))) {
    const std::string place = extension_problem(reading.der, oid_of(OBJ_nid2obj(nid)));
    note(reading.facts, std::string(OBJ_nid2ln(nid)) +
                            (broken ? " cannot be read" : " has bytes behind its value") +
                            (place.empty() ? "" : " (" + place + ")"));
  }
  return {value, free};
}

// RFC 5280 4.2: a certificate must not have an extension twice. Clients differ in which of the two
// they believe.
void note_duplicates(const X509* certificate, CertificateFacts& facts) {
  std::set<std::string> seen;
  std::set<std::string> twice;
  const int count = std::min(X509_get_ext_count(certificate), kMaxExtensions);
  for (int at = 0; at < count; ++at) {
    const ASN1_OBJECT* oid = X509_EXTENSION_get_object(X509_get_ext(certificate, at));
    const int nid = OBJ_obj2nid(oid);
    std::string name = nid == NID_undef ? "extension " + object_text(oid) : OBJ_nid2ln(nid);
    if (!seen.insert(name).second && twice.insert(name).second) note(facts, name + " comes twice");
  }
}

std::string serial_text(const ASN1_INTEGER* serial) {
  const std::string digits = hex(bytes_of(serial));
  return (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" : "") + digits;
}

void read_date(const ASN1_TIME* time, const char* field, std::int64_t& seconds, std::string& text,
               CertificateFacts& facts) {
  if (const auto unix_s = unix_seconds(time)) {
    seconds = *unix_s;
    text = rfc3339(*unix_s);
  } else {
    note(facts, std::string(field) + " cannot be read");
  }
}

std::string curve_text(const EVP_PKEY* key) {
  std::array<char, 80> group{};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     nullptr) != 1)
    return "explicit " + std::to_string(EVP_PKEY_get_bits(key));
  const char* nist = EC_curve_nid2nist(OBJ_sn2nid(group.data()));
  return nist != nullptr ? nist : group.data();
}

void describe_key(const EVP_PKEY* key, CertificateFacts& facts) {
  facts.key_bits = EVP_PKEY_get_bits(key);
  facts.key_security_bits = EVP_PKEY_get_security_bits(key);
  const std::string bits = std::to_string(facts.key_bits);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      facts.key_kind = KeyKind::rsa;
      facts.key = "RSA " + bits;
      return;
    case EVP_PKEY_RSA_PSS:
      facts.key_kind = KeyKind::rsa_pss;
      facts.key = "RSA-PSS " + bits;
      return;
    case EVP_PKEY_EC:
      facts.key_kind = KeyKind::ec;
      facts.key = "EC " + curve_text(key);
      return;
    case EVP_PKEY_ED25519:
      facts.key_kind = KeyKind::ed25519;
      facts.key = "Ed25519";
      return;
    case EVP_PKEY_ED448:
      facts.key_kind = KeyKind::ed448;
      facts.key = "Ed448";
      return;
    case EVP_PKEY_DSA:
      facts.key_kind = KeyKind::dsa;
      facts.key = "DSA " + bits;
      return;
    default:
      return;  // the algorithm's name stays
  }
}

void read_key(const X509* certificate, CertificateFacts& facts) {
  ASN1_OBJECT* algorithm = nullptr;
  X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
  facts.key = object_text(algorithm);
  if (const EVP_PKEY* key = X509_get0_pubkey(certificate))
    describe_key(key, facts);
  else
    note(facts, "public key (" + facts.key + ") cannot be read");
}

void read_key_ids(const X509* certificate, Reading& reading) {
  CertificateFacts& facts = reading.facts;
  if (const auto id =
          read_extension(certificate, NID_subject_key_identifier, ASN1_OCTET_STRING_free, reading))
    facts.subject_key_id = hex(bytes_of(id.get()));
  const auto authority =
      read_extension(certificate, NID_authority_key_identifier, AUTHORITY_KEYID_free, reading);
  if (authority && authority->keyid != nullptr)
    facts.authority_key_id = hex(bytes_of(authority->keyid));
}

void read_usages(const X509* certificate, Reading& reading) {
  CertificateFacts& facts = reading.facts;
  // The bits of KeyUsage in their order: RFC 5280 4.2.1.3.
  static constexpr std::array kKeyUsages{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                         "dataEncipherment", "keyAgreement",   "keyCertSign",
                                         "cRLSign",          "encipherOnly",   "decipherOnly"};
  if (const auto usage =
          read_extension(certificate, NID_key_usage, ASN1_BIT_STRING_free, reading)) {
    for (std::size_t bit = 0; bit < kKeyUsages.size(); ++bit)
      if (ASN1_BIT_STRING_get_bit(usage.get(), static_cast<int>(bit)) == 1)
        facts.key_usages.emplace_back(kKeyUsages[bit]);
  }
  const auto extended =
      read_extension(certificate, NID_ext_key_usage, EXTENDED_KEY_USAGE_free, reading);
  for (int i = 0; extended && i < sk_ASN1_OBJECT_num(extended.get()); ++i) {
    const ASN1_OBJECT* usage = sk_ASN1_OBJECT_value(extended.get(), i);
    const int nid = OBJ_obj2nid(usage);
    facts.extended_key_usages.push_back(nid == NID_undef ? object_text(usage) : OBJ_nid2sn(nid));
  }
}

// RFC 7633 4.2: a list of extension types; status_request is number 5.
void read_tls_features(const X509* certificate, Reading& reading) {
  constexpr long kStatusRequest = 5;
  const auto features = read_extension(certificate, NID_tlsfeature, TLS_FEATURE_free, reading);
  for (int i = 0; features && i < sk_ASN1_INTEGER_num(features.get()); ++i)
    if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == kStatusRequest)
      reading.facts.must_staple = true;
}

void read_extensions(const X509* certificate, Reading& reading) {
  CertificateFacts& facts = reading.facts;
  if (const auto constraints =
          read_extension(certificate, NID_basic_constraints, BASIC_CONSTRAINTS_free, reading))
    facts.ca = constraints->ca != 0;
  const auto names = read_extension(certificate, NID_subject_alt_name, GENERAL_NAMES_free, reading);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i)
    facts.san.push_back(general_name_text(*sk_GENERAL_NAME_value(names.get(), i)));
  read_key_ids(certificate, reading);
  read_usages(certificate, reading);
  read_tls_features(certificate, reading);
  const auto access =
      read_extension(certificate, NID_info_access, AUTHORITY_INFO_ACCESS_free, reading);
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()) && i < kMaxIssuerUrls;
       ++i) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(entry->method) != NID_ad_ca_issuers || entry->location->type != GEN_URI)
      continue;
    const auto url = bytes_of(entry->location->d.uniformResourceIdentifier);
    facts.ca_issuers_urls.push_back(
        printable_ascii({reinterpret_cast<const char*>(url.data()), url.size()}));
  }
}

// The certificate at the front of `der`, which then begins after it.
X509Ptr take_certificate(std::span<const std::uint8_t>& der) {
  if (der.empty() || der.size() > LONG_MAX) return nullptr;
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  der = der.subspan(static_cast<std::size_t>(at - der.data()));
  return certificate;
}

void read_fields(const X509* certificate, Reading& reading) {
  CertificateFacts& facts = reading.facts;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  facts.subject = name_text(subject);
  facts.issuer = name_text(issuer);
  facts.common_name = common_name_text(subject);
  facts.self_issued = X509_NAME_cmp(subject, issuer) == 0;
  facts.serial = serial_text(X509_get0_serialNumber(certificate));
  read_date(X509_get0_notBefore(certificate), "notBefore", facts.not_before_s, facts.not_before,
            facts);
  read_date(X509_get0_notAfter(certificate), "notAfter", facts.not_after_s, facts.not_after, facts);
  const X509_ALGOR* signature = nullptr;
  X509_get0_signature(nullptr, &signature, certificate);
  facts.signature = object_text(signature->algorithm);
  read_key(certificate, facts);
  note_duplicates(certificate, facts);
  read_extensions(certificate, reading);
}

// OpenSSL says that a certificate can't be read; we say where, when it is a matter of structure.
std::string unreadable(std::span<const std::uint8_t> der) {
  const auto problem = read_outline(der).problem;
  return "not an X.509 certificate in DER" + (problem ? ": " + text(*problem) : "");
}

}  // namespace

CertificateFacts read_certificate(std::span<const std::uint8_t> der) {
  const ErrorMark mark;
  CertificateFacts facts;
  facts.sha256 = hex(sha256(der));
  std::span<const std::uint8_t> rest = der;
  const X509Ptr certificate = take_certificate(rest);
  if (!certificate) {
    facts.parse_problem = unreadable(der);
    return facts;
  }
  if (!rest.empty())
    note(facts, std::to_string(rest.size()) + (rest.size() == 1 ? " byte" : " bytes") +
                    " after the certificate's end at byte " +
                    std::to_string(der.size() - rest.size()));
  Reading reading{der, facts};
  read_fields(certificate.get(), reading);
  return facts;
}

}  // namespace visavis::certs

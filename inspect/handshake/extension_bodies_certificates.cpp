#include "inspect/codepoint/certificate_compression.h"
#include "inspect/codepoint/certificate_status_type.h"
#include "inspect/codepoint/extension_value.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/certificate_status.h"
#include "inspect/handshake/extension_bodies.h"

// Certificates, those who issue them, and how they are proved.
namespace visavis::inspect::extension_body {
namespace {

/// RFC 6066 8 OCSPStatusRequest: who may answer, and extensions of the question.
void read_ocsp_request(ByteReader& request, ExtensionWords& words) {
  std::size_t count = 0;
  ByteReader responders = request.vector16("responder_id_list");
  for (; responders.more(); ++count) (void)responders.vector16("ResponderID");
  if (count > 0) words.add_count(count, "responder");
  const std::size_t bytes = request.vector16("request_extensions").remaining();
  if (bytes > 0) words.add_bytes(bytes, "request extensions");
}

std::size_t count_vectors16(ByteReader& list, std::string_view field) {
  std::size_t count = 0;
  for (; list.more(); ++count) (void)list.vector16(field);
  return count;
}

/// RFC 9345 4: what stands in a Certificate's entry.
void read_credential(ByteReader& body, ExtensionWords& words) {
  words.add("valid " + std::to_string(body.u32("valid_time")) + " s");
  words.add(SignatureScheme{body.u16("dc_cert_verify_algorithm")});
  (void)body.vector24("ASN1_subjectPublicKeyInfo");
  (void)body.u16("algorithm");
  (void)body.vector16("signature");
}

constexpr std::string_view kAuthorityKinds[] = {"pre_agreed", "key_sha1_hash", "x509_name",
                                                "cert_sha1_hash"};
constexpr std::size_t kSha1Bytes = 20;

void read_trusted_authority(ByteReader& list, ExtensionWords& words) {
  const std::uint8_t kind = list.u8("identifier_type");
  if (kind == 2)
    (void)list.vector16("DistinguishedName");
  else if (kind == 1 || kind == 3)
    (void)list.bytes(kSha1Bytes, "SHA1Hash");
  else if (kind != 0)
    list.fail(ParseErrorCode::bad_value, "identifier_type");
  if (!list.failed()) words.add(kAuthorityKinds[kind]);
}

}  // namespace

/// RFC 6066 8 in a ClientHello. A server answers with an empty one up to TLS 1.2; RFC 8446 4.4.2.1
/// puts its response into the Certificate, and lets it ask its client with an empty one.
void status_request(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind == HelloKind::certificate) {
    const CertificateStatus status = read_certificate_status(body);
    words.add(status.type);
    return words.add_bytes(status.response_bytes);
  }
  if (kind != HelloKind::client_hello) return;
  const CertificateStatusType type{body.u8("status_type")};
  words.add(type);
  if (type == kOcsp)
    read_ocsp_request(body, words);
  else
    (void)body.rest();
}

/// RFC 6961 2.2: a list of the same, each with its length.
void status_request_v2(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind != HelloKind::client_hello) return;
  ByteReader list = body.vector16("certificate_status_req_list");
  while (list.more()) {
    const CertificateStatusType type{list.u8("status_type")};
    words.add(type);
    ByteReader request = list.vector16("request");
    if (type != kOcsp && type != kOcspMulti) continue;
    read_ocsp_request(request, words);
    request.done("request");
  }
}

/// RFC 6962 3.3: empty when asked for.
void signed_certificate_timestamp(ByteReader& body, HelloKind, ExtensionWords& words) {
  if (!body.more()) return;
  ByteReader list = body.vector16("SignedCertificateTimestampList");
  words.add_count(count_vectors16(list, "SerializedSCT"), "timestamp");
}

/// RFC 7250 3, RFC 6091 3.
void certificate_type(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return words.add(CertificateType{body.u8("certificate_type")});
  ByteReader list = body.vector8("certificate_types");
  add_points<CertificateType>(list, "certificate_types", words);
}

/// RFC 8879 3.
void compress_certificate(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector8("algorithms");
  add_points<CertificateCompression>(list, "algorithms", words);
}

/// RFC 9345 4.1.1: the schemes that it may be signed with; in a Certificate the credential itself.
void delegated_credential(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind == HelloKind::certificate) return read_credential(body, words);
  ByteReader list = body.vector16("supported_signature_algorithm");
  add_points<SignatureScheme>(list, "supported_signature_algorithm", words);
}

/// RFC 8446 4.2.4.
void certificate_authorities(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector16("authorities");
  words.add_count(count_vectors16(list, "DistinguishedName"), "name");
}

/// RFC 8446 4.2.5.
void oid_filters(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector16("filters");
  std::size_t count = 0;
  for (; list.more(); ++count) {
    (void)list.vector8("certificate_extension_oid");
    (void)list.vector16("certificate_extension_values");
  }
  words.add_count(count, "filter");
}

/// RFC 6066 6; a server answers with an empty one.
void trusted_ca_keys(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return;
  ByteReader list = body.vector16("trusted_authorities_list");
  while (list.more()) read_trusted_authority(list, words);
}

/// RFC 7924 3: 1 is the certificate, 2 the request for one; a client adds the hash of what it has.
void cached_info(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  ByteReader list = body.vector16("cached_info");
  while (list.more()) {
    const std::uint8_t type = list.u8("CachedInformationType");
    if (!is_answer(kind)) (void)list.vector8("hash_value");
    if (list.failed()) return;
    words.add(type == 1 ? "cert" : type == 2 ? "cert_req" : "type " + std::to_string(type));
  }
}

/// RFC 4681 2: 64 is the only type.
void user_mapping(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector8("user_mapping_types");
  while (list.more()) {
    const std::uint8_t type = list.u8("user_mapping_types");
    words.add(type == 64 ? "upn_domain_hint" : "type " + std::to_string(type));
  }
}

/// RFC 5878 2.2.
void authorization_formats(ByteReader& body, HelloKind, ExtensionWords& words) {
  constexpr std::string_view kFormats[] = {"x509_attr_cert", "saml_assertion", "x509_attr_cert_url",
                                           "saml_assertion_url"};
  ByteReader list = body.vector8("authz_format_list");
  while (list.more()) {
    const std::uint8_t format = list.u8("authz_format_list");
    if (format < std::size(kFormats))
      words.add(kFormats[format]);
    else
      words.add("format " + std::to_string(format));
  }
}

}  // namespace visavis::inspect::extension_body

#include "inspect/handshake/certificate_request.h"

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// RFC 5246 7.4.4: DistinguishedName certificate_authorities<0..2^16-1>, each of at least one byte.
void read_authorities(ByteReader& reader, CertificateRequest& request) {
  ByteReader list = reader.vector16("certificate_authorities");
  while (list.more()) {
    const Bytes name = list.vector16("DistinguishedName").rest();
    if (!list.failed() && name.empty()) list.fail(ParseErrorCode::bad_length, "DistinguishedName");
    if (list.failed()) return;
    ++request.authorities_total;
    if (request.authorities.size() < limits::kMaxAuthorities)
      request.authorities.emplace_back(name.begin(), name.end());
  }
}

std::vector<SignatureScheme> read_schemes(ByteReader& reader, std::string_view field) {
  ByteReader list = reader.vector16(field);
  return list.list16<SignatureScheme>(field);
}

void read_tls12(ByteReader& reader, ProtocolVersion version, CertificateRequest& request) {
  ByteReader types = reader.vector8("certificate_types");
  while (types.more()) request.types.push_back({types.u8("certificate_types")});
  if (version >= kTls12) request.sig_algs = read_schemes(reader, "supported_signature_algorithms");
  read_authorities(reader, request);
}

void read_extension(ExtensionType type, ByteReader& body, CertificateRequest& request) {
  if (type == kSignatureAlgorithms)
    request.sig_algs = read_schemes(body, "signature_algorithms");
  else if (type == kSignatureAlgorithmsCert)
    request.sig_algs_cert = read_schemes(body, "signature_algorithms_cert");
  else if (type == kCertificateAuthorities)
    read_authorities(body, request);
  else
    (void)body.rest();
}

}  // namespace

Result<CertificateRequest> parse_certificate_request(Bytes message, ProtocolVersion version) {
  CertificateRequest request;
  ByteReader reader(message);
  read_message_header(reader, kCertificateRequest);
  if (version >= kTls13) {
    const Bytes context = reader.vector8("certificate_request_context").rest();
    request.context.assign(context.begin(), context.end());
    ByteReader list = reader.vector16("extensions");
    request.extensions = read_extension_list(list);
  } else {
    read_tls12(reader, version, request);
  }
  reader.done("CertificateRequest");
  if (reader.failed()) return *reader.error();
  for (const Extension& extension : request.extensions) {
    const auto read = [&](ByteReader& body) { read_extension(extension.type, body, request); };
    if (const auto problem = read_extension_body(extension, message, read)) return *problem;
  }
  return request;
}

}  // namespace visavis::inspect

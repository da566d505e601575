#include "inspect/handshake/certificate_message.h"

#include "inspect/bytes/limits.h"
#include "inspect/handshake/certificate_status.h"

namespace visavis::inspect {
namespace {

/// RFC 8446 4.4.2.1: the body of an entry's status_request is a CertificateStatus.
void read_stapled(Bytes body, std::size_t offset, CertificateMessage& parsed) {
  ByteReader reader(body);
  const CertificateStatus status = read_certificate_status(reader);
  reader.done("status_request");
  if (!reader.failed()) {
    parsed.ocsp_bytes = status.response_bytes;
    parsed.ocsp_response = status.response;
    return;
  }
  parsed.ocsp_problem = *reader.error();
  parsed.ocsp_problem->offset += offset;
}

void read_entry_extensions(ByteReader& list, CertificateMessage& parsed) {
  ByteReader extensions = list.vector16("certificate extensions");
  while (extensions.more()) {
    const ExtensionType type{extensions.u16("extension type")};
    const std::uint16_t length = extensions.u16("extension length");
    const std::size_t offset = extensions.offset();
    const Bytes body = extensions.bytes(length, "extension body");
    const bool of_the_first = parsed.certificates.size() == 1 && !parsed.ocsp_bytes;
    if (type == kStatusRequest && of_the_first && !extensions.failed())
      read_stapled(body, offset, parsed);
  }
}

}  // namespace

Result<CertificateMessage> parse_certificate_message(Bytes message, ProtocolVersion version) {
  CertificateMessage parsed;
  ByteReader reader(message);
  read_message_header(reader, kCertificate);
  const bool tls13 = version >= kTls13;
  if (tls13) (void)reader.vector8("certificate_request_context");
  ByteReader list = reader.vector24("certificate_list");
  while (list.more()) {
    const Bytes der = list.vector24("certificate").rest();
    if (parsed.certificates.size() < limits::kMaxCertificates)
      parsed.certificates.emplace_back(der.begin(), der.end());
    else
      parsed.cut = true;
    if (tls13) read_entry_extensions(list, parsed);
  }
  reader.done("Certificate");
  if (reader.failed()) return *reader.error();
  return parsed;
}

Result<std::uint32_t> parse_raw_public_key(Bytes message) {
  ByteReader reader(message);
  read_message_header(reader, kCertificate);
  const auto bytes =
      static_cast<std::uint32_t>(reader.vector24("ASN.1_subjectPublicKeyInfo").remaining());
  reader.done("Certificate");
  if (reader.failed()) return *reader.error();
  return bytes;
}

}  // namespace visavis::inspect

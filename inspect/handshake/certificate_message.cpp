#include "inspect/handshake/certificate_message.h"

#include "inspect/bytes/limits.h"

namespace visavis::inspect {

Result<CertificateMessage> parse_certificate_message(Bytes message, ProtocolVersion version) {
  CertificateMessage parsed;
  ByteReader reader(message);
  read_message_header(reader, kCertificate);
  const bool tls13 = version >= kTls13;
  if (tls13) (void)reader.vector8("certificate_request_context");
  ByteReader list = reader.vector24("certificate_list");
  while (list.more()) {
    const Bytes der = list.vector24("certificate").rest();
    if (tls13) (void)list.vector16("certificate extensions");
    if (parsed.certificates.size() < limits::kMaxCertificates)
      parsed.certificates.emplace_back(der.begin(), der.end());
    else
      parsed.cut = true;
  }
  reader.done("Certificate");
  if (reader.failed()) return *reader.error();
  return parsed;
}

}  // namespace visavis::inspect

#include "inspect/handshake/certificate_verify.h"

namespace visavis::inspect {

Result<CertificateVerify> parse_certificate_verify(Bytes message, ProtocolVersion version) {
  CertificateVerify verify;
  ByteReader reader(message);
  read_message_header(reader, kCertificateVerify);
  if (version >= kTls12) verify.scheme = SignatureScheme{reader.u16("signature scheme")};
  verify.signature_length = static_cast<std::uint16_t>(reader.vector16("signature").remaining());
  reader.done("CertificateVerify");
  if (reader.failed()) return *reader.error();
  return verify;
}

}  // namespace visavis::inspect

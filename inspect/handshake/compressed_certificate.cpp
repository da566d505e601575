#include "inspect/handshake/compressed_certificate.h"

namespace visavis::inspect {

Result<CompressedCertificate> parse_compressed_certificate(Bytes message) {
  CompressedCertificate parsed;
  ByteReader reader(message);
  read_message_header(reader, kCompressedCertificate);
  parsed.algorithm.value = reader.u16("algorithm");
  parsed.uncompressed_length = reader.u24("uncompressed_length");
  parsed.compressed_length =
      static_cast<std::uint32_t>(reader.vector24("compressed_certificate_message").remaining());
  // RFC 8879 4: compressed_certificate_message<1..2^24-1>.
  if (!reader.failed() && parsed.compressed_length == 0)
    reader.fail(ParseErrorCode::bad_length, "compressed_certificate_message");
  reader.done("CompressedCertificate");
  if (reader.failed()) return *reader.error();
  return parsed;
}

}  // namespace visavis::inspect

#include "inspect/handshake/certificate_status.h"

namespace visavis::inspect {
namespace {

void read_responses(ByteReader& reader, CertificateStatus& status) {
  ByteReader list = reader.vector24("OCSPResponseList");
  bool first = true;
  while (list.more()) {
    const Bytes response = list.vector24("OCSPResponse").rest();
    const auto bytes = static_cast<std::uint32_t>(response.size());
    if (first) status.response = response;
    first = false;
    // RFC 6961 2.2: an empty response stands for a certificate that has none.
    if (bytes > 0) ++status.responses;
    status.response_bytes += bytes;
  }
}

}  // namespace

CertificateStatus read_certificate_status(ByteReader& reader) {
  CertificateStatus status;
  status.type.value = reader.u8("status_type");
  if (status.type == kOcsp) {
    status.response = reader.vector24("OCSPResponse").rest();
    status.response_bytes = static_cast<std::uint32_t>(status.response.size());
    status.responses = 1;
    // RFC 6066 8: OCSPResponse<1..2^24-1>.
    if (!reader.failed() && status.response_bytes == 0)
      reader.fail(ParseErrorCode::bad_length, "OCSPResponse");
  } else if (status.type == kOcspMulti) {
    read_responses(reader, status);
  } else {
    status.response_bytes = static_cast<std::uint32_t>(reader.rest().size());
  }
  return status;
}

Result<CertificateStatus> parse_certificate_status(Bytes message) {
  ByteReader reader(message);
  read_message_header(reader, kCertificateStatus);
  const CertificateStatus status = read_certificate_status(reader);
  reader.done("CertificateStatus");
  if (reader.failed()) return *reader.error();
  return status;
}

}  // namespace visavis::inspect

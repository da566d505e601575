#include "inspect/handshake/certificate_url.h"

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kSha1Bytes = 20;

void read_url(ByteReader& list, CertificateUrl& parsed) {
  const Bytes url = list.vector16("url").rest();
  if (!list.failed() && url.empty()) list.fail(ParseErrorCode::bad_length, "url");
  // RFC 6066 5: once the hash could be left out; the byte is now always 1 and the hash there.
  const std::uint8_t padding = list.u8("padding");
  if (!list.failed() && padding != 1) list.fail(ParseErrorCode::bad_value, "padding");
  (void)list.bytes(kSha1Bytes, "SHA1Hash");
  if (!list.failed() && parsed.urls.size() < limits::kMaxCertificates)
    parsed.urls.push_back(to_string(url));
}

}  // namespace

Result<CertificateUrl> parse_certificate_url(Bytes message) {
  CertificateUrl parsed;
  ByteReader reader(message);
  read_message_header(reader, kCertificateUrl);
  const std::uint8_t type = reader.u8("CertChainType");
  if (!reader.failed() && type > 1) reader.fail(ParseErrorCode::bad_value, "CertChainType");
  parsed.pkipath = type == 1;
  ByteReader list = reader.vector16("url_and_hash_list");
  while (list.more()) read_url(list, parsed);
  reader.done("CertificateUrl");
  if (reader.failed()) return *reader.error();
  return parsed;
}

}  // namespace visavis::inspect

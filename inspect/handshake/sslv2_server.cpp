#include "inspect/handshake/sslv2_server.h"

namespace visavis::inspect {
namespace {

/// draft-hickman-netscape-ssl-00; SSL_CK_RC4_64_WITH_MD5 is OpenSSL's. Zero has no name: it stands
/// for "none chosen".
constexpr std::string_view cipher_name(std::uint32_t kind) {
  switch (kind) {
    case 0x010080:
      return "SSL_CK_RC4_128_WITH_MD5";
    case 0x020080:
      return "SSL_CK_RC4_128_EXPORT40_WITH_MD5";
    case 0x030080:
      return "SSL_CK_RC2_128_CBC_WITH_MD5";
    case 0x040080:
      return "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5";
    case 0x050080:
      return "SSL_CK_IDEA_128_CBC_WITH_MD5";
    case 0x060040:
      return "SSL_CK_DES_64_CBC_WITH_MD5";
    case 0x0700c0:
      return "SSL_CK_DES_192_EDE3_CBC_WITH_MD5";
    case 0x080080:
      return "SSL_CK_RC4_64_WITH_MD5";
    default:
      return {};
  }
}

void expect_type(ByteReader& reader, std::uint8_t type) {
  if (reader.u8("msg_type") != type) reader.fail(ParseErrorCode::bad_value, "msg_type");
}

}  // namespace

std::string_view known_name(Sslv2Cipher point) { return cipher_name(point.value); }

Result<Sslv2ServerHello> parse_sslv2_server_hello(Bytes record_body) {
  Sslv2ServerHello hello;
  ByteReader reader(record_body);
  expect_type(reader, 4);
  hello.session_id_hit = reader.u8("session_id_hit") != 0;
  hello.certificate_type = reader.u8("certificate_type");
  hello.version.value = reader.u16("server_version");
  const std::uint16_t certificate_length = reader.u16("certificate_length");
  const std::uint16_t specs_length = reader.u16("cipher_specs_length");
  const std::uint16_t id_length = reader.u16("connection_id_length");
  const Bytes certificate = reader.bytes(certificate_length, "certificate");
  ByteReader specs = reader.enclosed(specs_length, "cipher_specs");
  if (specs_length % 3 != 0) reader.fail(ParseErrorCode::bad_length, "cipher_specs");
  while (specs.more()) hello.ciphers.push_back(Sslv2Cipher{specs.u24("cipher_specs")});
  const Bytes id = reader.bytes(id_length, "connection_id");
  reader.done("SERVER-HELLO");
  if (reader.failed()) return *reader.error();
  hello.certificate.assign(certificate.begin(), certificate.end());
  hello.connection_id.assign(id.begin(), id.end());
  return hello;
}

Result<Sslv2Cipher> parse_sslv2_client_master_key(Bytes record_body) {
  ByteReader reader(record_body);
  expect_type(reader, 2);
  const Sslv2Cipher cipher{reader.u24("cipher_kind")};
  const std::size_t clear_length = reader.u16("clear_key_length");
  const std::size_t encrypted_length = reader.u16("encrypted_key_length");
  const std::size_t argument_length = reader.u16("key_arg_length");
  (void)reader.bytes(clear_length, "clear_key_data");
  (void)reader.bytes(encrypted_length, "encrypted_key_data");
  (void)reader.bytes(argument_length, "key_arg_data");
  reader.done("CLIENT-MASTER-KEY");
  if (reader.failed()) return *reader.error();
  return cipher;
}

Result<std::uint16_t> parse_sslv2_error(Bytes record_body) {
  ByteReader reader(record_body);
  expect_type(reader, 0);
  const std::uint16_t code = reader.u16("error_code");
  reader.done("ERROR");
  if (reader.failed()) return *reader.error();
  return code;
}

/// draft-hickman-netscape-ssl-00: SSL_PE_NO_CIPHER and so on.
std::string_view sslv2_error_note(std::uint16_t code) {
  switch (code) {
    case 1:
      return "SSL 2.0 ERROR: no cipher";
    case 2:
      return "SSL 2.0 ERROR: no certificate";
    case 4:
      return "SSL 2.0 ERROR: bad certificate";
    case 6:
      return "SSL 2.0 ERROR: unsupported certificate type";
    default:
      return "SSL 2.0 ERROR of an unknown code";
  }
}

}  // namespace visavis::inspect

#include "inspect/handshake/key_exchange.h"

#include <bit>

namespace visavis::inspect {
namespace {

std::uint32_t significant_bits(Bytes number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<std::uint32_t>((number.size() - 1) * 8) +
         static_cast<std::uint32_t>(std::bit_width(static_cast<unsigned>(number.front())));
}

enum class Method { ecdhe, dhe, other };

Method method_of(CipherSuite suite) {
  const std::string_view text = known_name(suite);
  if (text.starts_with("TLS_ECDHE_PSK") || text.starts_with("TLS_DHE_PSK")) return Method::other;
  if (text.starts_with("TLS_ECDHE_") || text.starts_with("TLS_ECDH_anon_")) return Method::ecdhe;
  if (text.starts_with("TLS_DHE_") || text.starts_with("TLS_DH_anon_")) return Method::dhe;
  return Method::other;
}

}  // namespace

Result<KeyExchange> parse_server_key_exchange(Bytes message, CipherSuite suite,
                                              ProtocolVersion version) {
  KeyExchange exchange;
  ByteReader reader(message);
  read_message_header(reader, kServerKeyExchange);
  const Method method = method_of(suite);
  if (method == Method::other) {
    if (reader.failed()) return *reader.error();
    return exchange;
  }
  if (method == Method::ecdhe) {
    // RFC 8422 5.4: 3 is named_curve; explicit curves (1, 2) are not in use.
    if (reader.u8("curve_type") != 3) reader.fail(ParseErrorCode::bad_value, "curve_type");
    exchange.group = NamedGroup{reader.u16("namedcurve")};
    (void)reader.vector8("ECPoint");
  } else {
    exchange.dh_bits = significant_bits(reader.vector16("dh_p").rest());
    (void)reader.vector16("dh_g");
    (void)reader.vector16("dh_Ys");
  }
  // RFC 5246 4.7: the scheme precedes the signature from TLS 1.2 on; anonymous suites sign nothing.
  if (version >= kTls12 && reader.more())
    exchange.signature = SignatureScheme{reader.u16("signature scheme")};
  if (reader.failed()) return *reader.error();
  return exchange;
}

Result<SignatureScheme> parse_certificate_verify_scheme(Bytes message) {
  ByteReader reader(message);
  read_message_header(reader, kCertificateVerify);
  const SignatureScheme scheme{reader.u16("signature scheme")};
  (void)reader.vector16("signature");
  reader.done("CertificateVerify");
  if (reader.failed()) return *reader.error();
  return scheme;
}

Result<std::optional<std::string>> parse_encrypted_extensions_alpn(Bytes message) {
  ByteReader reader(message);
  read_message_header(reader, kEncryptedExtensions);
  ByteReader list = reader.vector16("extensions");
  std::optional<std::string> alpn;
  const std::vector<Extension> extensions = read_extension_list(list);
  reader.done("EncryptedExtensions");
  if (reader.failed()) return *reader.error();
  for (const Extension& extension : extensions) {
    if (extension.type != kAlpn) continue;
    ByteReader body(message.subspan(extension.offset, extension.length));
    auto names = read_protocol_names(body);
    if (body.failed()) {
      ParseError problem = *body.error();
      problem.offset += extension.offset;
      return problem;
    }
    if (names.size() == 1) alpn = std::move(names.front());
  }
  return alpn;
}

}  // namespace visavis::inspect

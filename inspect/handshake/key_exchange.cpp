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

enum class Parameters { none, ecdhe, dhe, rsa, srp, unknown };

/// Method is what a suite's ServerKeyExchange consists of, in this order.
struct Method {
  bool psk_hint = false;
  Parameters parameters = Parameters::unknown;
  bool is_signed = false;
};

/// The first match counts. PSK suites sign nothing, not even RSA_PSK (RFC 4279 4).
constexpr struct {
  std::string_view prefix;
  Method method;
} kMethods[] = {
    {"TLS_ECDHE_PSK_", {true, Parameters::ecdhe, false}},
    {"TLS_DHE_PSK_", {true, Parameters::dhe, false}},
    {"TLS_PSK_DHE_", {true, Parameters::dhe, false}},  // two suites are written the other way round
    {"TLS_RSA_PSK_", {true, Parameters::none, false}},
    {"TLS_PSK_", {true, Parameters::none, false}},
    {"TLS_ECDHE_", {false, Parameters::ecdhe, true}},
    {"TLS_ECDH_anon_", {false, Parameters::ecdhe, false}},
    {"TLS_DHE_", {false, Parameters::dhe, true}},
    {"TLS_DH_anon_", {false, Parameters::dhe, false}},
    {"TLS_RSA_EXPORT", {false, Parameters::rsa, true}},
    {"TLS_SRP_SHA_RSA_", {false, Parameters::srp, true}},
    {"TLS_SRP_SHA_DSS_", {false, Parameters::srp, true}},
    {"TLS_SRP_SHA_", {false, Parameters::srp, false}},
};

Method method_of(CipherSuite suite) {
  const std::string_view text = known_name(suite);
  for (const auto& [prefix, method] : kMethods)
    if (text.starts_with(prefix)) return method;
  return {};
}

/// RFC 4492 5.4: prime, curve (a, b), base, order, cofactor; each with a length of one byte.
void read_explicit_prime(ByteReader& reader) {
  for (const std::string_view field :
       {"prime_p", "curve a", "curve b", "base", "order", "cofactor"})
    (void)reader.vector8(field);
}

/// RFC 8422 5.4: 3 is named_curve; curves that are spelled out (1, 2) are no longer in use.
void read_ecdhe(ByteReader& reader, KeyExchange& exchange) {
  const std::uint8_t type = reader.u8("curve_type");
  if (type == 3) {
    exchange.group = NamedGroup{reader.u16("namedcurve")};
  } else if (type == 1) {
    exchange.group = kExplicitPrimeCurve;
    read_explicit_prime(reader);
  } else if (type == 2) {
    exchange.group = kExplicitChar2Curve;
    (void)reader.rest();
    return;
  } else if (!reader.failed()) {
    reader.fail(ParseErrorCode::bad_value, "curve_type");
  }
  (void)reader.vector8("ECPoint");
}

void read_dhe(ByteReader& reader, KeyExchange& exchange) {
  exchange.dh_bits = significant_bits(reader.vector16("dh_p").rest());
  (void)reader.vector16("dh_g");
  (void)reader.vector16("dh_Ys");
}

/// RFC 2246 7.4.3: the temporary key of suites whose own key is too long to export.
void read_rsa(ByteReader& reader, KeyExchange& exchange) {
  exchange.rsa_bits = significant_bits(reader.vector16("rsa_modulus").rest());
  (void)reader.vector16("rsa_exponent");
}

/// RFC 5054 2.5.3. Its prime is no DHE prime: the password's strength decides.
void read_srp(ByteReader& reader) {
  (void)reader.vector16("srp_N");
  (void)reader.vector16("srp_g");
  (void)reader.vector8("srp_s");
  (void)reader.vector16("srp_B");
}

void read_parameters(ByteReader& reader, Parameters parameters, KeyExchange& exchange) {
  if (parameters == Parameters::ecdhe) read_ecdhe(reader, exchange);
  if (parameters == Parameters::dhe) read_dhe(reader, exchange);
  if (parameters == Parameters::rsa) read_rsa(reader, exchange);
  if (parameters == Parameters::srp) read_srp(reader);
}

/// RFC 5246 4.7: the scheme precedes the signature from TLS 1.2 on.
void read_signature(ByteReader& reader, ProtocolVersion version, KeyExchange& exchange) {
  if (exchange.group == kExplicitChar2Curve) return;
  if (version >= kTls12) exchange.signature = SignatureScheme{reader.u16("signature scheme")};
  exchange.signature_value = reader.vector16("signature").rest();
}

}  // namespace

Result<KeyExchange> parse_server_key_exchange(Bytes message, CipherSuite suite,
                                              ProtocolVersion version) {
  KeyExchange exchange;
  ByteReader reader(message);
  read_message_header(reader, kServerKeyExchange);
  const Method method = method_of(suite);
  if (method.psk_hint)
    exchange.psk_hint_length =
        static_cast<std::uint16_t>(reader.vector16("psk_identity_hint").remaining());
  const std::size_t begin = reader.offset();
  read_parameters(reader, method.parameters, exchange);
  if (method.is_signed && !reader.failed())
    exchange.parameters = message.subspan(begin, reader.offset() - begin);
  if (method.is_signed) read_signature(reader, version, exchange);
  if (method.parameters == Parameters::unknown) (void)reader.rest();
  reader.done("ServerKeyExchange");
  if (reader.failed()) return *reader.error();
  return exchange;
}

}  // namespace visavis::inspect

#pragma once
#include "inspect/handshake/describe_extension.h"
#include "inspect/handshake/extension_words.h"

/// How each extension's body is read: one function a shape. A body must be read to its end, errors
/// go to the reader, words to the words.
namespace visavis::inspect::extension_body {

using Read = void (*)(ByteReader& body, HelloKind kind, ExtensionWords& words);

/// is_answer is true in the messages in which a server answers a ClientHello.
constexpr bool is_answer(HelloKind kind) {
  return kind == HelloKind::server_hello || kind == HelloKind::hello_retry_request ||
         kind == HelloKind::encrypted_extensions;
}

/// add_points reads all that is left as code points.
template <class T>
void add_points(ByteReader& reader, std::string_view field, ExtensionWords& words) {
  while (reader.more()) {
    if constexpr (sizeof(T{}.value) == 2)
      words.add(T{reader.u16(field)});
    else
      words.add(T{reader.u8(field)});
  }
}

// What is offered and chosen (extension_bodies_offer.cpp).
void empty(ByteReader&, HelloKind, ExtensionWords&);
void opaque(ByteReader&, HelloKind, ExtensionWords&);
void server_name(ByteReader&, HelloKind, ExtensionWords&);
void supported_versions(ByteReader&, HelloKind, ExtensionWords&);
void supported_groups(ByteReader&, HelloKind, ExtensionWords&);
void ec_point_formats(ByteReader&, HelloKind, ExtensionWords&);
void signature_schemes(ByteReader&, HelloKind, ExtensionWords&);
void alpn(ByteReader&, HelloKind, ExtensionWords&);
void next_protocol_negotiation(ByteReader&, HelloKind, ExtensionWords&);
void application_settings(ByteReader&, HelloKind, ExtensionWords&);
void max_fragment_length(ByteReader&, HelloKind, ExtensionWords&);
void record_size_limit(ByteReader&, HelloKind, ExtensionWords&);
void padding(ByteReader&, HelloKind, ExtensionWords&);
void heartbeat(ByteReader&, HelloKind, ExtensionWords&);
void use_srtp(ByteReader&, HelloKind, ExtensionWords&);
void renegotiation_info(ByteReader&, HelloKind, ExtensionWords&);
void connection_id(ByteReader&, HelloKind, ExtensionWords&);
void tls_flags(ByteReader&, HelloKind, ExtensionWords&);

// Keys and tickets (extension_bodies_keys.cpp).
void key_share(ByteReader&, HelloKind, ExtensionWords&);
void pre_shared_key(ByteReader&, HelloKind, ExtensionWords&);
void psk_key_exchange_modes(ByteReader&, HelloKind, ExtensionWords&);
void early_data(ByteReader&, HelloKind, ExtensionWords&);
void cookie(ByteReader&, HelloKind, ExtensionWords&);
void ticket_request(ByteReader&, HelloKind, ExtensionWords&);
void ticket_pinning(ByteReader&, HelloKind, ExtensionWords&);
void token_binding(ByteReader&, HelloKind, ExtensionWords&);
void srp(ByteReader&, HelloKind, ExtensionWords&);
void encrypted_client_hello(ByteReader&, HelloKind, ExtensionWords&);
void ech_outer_extensions(ByteReader&, HelloKind, ExtensionWords&);
void encrypted_server_name(ByteReader&, HelloKind, ExtensionWords&);

// Certificates and those who issue them (extension_bodies_certificates.cpp).
void status_request(ByteReader&, HelloKind, ExtensionWords&);
void status_request_v2(ByteReader&, HelloKind, ExtensionWords&);
void signed_certificate_timestamp(ByteReader&, HelloKind, ExtensionWords&);
void certificate_type(ByteReader&, HelloKind, ExtensionWords&);
void compress_certificate(ByteReader&, HelloKind, ExtensionWords&);
void delegated_credential(ByteReader&, HelloKind, ExtensionWords&);
void certificate_authorities(ByteReader&, HelloKind, ExtensionWords&);
void oid_filters(ByteReader&, HelloKind, ExtensionWords&);
void trusted_ca_keys(ByteReader&, HelloKind, ExtensionWords&);
void cached_info(ByteReader&, HelloKind, ExtensionWords&);
void user_mapping(ByteReader&, HelloKind, ExtensionWords&);
void authorization_formats(ByteReader&, HelloKind, ExtensionWords&);

}  // namespace visavis::inspect::extension_body

#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/extension_value.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/handshake/extension_bodies.h"

// Keys and tickets: what a key is made from, and what a client brings from before.
namespace visavis::inspect::extension_body {
namespace {

void add_share(ByteReader& reader, ExtensionWords& words) {
  words.add(NamedGroup{reader.u16("key_share group")});
  const std::size_t bytes = reader.vector16("key_exchange").remaining();
  if (reader.failed()) return;
  words.join(
      std::string(" ").append(std::to_string(bytes)).append(bytes == 1 ? " byte" : " bytes"));
}

/// RFC 9849 4: version, length, contents, repeated.
void read_ech_configs(ByteReader& body, ExtensionWords& words) {
  ByteReader list = body.vector16("ECHConfigList");
  std::size_t count = 0;
  while (list.more()) {
    (void)list.u16("ECHConfig version");
    (void)list.vector16("ECHConfig contents");
    ++count;
  }
  words.add_count(count, "retry configuration");
}

}  // namespace

/// RFC 8446 4.2.8.
void key_share(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind == HelloKind::hello_retry_request)
    return words.add(NamedGroup{body.u16("selected_group")});
  if (is_answer(kind)) return add_share(body, words);
  ByteReader list = body.vector16("client_shares");
  while (list.more()) add_share(list, words);
}

/// RFC 8446 4.2.11.
void pre_shared_key(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind))
    return words.add("identity " + std::to_string(body.u16("selected_identity")));
  ByteReader identities = body.vector16("psk identities");
  while (identities.more()) {
    words.add_bytes(identities.vector16("psk identity").remaining(), "identity");
    (void)identities.u32("obfuscated_ticket_age");
  }
  ByteReader binders = body.vector16("psk binders");
  while (binders.more()) words.add_bytes(binders.vector8("PskBinderEntry").remaining(), "binder");
}

/// RFC 8446 4.2.9.
void psk_key_exchange_modes(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector8("ke_modes");
  add_points<PskKeyExchangeMode>(list, "ke_modes", words);
}

/// RFC 8446 4.2.10: empty but in a ticket.
void early_data(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind == HelloKind::new_session_ticket)
    words.add_bytes(body.u32("max_early_data_size"), "at most");
}

/// RFC 8446 4.2.2: cookie<1..2^16-1>.
void cookie(ByteReader& body, HelloKind, ExtensionWords& words) {
  const std::size_t bytes = body.vector16("cookie").remaining();
  if (!body.failed() && bytes == 0) body.fail(ParseErrorCode::bad_length, "cookie");
  words.add_bytes(bytes);
}

/// RFC 9149 2.
void ticket_request(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return words.add_count(body.u8("expected_count"), "ticket");
  words.add("new " + std::to_string(body.u8("new_session_count")));
  words.add("resumption " + std::to_string(body.u8("resumption_count")));
}

/// RFC 8672 4.
void ticket_pinning(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) words.add_bytes(body.vector8("proof").remaining(), "proof");
  words.add_bytes(body.vector16("ticket").remaining(), "ticket");
  if (is_answer(kind)) words.add("lifetime " + std::to_string(body.u32("lifetime")) + " s");
}

/// RFC 8472 2.
void token_binding(ByteReader& body, HelloKind, ExtensionWords& words) {
  const unsigned major = body.u8("TB_ProtocolVersion major");
  const unsigned minor = body.u8("TB_ProtocolVersion minor");
  words.add("version " + std::to_string(major) + '.' + std::to_string(minor));
  ByteReader list = body.vector8("key_parameters_list");
  add_points<TokenBindingParameter>(list, "key_parameters_list", words);
}

/// RFC 5054 2.8.1: a user's name, which a report need not repeat.
void srp(ByteReader& body, HelloKind, ExtensionWords& words) {
  words.add_bytes(body.vector8("srp_I").remaining(), "user name of");
}

/// RFC 9849 5: an outer hello holds the sealed inner one; an inner one says only that it is one. A
/// HelloRetryRequest confirms with 8 bytes, EncryptedExtensions bring configurations to retry with.
void encrypted_client_hello(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (kind == HelloKind::hello_retry_request) return opaque(body, kind, words);
  if (is_answer(kind)) return read_ech_configs(body, words);
  const std::uint8_t type = body.u8("ECHClientHelloType");
  if (type == 1) return words.add("inner");
  if (type != 0) return body.fail(ParseErrorCode::bad_value, "ECHClientHelloType");
  words.add("outer");
  words.add(HpkeKdf{body.u16("kdf_id")});
  words.add(HpkeAead{body.u16("aead_id")});
  words.add("config " + std::to_string(body.u8("config_id")));
  words.add_bytes(body.vector16("enc").remaining(), "enc");
  words.add_bytes(body.vector16("payload").remaining(), "payload");
}

/// RFC 9849 5.1: what the inner hello leaves out because the outer one has it.
void ech_outer_extensions(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector8("OuterExtensions");
  add_points<ExtensionType>(list, "OuterExtensions", words);
}

/// draft-ietf-tls-esni-02 4 and 5.1; the server answers with a nonce.
void encrypted_server_name(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return opaque(body, kind, words);
  words.add(CipherSuite{body.u16("suite")});
  add_share(body, words);
  words.add_bytes(body.vector16("record_digest").remaining(), "digest");
  words.add_bytes(body.vector16("encrypted_sni").remaining(), "encrypted name");
}

}  // namespace visavis::inspect::extension_body

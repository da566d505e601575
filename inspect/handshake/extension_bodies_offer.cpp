#include <algorithm>

#include "inspect/codepoint/extension_value.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"
#include "inspect/handshake/extension_bodies.h"

// What is offered and chosen: versions, groups, schemes, protocols, sizes.
namespace visavis::inspect::extension_body {
namespace {

/// A list of names of 1 to 255 bytes: RFC 7301 3.1.
void add_names(ByteReader& list, std::string_view field, ExtensionWords& words) {
  while (list.more()) {
    const Bytes text = list.vector8(field).rest();
    if (!list.failed() && text.empty()) list.fail(ParseErrorCode::bad_length, field);
    if (!list.failed()) words.add_text(text);
  }
}

}  // namespace

void empty(ByteReader&, HelloKind, ExtensionWords&) {}

void opaque(ByteReader& body, HelloKind, ExtensionWords& words) {
  const Bytes bytes = body.rest();
  if (!bytes.empty()) words.add_bytes(bytes.size());
}

/// RFC 6066 3; a server answers with an empty one.
void server_name(ByteReader& body, HelloKind, ExtensionWords& words) {
  if (!body.more()) return;
  ByteReader list = body.vector16("ServerNameList");
  while (list.more()) {
    const std::uint8_t type = list.u8("name_type");
    const Bytes host = list.vector16("HostName").rest();
    if (list.failed()) return;
    if (type == 0)
      words.add_text(host);
    else
      words.add_bytes(host.size(), "name of type " + std::to_string(type));
  }
}

/// RFC 8446 4.2.1.
void supported_versions(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return words.add(ProtocolVersion{body.u16("selected_version")});
  ByteReader list = body.vector8("versions");
  add_points<ProtocolVersion>(list, "versions", words);
}

/// RFC 8446 4.2.7; a server may tell what it would have liked better.
void supported_groups(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector16("named_group_list");
  add_points<NamedGroup>(list, "named_group_list", words);
}

/// RFC 8422 5.1.2.
void ec_point_formats(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector8("ec_point_format_list");
  add_points<EcPointFormat>(list, "ec_point_format_list", words);
}

/// RFC 8446 4.2.3.
void signature_schemes(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector16("supported_signature_algorithms");
  add_points<SignatureScheme>(list, "supported_signature_algorithms", words);
}

void alpn(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader list = body.vector16("ProtocolNameList");
  add_names(list, "ProtocolName", words);
}

/// draft-agl-tls-nextprotoneg-04 3: empty in a ClientHello; a server lists its protocols, without a
/// length before the list.
void next_protocol_negotiation(ByteReader& body, HelloKind, ExtensionWords& words) {
  add_names(body, "ProtocolName", words);
}

/// draft-vvv-tls-alps-01 3: the protocols that it is for; in EncryptedExtensions, the settings of
/// the one that was chosen.
void application_settings(ByteReader& body, HelloKind kind, ExtensionWords& words) {
  if (is_answer(kind)) return opaque(body, kind, words);
  ByteReader list = body.vector16("supported_protocols");
  add_names(list, "supported_protocols", words);
}

/// RFC 6066 4.
void max_fragment_length(ByteReader& body, HelloKind, ExtensionWords& words) {
  const std::uint8_t code = body.u8("max_fragment_length");
  if (body.failed()) return;
  if (code >= 1 && code <= 4)
    words.add_bytes(std::size_t{256} << code);
  else
    words.add("unknown code " + std::to_string(code));
}

/// RFC 8449 4.
void record_size_limit(ByteReader& body, HelloKind, ExtensionWords& words) {
  words.add_bytes(body.u16("RecordSizeLimit"));
}

/// RFC 7685 3: zero bytes only.
void padding(ByteReader& body, HelloKind, ExtensionWords& words) {
  const Bytes bytes = body.rest();
  words.add_bytes(bytes.size());
  if (std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; }))
    words.add("not all of them zero");
}

/// RFC 6520 2.
void heartbeat(ByteReader& body, HelloKind, ExtensionWords& words) {
  words.add(HeartbeatMode{body.u8("HeartbeatMode")});
}

/// RFC 5764 4.1.1.
void use_srtp(ByteReader& body, HelloKind, ExtensionWords& words) {
  ByteReader profiles = body.vector16("SRTPProtectionProfiles");
  add_points<SrtpProfile>(profiles, "SRTPProtectionProfiles", words);
  const std::size_t mki = body.vector8("srtp_mki").remaining();
  if (mki > 0) words.add_bytes(mki, "MKI");
}

/// RFC 5746 3.2: empty in a first handshake, verify_data in one that renegotiates.
void renegotiation_info(ByteReader& body, HelloKind, ExtensionWords& words) {
  const std::size_t bytes = body.vector8("renegotiated_connection").remaining();
  if (body.failed()) return;
  if (bytes == 0)
    words.add("first handshake");
  else
    words.add_bytes(bytes, "renegotiation,");
}

/// RFC 9146 3; of the same shape are RFC 8844 3.2 and 4.2.
void connection_id(ByteReader& body, HelloKind, ExtensionWords& words) {
  words.add_bytes(body.vector8("connection_id").remaining());
}

/// draft-ietf-tls-tlsflags 2.
void tls_flags(ByteReader& body, HelloKind, ExtensionWords& words) {
  const Bytes flags = body.vector8("flags").rest();
  if (body.failed()) return;
  words.add("flags ");
  words.join_hex(flags);
}

}  // namespace visavis::inspect::extension_body

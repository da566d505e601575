#include "inspect/handshake/client_hello.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/codepoint/handshake_type.h"

namespace visavis::inspect {
namespace {

/// RFC 6066 3: a list of typed names; only host_name (0) is defined. The first one is taken.
void decode_server_name(ByteReader& body, ClientHello& hello) {
  ByteReader list = body.vector16("ServerNameList");
  while (list.more()) {
    const std::uint8_t type = list.u8("name_type");
    ByteReader name = list.vector16("HostName");
    if (!list.failed() && type == 0 && !hello.sni) hello.sni = to_string(name.rest());
  }
}

/// RFC 8446 4.2.8: group and an opaque key of at least one byte. The keys themselves are not kept
/// apart.
void decode_key_share(ByteReader& body, ClientHello& hello) {
  ByteReader list = body.vector16("client_shares");
  std::vector<NamedGroup> groups;
  while (list.more()) {
    groups.push_back(NamedGroup{list.u16("key_share group")});
    (void)list.vector16("key_exchange");
  }
  hello.key_share_groups = std::move(groups);
}

/// RFC 8446 4.2.11: identities, then binders.
void decode_pre_shared_key(ByteReader& body, ClientHello& hello) {
  ByteReader identities = body.vector16("psk identities");
  std::size_t count = 0;
  while (identities.more()) {
    (void)identities.vector16("psk identity");
    (void)identities.u32("obfuscated_ticket_age");
    ++count;
  }
  (void)body.vector16("psk binders");
  hello.psk_identities = count;
}

template <class CodePoint>
std::vector<CodePoint> list_in_vector16(ByteReader& body, std::string_view field) {
  ByteReader list = body.vector16(field);
  return list.template list16<CodePoint>(field);
}

void decode_body(ExtensionType type, ByteReader& body, ClientHello& hello) {
  if (type == kServerName) {
    if (body.more()) decode_server_name(body, hello);
  } else if (type == kSupportedVersions) {
    ByteReader list = body.vector8("supported_versions");
    hello.supported_versions = list.list16<ProtocolVersion>("supported_versions");
  } else if (type == kSupportedGroups) {
    hello.groups = list_in_vector16<NamedGroup>(body, "supported_groups");
  } else if (type == kSignatureAlgorithms) {
    hello.sig_algs = list_in_vector16<SignatureScheme>(body, "signature_algorithms");
  } else if (type == kSignatureAlgorithmsCert) {
    hello.sig_algs_cert = list_in_vector16<SignatureScheme>(body, "signature_algorithms_cert");
  } else if (type == kEcPointFormats) {
    const Bytes formats = body.vector8("ec_point_formats").rest();
    hello.ec_point_formats.emplace(formats.begin(), formats.end());
  } else if (type == kAlpn) {
    hello.alpn = read_protocol_names(body);
  } else if (type == kKeyShare) {
    decode_key_share(body, hello);
  } else if (type == kSessionTicket) {
    hello.session_ticket_len = static_cast<std::uint16_t>(body.rest().size());
  } else if (type == kMaxFragmentLength) {
    hello.max_fragment_length = body.u8("max_fragment_length");
  } else if (type == kPreSharedKey) {
    decode_pre_shared_key(body, hello);
  } else {
    (void)body.rest();
  }
  body.done(field_name(type));
}

void forget(ExtensionType type, ClientHello& hello) {
  if (type == kServerName) hello.sni.reset();
  if (type == kSupportedVersions) hello.supported_versions.reset();
  if (type == kSupportedGroups) hello.groups.reset();
  if (type == kSignatureAlgorithms) hello.sig_algs.reset();
  if (type == kSignatureAlgorithmsCert) hello.sig_algs_cert.reset();
  if (type == kEcPointFormats) hello.ec_point_formats.reset();
  if (type == kAlpn) hello.alpn.reset();
  if (type == kKeyShare) hello.key_share_groups.reset();
  if (type == kMaxFragmentLength) hello.max_fragment_length.reset();
  if (type == kPreSharedKey) hello.psk_identities = 0;
}

void add_problem(const ParseError& problem, ClientHello& hello) {
  if (hello.extension_problems.size() < limits::kMaxExtensionProblems)
    hello.extension_problems.push_back(problem);
}

void decode_extension(const Extension& extension, ClientHello& hello) {
  ByteReader body(hello.body(extension));
  decode_body(extension.type, body, hello);
  if (!body.failed()) return;
  forget(extension.type, hello);
  ParseError problem = *body.error();
  problem.offset += extension.offset;
  add_problem(problem, hello);
}

/// TLS 1.3 drafts up to 22 had key_share at 40. Only a hello with supported_versions can be one: in
/// others, old BSAFE put its extended_random there.
void decode_draft_key_share(ClientHello& hello) {
  if (!hello.supported_versions || hello.has(kKeyShare)) return;
  for (const Extension& extension : hello.extensions) {
    if (extension.type != kDraftKeyShare) continue;
    ByteReader body(hello.body(extension));
    decode_body(kKeyShare, body, hello);
    if (body.failed()) hello.key_share_groups.reset();
  }
}

/// RFC 8446 4.2.11: pre_shared_key must be the last extension, since its binders cover the rest.
void check_order(ClientHello& hello) {
  for (std::size_t i = 0; i + 1 < hello.extensions.size(); ++i)
    if (hello.extensions[i].type == kPreSharedKey)
      add_problem({ParseErrorCode::bad_value, "pre_shared_key is not the last extension",
                   hello.extensions[i].offset},
                  hello);
}

void copy_random(Bytes from, ClientHello& hello) {
  // An SSL 2.0 challenge may be of another length: it is right-aligned, and of a longer one the
  // last 32 bytes count (RFC 2246 E.1).
  const Bytes last = from.last(std::min(from.size(), hello.random.size()));
  std::copy(last.begin(), last.end(),
            hello.random.end() - static_cast<std::ptrdiff_t>(last.size()));
}

}  // namespace

bool ClientHello::has(ExtensionType type) const {
  return std::any_of(extensions.begin(), extensions.end(),
                     [type](const Extension& extension) { return extension.type == type; });
}

Result<ClientHello> parse_client_hello(Bytes message) {
  ClientHello hello;
  ByteReader reader(message);
  if (reader.u8("handshake type") != kClientHello.value)
    reader.fail(ParseErrorCode::bad_value, "handshake type");
  hello.length = reader.u24("handshake length");
  if (!reader.failed() && hello.length != reader.remaining())
    reader.fail(ParseErrorCode::bad_length, "handshake length");
  hello.legacy_version.value = reader.u16("legacy_version");
  copy_random(reader.bytes(hello.random.size(), "random"), hello);
  const Bytes session_id = reader.vector8("legacy_session_id").rest();
  hello.session_id.assign(session_id.begin(), session_id.end());
  if (session_id.size() > 32) reader.fail(ParseErrorCode::bad_length, "legacy_session_id");
  ByteReader suites = reader.vector16("cipher_suites");
  hello.ciphers = suites.list16<CipherSuite>("cipher_suites");
  const Bytes compression = reader.vector8("legacy_compression_methods").rest();
  hello.compression.assign(compression.begin(), compression.end());
  if (reader.more()) {  // RFC 5246 7.4.1.2: a hello without extensions ends here
    ByteReader list = reader.vector16("extensions");
    hello.extensions = read_extension_list(list);
  }
  reader.done("ClientHello");
  if (reader.failed()) return *reader.error();
  hello.raw.assign(message.begin(), message.end());
  for (const Extension& extension : hello.extensions) decode_extension(extension, hello);
  decode_draft_key_share(hello);
  check_order(hello);
  list_duplicates(hello.extensions, hello.extension_problems);
  return hello;
}

Result<ClientHello> parse_sslv2_client_hello(Bytes record_body) {
  ClientHello hello;
  hello.sslv2 = true;
  hello.length = static_cast<std::uint32_t>(record_body.size());
  ByteReader reader(record_body);
  if (reader.u8("msg_type") != kClientHello.value)
    reader.fail(ParseErrorCode::bad_value, "msg_type");
  hello.legacy_version.value = reader.u16("version");
  const std::uint16_t specs_length = reader.u16("cipher_spec_length");
  const std::uint16_t id_length = reader.u16("session_id_length");
  const std::uint16_t challenge_length = reader.u16("challenge_length");
  ByteReader specs(reader.bytes(specs_length, "cipher_specs"));
  while (specs.more()) {
    const std::uint32_t spec = specs.u24("cipher_spec");
    if (specs.failed()) break;
    hello.sslv2_cipher_specs.push_back(spec);
    // RFC 5246 E.2: a TLS suite is written with a leading zero byte.
    if (spec <= 0xffff) hello.ciphers.push_back(CipherSuite{static_cast<std::uint16_t>(spec)});
  }
  if (specs.failed()) reader.fail(ParseErrorCode::bad_length, "cipher_specs");
  const Bytes session_id = reader.bytes(id_length, "session_id");
  hello.session_id.assign(session_id.begin(), session_id.end());
  copy_random(reader.bytes(challenge_length, "challenge"), hello);
  reader.done("ClientHello");
  if (reader.failed()) return *reader.error();
  hello.raw.assign(record_body.begin(), record_body.end());
  return hello;
}

ProtocolVersion highest_version(const ClientHello& hello) {
  if (!hello.supported_versions) return hello.legacy_version;
  ProtocolVersion highest{};
  for (const ProtocolVersion version : *hello.supported_versions)
    if (version >= kSsl3 && version <= kTls13) highest = std::max(highest, version);
  return highest;
}

}  // namespace visavis::inspect

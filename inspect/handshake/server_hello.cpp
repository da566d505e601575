#include "inspect/handshake/server_hello.h"

#include <algorithm>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// SHA-256 of "HelloRetryRequest". RFC 8446 4.1.3.
constexpr std::array<std::uint8_t, 32> kHelloRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/// TLS 1.3 drafts are 0x7f00 plus their number. Up to 21 the version stood where it always had, and
/// the hello had neither session id nor compression (draft-ietf-tls-tls13-21 4.1.3).
bool has_draft_shape(ProtocolVersion version) {
  return version.value >= 0x7f00 && version.value <= 0x7f15;
}

void decode(ExtensionType type, ByteReader& body, ServerHello& hello) {
  if (type == kSupportedVersions) {
    hello.selected_version = ProtocolVersion{body.u16("selected_version")};
  } else if (type == kKeyShare) {
    hello.key_share_group = NamedGroup{body.u16("key_share group")};
    (void)body.rest();
  } else if (type == kAlpn) {
    auto names = read_protocol_names(body);
    if (names.size() == 1) hello.alpn = std::move(names.front());
  } else if (type == kPreSharedKey) {
    (void)body.u16("selected_identity");
    hello.pre_shared_key = true;
  } else if (type == kServerCertificateType) {
    hello.server_certificate_type = CertificateType{body.u8("server_certificate_type")};
  } else if (type == kClientCertificateType) {
    hello.client_certificate_type = CertificateType{body.u8("client_certificate_type")};
  } else {
    (void)body.rest();
  }
}

void forget(ExtensionType type, ServerHello& hello) {
  if (type == kKeyShare) hello.key_share_group.reset();
  if (type == kAlpn) hello.alpn.reset();
  if (type == kPreSharedKey) hello.pre_shared_key = false;
  if (type == kServerCertificateType) hello.server_certificate_type.reset();
  if (type == kClientCertificateType) hello.client_certificate_type.reset();
}

std::optional<ParseError> decode_extensions(Bytes message, ServerHello& hello) {
  // Number 40 is the drafts' key_share; in TLS 1.2 old BSAFE put its extended_random there.
  const bool draft = has_draft_shape(hello.legacy_version) || hello.has(kSupportedVersions);
  for (const Extension& extension : hello.extensions) {
    const ExtensionType type =
        draft && extension.type == kDraftKeyShare ? kKeyShare : extension.type;
    const auto read = [&](ByteReader& body) { decode(type, body, hello); };
    const auto problem = read_extension_body(extension, message, read);
    if (!problem) continue;
    // Without the version, nothing that follows can be read.
    if (type == kSupportedVersions) return problem;
    forget(type, hello);
    if (hello.extension_problems.size() < limits::kMaxExtensionProblems)
      hello.extension_problems.push_back(*problem);
  }
  list_duplicates(hello.extensions, hello.extension_problems);
  return std::nullopt;
}

/// finish reads what all shapes end with.
Result<ServerHello> finish(ByteReader& reader, Bytes message, ServerHello hello) {
  if (reader.more()) {
    ByteReader list = reader.vector16("extensions");
    hello.extensions = read_extension_list(list);
  }
  reader.done("ServerHello");
  if (reader.failed()) return *reader.error();
  if (const auto problem = decode_extensions(message, hello)) return *problem;
  return hello;
}

}  // namespace

bool ServerHello::has(ExtensionType type) const {
  return std::any_of(extensions.begin(), extensions.end(),
                     [type](const Extension& extension) { return extension.type == type; });
}

Result<ServerHello> parse_server_hello(Bytes message) {
  ServerHello hello;
  ByteReader reader(message);
  read_message_header(reader, kServerHello);
  hello.legacy_version.value = reader.u16("legacy_version");
  const bool draft = has_draft_shape(hello.legacy_version);
  const Bytes random = reader.bytes(hello.random.size(), "random");
  std::copy(random.begin(), random.end(), hello.random.begin());
  if (!draft) {
    const Bytes session_id = reader.vector8("legacy_session_id").rest();
    hello.session_id.assign(session_id.begin(), session_id.end());
    if (session_id.size() > 32) reader.fail(ParseErrorCode::bad_length, "legacy_session_id");
  }
  hello.cipher.value = reader.u16("cipher_suite");
  if (!draft) hello.compression = reader.u8("legacy_compression_method");
  hello.hello_retry = hello.random == kHelloRetryRandom;
  return finish(reader, message, std::move(hello));
}

Result<ServerHello> parse_draft_hello_retry_request(Bytes message) {
  ServerHello hello;
  hello.hello_retry = true;
  ByteReader reader(message);
  read_message_header(reader, kDraftHelloRetryRequest);
  hello.legacy_version.value = reader.u16("server_version");
  if (hello.legacy_version.value >= 0x7f13) hello.cipher.value = reader.u16("cipher_suite");
  return finish(reader, message, std::move(hello));
}

}  // namespace visavis::inspect

#include "inspect/handshake/server_hello.h"

#include <algorithm>

namespace visavis::inspect {
namespace {

/// SHA-256 of "HelloRetryRequest". RFC 8446 4.1.3.
constexpr std::array<std::uint8_t, 32> kHelloRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

std::optional<ParseError> decode(const Extension& extension, Bytes message, ServerHello& hello) {
  ByteReader body(message.subspan(extension.offset, extension.length));
  if (extension.type == kSupportedVersions) {
    hello.selected_version = ProtocolVersion{body.u16("selected_version")};
    body.done("selected_version");
  } else if (extension.type == kKeyShare) {
    hello.key_share_group = NamedGroup{body.u16("key_share group")};
    (void)body.rest();
  } else if (extension.type == kAlpn) {
    auto names = read_protocol_names(body);
    if (names.size() == 1) hello.alpn = std::move(names.front());
  } else if (extension.type == kPreSharedKey) {
    (void)body.u16("selected_identity");
    hello.pre_shared_key = true;
  }
  if (!body.failed()) return std::nullopt;
  ParseError problem = *body.error();
  problem.offset += extension.offset;
  return problem;
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
  const Bytes random = reader.bytes(hello.random.size(), "random");
  std::copy(random.begin(), random.end(), hello.random.begin());
  const Bytes session_id = reader.vector8("legacy_session_id").rest();
  hello.session_id.assign(session_id.begin(), session_id.end());
  if (session_id.size() > 32) reader.fail(ParseErrorCode::bad_length, "legacy_session_id");
  hello.cipher.value = reader.u16("cipher_suite");
  hello.compression = reader.u8("legacy_compression_method");
  if (reader.more()) {
    ByteReader list = reader.vector16("extensions");
    hello.extensions = read_extension_list(list);
  }
  reader.done("ServerHello");
  hello.hello_retry = hello.random == kHelloRetryRandom;
  if (reader.failed()) return *reader.error();
  for (const Extension& extension : hello.extensions)
    if (const auto problem = decode(extension, message, hello)) return *problem;
  return hello;
}

}  // namespace visavis::inspect

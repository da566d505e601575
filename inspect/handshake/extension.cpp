#include "inspect/handshake/extension.h"

#include <algorithm>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

void add_duplicate(const Extension& extension, std::vector<ParseError>& problems) {
  if (problems.size() < limits::kMaxExtensionProblems)
    problems.push_back({ParseErrorCode::duplicate, field_name(extension.type), extension.offset});
}

/// A hello of 64 KiB has room for 16,384 extensions: looking back from each of them would be work
/// without end.
constexpr std::size_t kMaxLookedBack = 64;

/// One of 64 bits for each type. The low types, which most are, never share one.
std::uint64_t bit_of(ExtensionType type) {
  return std::uint64_t{1} << (type.value < 64 ? type.value : (type.value * 37U >> 4) % 64);
}

}  // namespace

void read_message_header(ByteReader& reader, HandshakeType type) {
  if (reader.u8("handshake type") != type.value)
    reader.fail(ParseErrorCode::bad_value, "handshake type");
  const std::size_t length = reader.u24("handshake length");
  if (!reader.failed() && length != reader.remaining())
    reader.fail(ParseErrorCode::bad_length, "handshake length");
}

std::vector<Extension> read_extension_list(ByteReader& reader) {
  std::vector<Extension> extensions;
  if (reader.more()) extensions.reserve(16);
  while (reader.more()) {
    Extension extension;
    extension.type.value = reader.u16("extension type");
    extension.length = reader.u16("extension length");
    extension.offset = static_cast<std::uint32_t>(reader.offset());
    (void)reader.bytes(extension.length, "extension body");
    if (!reader.failed()) extensions.push_back(extension);
  }
  return extensions;
}

std::string_view field_name(ExtensionType type) {
  const std::string_view known = known_name(type);  // lives as long as its table
  return known.empty() ? "extension" : known;
}

void list_duplicates(const std::vector<Extension>& extensions, std::vector<ParseError>& problems) {
  if (extensions.size() > kMaxLookedBack) {
    std::vector<bool> seen(std::size_t{1} << 16);
    for (const Extension& extension : extensions) {
      if (seen[extension.type.value]) add_duplicate(extension, problems);
      seen[extension.type.value] = true;
    }
    return;
  }
  std::uint64_t bits = 0;
  for (auto at = extensions.begin(); at != extensions.end(); ++at) {
    const std::uint64_t bit = bit_of(at->type);
    const auto same = [at](const Extension& before) { return before.type == at->type; };
    if ((bits & bit) != 0 && std::any_of(extensions.begin(), at, same))
      add_duplicate(*at, problems);
    bits |= bit;
  }
}

std::vector<std::string> read_protocol_names(ByteReader& reader) {
  std::vector<std::string> names;
  ByteReader list = reader.vector16("ProtocolNameList");
  while (list.more()) {
    const std::uint8_t length = list.u8("ProtocolName length");
    // RFC 7301 3.1: an empty name is not allowed.
    if (!list.failed() && length == 0) list.fail(ParseErrorCode::bad_length, "ProtocolName");
    names.push_back(to_string(list.bytes(length, "ProtocolName")));
  }
  if (reader.failed()) names.clear();
  return names;
}

}  // namespace visavis::inspect

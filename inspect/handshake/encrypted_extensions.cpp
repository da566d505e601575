#include "inspect/handshake/encrypted_extensions.h"

#include "inspect/bytes/limits.h"

namespace visavis::inspect {

Result<EncryptedExtensions> parse_encrypted_extensions(Bytes message) {
  EncryptedExtensions parsed;
  ByteReader reader(message);
  read_message_header(reader, kEncryptedExtensions);
  ByteReader list = reader.vector16("extensions");
  parsed.extensions = read_extension_list(list);
  reader.done("EncryptedExtensions");
  if (reader.failed()) return *reader.error();
  list_duplicates(parsed.extensions, parsed.extension_problems);
  for (const Extension& extension : parsed.extensions) {
    if (extension.type != kAlpn) continue;
    const auto problem = read_extension_body(extension, message, [&](ByteReader& body) {
      auto names = read_protocol_names(body);
      // RFC 7301 3.1: a server answers with exactly one.
      if (names.size() == 1) parsed.alpn = std::move(names.front());
    });
    if (problem && parsed.extension_problems.size() < limits::kMaxExtensionProblems)
      parsed.extension_problems.push_back(*problem);
  }
  return parsed;
}

}  // namespace visavis::inspect

#include "tests/support/hello_builder.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace visavis::test {
namespace {

void append(ByteVector& to, const ByteVector& from) {
  to.insert(to.end(), from.begin(), from.end());
}

int digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

}  // namespace

ByteVector big_endian(std::uint32_t value, std::size_t width) {
  ByteVector bytes(width);
  for (std::size_t i = 0; i < width; ++i)
    bytes[width - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  return bytes;
}

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector bytes;
  for (const ByteVector& part : parts) append(bytes, part);
  return bytes;
}

ByteVector text_bytes(std::string_view text) { return {text.begin(), text.end()}; }

ByteVector vector_of(std::size_t width, const ByteVector& body) {
  return joined({big_endian(static_cast<std::uint32_t>(body.size()), width), body});
}

ByteVector list16(const std::vector<std::uint16_t>& values) {
  ByteVector bytes;
  for (const std::uint16_t value : values) append(bytes, big_endian(value, 2));
  return bytes;
}

ByteVector from_hex(std::string_view hex) {
  ByteVector bytes;
  int high = -1;
  for (const char letter : hex) {
    const int value = digit(letter);
    if (value < 0) continue;
    if (high < 0) {
      high = value;
      continue;
    }
    bytes.push_back(static_cast<std::uint8_t>(high * 16 + value));
    high = -1;
  }
  return bytes;
}

ByteVector data_file(const std::string& path) {
  std::ifstream file(std::string(VISAVIS_SOURCE_DIR) + "/tests/data/" + path + ".hex");
  if (!file) throw std::runtime_error("no test data: " + path);
  return from_hex(std::string(std::istreambuf_iterator<char>(file), {}));
}

ByteVector record(std::uint8_t type, std::uint16_t version, const ByteVector& body) {
  return joined({{type}, big_endian(version, 2), vector_of(2, body)});
}

ByteVector message(std::uint8_t type, const ByteVector& body) {
  return joined({{type}, vector_of(3, body)});
}

ExtensionBytes server_name(std::string_view host) {
  return {0, vector_of(2, joined({{0}, vector_of(2, text_bytes(host))}))};
}

ExtensionBytes alpn(std::initializer_list<std::string_view> names) {
  ByteVector list;
  for (const std::string_view name : names) append(list, vector_of(1, text_bytes(name)));
  return {16, vector_of(2, list)};
}

ExtensionBytes supported_versions(const std::vector<std::uint16_t>& versions) {
  return {43, vector_of(1, list16(versions))};
}

ExtensionBytes supported_groups(const std::vector<std::uint16_t>& groups) {
  return {10, vector_of(2, list16(groups))};
}

ExtensionBytes signature_algorithms(const std::vector<std::uint16_t>& schemes) {
  return {13, vector_of(2, list16(schemes))};
}

ExtensionBytes key_shares(const std::vector<std::uint16_t>& groups) {
  ByteVector list;
  for (const std::uint16_t group : groups)
    append(list, joined({big_endian(group, 2), vector_of(2, ByteVector(32, 0x77))}));
  return {51, vector_of(2, list)};
}

ByteVector extension_block(const std::vector<ExtensionBytes>& extensions) {
  ByteVector block;
  for (const ExtensionBytes& extension : extensions) {
    append(block, big_endian(extension.type, 2));
    append(block, vector_of(2, extension.body));
  }
  return vector_of(2, block);
}

ByteVector HelloBytes::message() const {
  ByteVector body = joined({big_endian(legacy_version, 2), random, vector_of(1, session_id),
                            vector_of(2, list16(ciphers)), vector_of(1, compression)});
  if (with_extensions) append(body, extension_block(extensions));
  return test::message(1, body);
}

ByteVector ServerHelloBytes::message() const {
  ByteVector body = joined({big_endian(legacy_version, 2),
                            random,
                            vector_of(1, session_id),
                            big_endian(cipher, 2),
                            {compression}});
  if (with_extensions) append(body, extension_block(extensions));
  return test::message(2, body);
}

HelloBytes full_hello() {
  HelloBytes hello;
  hello.session_id = ByteVector(32, 0x33);
  hello.ciphers = {0x3a3a, 0x1301, 0xc02f, 0x00ff};
  const ByteVector identity = joined({vector_of(2, ByteVector(9, 0x55)), big_endian(7, 4)});
  hello.extensions = {{0x4a4a, {}},
                      server_name("shop.example.com"),
                      {1, {2}},
                      supported_groups({0x5a5a, 29, 23}),
                      {11, vector_of(1, {0, 1})},
                      signature_algorithms({0x0403, 0x0804}),
                      {50, vector_of(2, list16({0x0401}))},
                      alpn({"h2", "http/1.1"}),
                      {35, ByteVector(5, 0x66)},
                      supported_versions({0x6a6a, 0x0304, 0x0303}),
                      key_shares({0x5a5a, 29}),
                      {0xfe0d, {1, 2, 3}},
                      {41, joined({vector_of(2, identity), vector_of(2, ByteVector(33, 0x20))})}};
  return hello;
}

ByteVector sslv2_hello_body(std::uint16_t version, const std::vector<std::uint32_t>& specs,
                            const ByteVector& session_id, const ByteVector& challenge) {
  ByteVector list;
  for (const std::uint32_t spec : specs) append(list, big_endian(spec, 3));
  const auto length = [](const ByteVector& bytes) {
    return big_endian(static_cast<std::uint32_t>(bytes.size()), 2);
  };
  return joined({{1},
                 big_endian(version, 2),
                 length(list),
                 length(session_id),
                 length(challenge),
                 list,
                 session_id,
                 challenge});
}

ByteVector sslv2_record(const ByteVector& body) {
  return joined({big_endian(0x8000U | static_cast<std::uint32_t>(body.size()), 2), body});
}

ByteVector certificate_message(const std::vector<ByteVector>& certificates, bool tls13) {
  ByteVector list;
  for (const ByteVector& certificate : certificates) {
    append(list, vector_of(3, certificate));
    if (tls13) append(list, {0, 0});
  }
  return message(11, joined({tls13 ? ByteVector{0} : ByteVector{}, vector_of(3, list)}));
}

}  // namespace visavis::test

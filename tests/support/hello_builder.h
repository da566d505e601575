#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// Bytes of TLS messages made by hand, right or wrong on purpose.
namespace visavis::test {

using ByteVector = std::vector<std::uint8_t>;

/// big_endian returns the lowest `width` bytes of a number.
ByteVector big_endian(std::uint32_t value, std::size_t width);
ByteVector joined(std::initializer_list<ByteVector> parts);
ByteVector text_bytes(std::string_view text);
/// vector_of puts a length of `width` bytes before the body.
ByteVector vector_of(std::size_t width, const ByteVector& body);
ByteVector list16(const std::vector<std::uint16_t>& values);
/// from_hex reads hex digits; all else between them is skipped.
ByteVector from_hex(std::string_view hex);
/// data_file returns the bytes of tests/data/<path>.hex.
ByteVector data_file(const std::string& path);

ByteVector record(std::uint8_t type, std::uint16_t version, const ByteVector& body);
/// message puts a handshake header before the body.
ByteVector message(std::uint8_t type, const ByteVector& body);

struct ExtensionBytes {
  std::uint16_t type = 0;
  ByteVector body{};
};

/// extension_block returns the extensions with their length before them.
ByteVector extension_block(const std::vector<ExtensionBytes>& extensions);
ExtensionBytes server_name(std::string_view host);
ExtensionBytes alpn(std::initializer_list<std::string_view> names);
ExtensionBytes supported_versions(const std::vector<std::uint16_t>& versions);
ExtensionBytes supported_groups(const std::vector<std::uint16_t>& groups);
ExtensionBytes signature_algorithms(const std::vector<std::uint16_t>& schemes);
ExtensionBytes key_shares(const std::vector<std::uint16_t>& groups);

/// HelloBytes is a ClientHello before it is written; `extensions_length` and the like are right.
struct HelloBytes {
  std::uint16_t legacy_version = 0x0303;
  ByteVector random = ByteVector(32, 0x11);
  ByteVector session_id{};
  std::vector<std::uint16_t> ciphers{0x1301, 0xc02f};
  ByteVector compression{0};
  std::vector<ExtensionBytes> extensions{};
  bool with_extensions = true;

  [[nodiscard]] ByteVector message() const;
};

struct ServerHelloBytes {
  std::uint16_t legacy_version = 0x0303;
  ByteVector random = ByteVector(32, 0x22);
  ByteVector session_id{};
  std::uint16_t cipher = 0xc02f;
  std::uint8_t compression = 0;
  std::vector<ExtensionBytes> extensions{};
  bool with_extensions = true;

  [[nodiscard]] ByteVector message() const;
};

/// A hello with every extension that is decoded, well formed.
HelloBytes full_hello();

/// The body of an SSL 2.0 hello, from its type byte on. RFC 5246 E.2.
ByteVector sslv2_hello_body(std::uint16_t version, const std::vector<std::uint32_t>& specs,
                            const ByteVector& session_id, const ByteVector& challenge);
/// The 2-byte header before it.
ByteVector sslv2_record(const ByteVector& body);

/// A Certificate message in the shape of TLS 1.3 or of older versions.
ByteVector certificate_message(const std::vector<ByteVector>& certificates, bool tls13);

}  // namespace visavis::test

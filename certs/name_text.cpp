#include "certs/name_text.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "certs/digest.h"
#include "certs/lru_map.h"
#include "certs/openssl_handles.h"

namespace visavis::certs {
namespace {

struct Utf8Character {
  std::uint32_t code_point = 0;
  std::size_t bytes = 0;  // 0: not UTF-8 here
};

std::uint32_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// RFC 3629 3 and 4: no overlong form, no surrogate, nothing above U+10FFFF.
Utf8Character first_character(std::string_view text) {
  static constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const std::uint32_t lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code_point = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return {};
    code_point = code_point << 6 | (byte_at(text, i) & 0x3f);
  }
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (surrogate || code_point < kSmallest.at(bytes) || code_point > 0x10ffff) return {};
  return {code_point, bytes};
}

bool misleads(std::uint32_t code_point) {
  if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0)) return true;
  if (code_point == 0x061c || code_point == 0x200e || code_point == 0x200f) return true;
  return (code_point >= 0x2028 && code_point <= 0x202e) ||
         (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xfeff;
}

void append_escaped(std::string& out, std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out += '\\';
    out += kDigits[byte_at(bytes, i) >> 4];
    out += kDigits[byte_at(bytes, i) & 0x0f];
  }
}

std::string printed_name(const X509_NAME* name, unsigned long flags) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return {};
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

std::string_view bytes_of(const ASN1_STRING* string) {
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  return data == nullptr
             ? std::string_view()
             : std::string_view(data, static_cast<std::size_t>(ASN1_STRING_length(string)));
}

std::string oid_text(const ASN1_OBJECT* object) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return text.data();
}

std::string address_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() == 4 || bytes.size() == 16)
    return inet_ntop(family, bytes.data(), text.data(), text.size());
  // Any other length is malformed outside name constraints; its bytes tell more than a word would.
  return hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

}  // namespace

std::string printable_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes == 0 || misleads(character.code_point))
      append_escaped(out, text.substr(0, bytes));
    else
      out += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return out;
}

std::string printable_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint32_t byte = byte_at(text, i);
    if (byte < 0x20 || byte >= 0x7f || text[i] == '\\')
      append_escaped(out, text.substr(i, 1));
    else
      out += text[i];
  }
  return out;
}

std::string name_text(const X509_name_st* name) {
  if (name == nullptr || X509_NAME_entry_count(name) == 0) return {};
  // Characters above ASCII are left as UTF-8; printable_utf8 escapes those that mislead.
  return printable_utf8(printed_name(name, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB));
}

namespace {

std::string decoded_name_text(std::span<const std::uint8_t> der) {
  const std::uint8_t* cursor = der.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &cursor, static_cast<long>(der.size())));
  if (name) return name_text(name.get());
  return "unreadable name " + hex(der.first(std::min<std::size_t>(der.size(), 32)));
}

}  // namespace

std::string distinguished_name_text(std::span<const std::uint8_t> der) {
  // A server that asks for certificates names the same issuers in every handshake, dozens of them.
  constexpr std::size_t kMostNames = 1024;
  constexpr std::size_t kLongestName = 512;  // DER, of those that are remembered
  static std::mutex mutex;
  static LruMap<std::string, std::string> names(kMostNames);
  if (der.size() > kLongestName) return decoded_name_text(der);
  const std::string key(der.begin(), der.end());
  {
    const std::lock_guard lock(mutex);
    if (const std::string* known = names.find(key)) return *known;
  }
  std::string text = decoded_name_text(der);
  const std::lock_guard lock(mutex);
  names.put(key, text);
  return text;
}

std::string common_name_text(const X509_name_st* name) {
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) return printable_ascii(bytes_of(value));
  const std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return printable_utf8(text);
}

std::string general_name_text(const GENERAL_NAME_st& name) {
  switch (name.type) {
    case GEN_DNS:
      return "DNS:" + printable_ascii(bytes_of(name.d.dNSName));
    case GEN_IPADD:
      return "IP:" + address_text(bytes_of(name.d.iPAddress));
    case GEN_URI:
      return "URI:" + printable_ascii(bytes_of(name.d.uniformResourceIdentifier));
    case GEN_EMAIL:
      return "email:" + printable_ascii(bytes_of(name.d.rfc822Name));
    case GEN_DIRNAME:
      return "DirName:" + name_text(name.d.directoryName);
    case GEN_RID:
      return "RID:" + oid_text(name.d.registeredID);
    case GEN_OTHERNAME:
      return "othername:" + oid_text(name.d.otherName->type_id);
    default:
      return "othername:type " + std::to_string(name.type);  // X.400 and EDI party names
  }
}

}  // namespace visavis::certs

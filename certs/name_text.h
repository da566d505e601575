#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

struct X509_name_st;
struct GENERAL_NAME_st;

namespace visavis::certs {

/// printable_utf8 returns the text with everything that is no valid UTF-8, and the characters that
/// would change how a terminal or a ticket shows it (controls, line separators, direction marks),
/// as "\XX" per byte. The text comes from peers.
[[nodiscard]] std::string printable_utf8(std::string_view text);

/// printable_ascii returns the text with every byte that is not printable ASCII, and the backslash,
/// as "\XX": for IA5String values, where an embedded NUL has been used to deceive.
[[nodiscard]] std::string printable_ascii(std::string_view text);

/// name_text returns a distinguished name by RFC 2253, in UTF-8; attributes whose type is not known
/// stand as "OID=#" and hex.
[[nodiscard]] std::string name_text(const X509_name_st* name);

/// distinguished_name_text returns a Name given in DER as name_text does; "unreadable name" and its
/// first bytes in hex when it is none.
[[nodiscard]] std::string distinguished_name_text(std::span<const std::uint8_t> der);

/// common_name_text returns the last (most specific) CN of a name, or "".
[[nodiscard]] std::string common_name_text(const X509_name_st* name);

/// general_name_text returns one entry of subjectAltName: "DNS:…", "IP:…", "URI:…", "email:…",
/// "DirName:…", "RID:…", or "othername:" with the type's OID. Source: RFC 5280 4.2.1.6.
[[nodiscard]] std::string general_name_text(const GENERAL_NAME_st& name);

}  // namespace visavis::certs

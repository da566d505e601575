#include "proxy/openssl_names.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <map>
#include <mutex>

#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/signature_scheme.h"
#include "proxy/ssl_handles.h"

namespace visavis::proxy {
namespace {

/// A context to try names on; never used for a connection.
SSL_CTX* scratch() {
  static const SslContextPtr context(SSL_CTX_new(TLS_method()), SslFree{});
  return context.get();
}

/// Old hash and signature pairs have no scheme name; OpenSSL takes them as SIGNATURE+HASH.
std::string pair_name(std::uint16_t scheme) {
  constexpr const char* hashes[] = {"", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
  constexpr const char* signatures[] = {"", "RSA", "DSA", "ECDSA"};
  const unsigned hash = scheme >> 8;
  const unsigned signature = scheme & 0xff;
  if (hash == 0 || hash > 6 || signature == 0 || signature > 3) return {};
  return std::string(signatures[signature]) + '+' + hashes[hash];
}

enum class Kind { group, scheme };

bool accepted(Kind kind, const std::string& name) {
  if (name.empty()) return false;
  const bool taken = kind == Kind::group ? SSL_CTX_set1_groups_list(scratch(), name.c_str()) == 1
                                         : SSL_CTX_set1_sigalgs_list(scratch(), name.c_str()) == 1;
  ERR_clear_error();
  return taken;
}

std::string find_name(Kind kind, std::uint16_t value) {
  if (kind == Kind::group) {
    const std::string name(known_name(inspect::NamedGroup{value}));
    return accepted(kind, name) ? name : std::string();
  }
  // Pairs first: under their scheme names some (ecdsa_sha1) are not known to every OpenSSL 3.0.
  const std::string pair = pair_name(value);
  if (accepted(kind, pair)) return pair;
  const std::string name(known_name(inspect::SignatureScheme{value}));
  return accepted(kind, name) ? name : std::string();
}

/// Each name is tried once in the life of the process.
std::string name_of(Kind kind, std::uint16_t value) {
  static std::mutex mutex;
  static std::map<std::pair<Kind, std::uint16_t>, std::string> names;
  const std::lock_guard lock(mutex);
  const auto [entry, is_new] = names.try_emplace({kind, value});
  if (is_new) entry->second = find_name(kind, value);
  return entry->second;
}

std::string list_of(Kind kind, const std::vector<std::uint16_t>& values) {
  std::string list;
  for (const std::uint16_t value : values) {
    const std::string name = name_of(kind, value);
    if (name.empty()) continue;
    if (!list.empty()) list += ':';
    list += name;
  }
  return list;
}

/// Suites that need a secret of the client's, which is not ours: OpenSSL has them, and offers none
/// without it. (Those of TLS 1.3 name no key exchange.)
bool needs_shared_secret(const SSL_CIPHER* cipher) {
  switch (SSL_CIPHER_get_kx_nid(cipher)) {
    case NID_kx_psk:
    case NID_kx_rsa_psk:
    case NID_kx_dhe_psk:
    case NID_kx_ecdhe_psk:
    case NID_kx_srp:
      return true;
    default:
      return false;
  }
}

}  // namespace

OpensslSuites openssl_suites(const std::vector<std::uint16_t>& suites) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static const SslPtr ssl(SSL_new(scratch()));
  OpensslSuites names;
  for (const std::uint16_t suite : suites) {
    const unsigned char wire[2] = {static_cast<unsigned char>(suite >> 8),
                                   static_cast<unsigned char>(suite & 0xff)};
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl.get(), wire);
    if (cipher == nullptr || needs_shared_secret(cipher)) continue;
    std::string& list = (suite >> 8) == 0x13 ? names.tls13 : names.up_to_tls12;
    if (!list.empty()) list += ':';
    list += SSL_CIPHER_get_name(cipher);
  }
  return names;
}

std::string openssl_groups(const std::vector<std::uint16_t>& groups) {
  return list_of(Kind::group, groups);
}

std::string openssl_signature_schemes(const std::vector<std::uint16_t>& schemes) {
  return list_of(Kind::scheme, schemes);
}

}  // namespace visavis::proxy

#include "tests/corpora/hello_facts.h"

#include <algorithm>

#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "inspect/handshake/fingerprint.h"
#include "tests/corpora/truth_text.h"

namespace visavis::corpora {
namespace {

namespace json = boost::json;
using namespace inspect;

/// The truth has an empty list where an extension is absent.
template <class List>
json::array numbers(const std::optional<List>& list) {
  json::array values;
  if (list)
    for (const auto& item : *list) {
      if constexpr (requires { item.value; })
        values.emplace_back(std::uint64_t{item.value});
      else
        values.emplace_back(std::uint64_t{item});
    }
  return values;
}

template <class T>
json::array numbers(const std::vector<T>& list) {
  return numbers(std::optional<std::vector<T>>(list));
}

json::array types(const std::vector<Extension>& extensions) {
  json::array values;
  for (const Extension& extension : extensions)
    values.emplace_back(std::uint64_t{extension.type.value});
  return values;
}

template <class T>
json::value number(const std::optional<T>& value) {
  if (!value) return nullptr;
  if constexpr (requires { value->value; })
    return std::uint64_t{value->value};
  else
    return std::uint64_t{*value};
}

json::value text(const std::optional<std::string>& value) {
  if (!value) return nullptr;
  return json::string(*value);
}

json::array hex_names(const std::optional<std::vector<std::string>>& names) {
  json::array values;
  if (names)
    for (const std::string& name : *names)
      values.emplace_back(certs::hex(std::vector<std::uint8_t>(name.begin(), name.end())));
  return values;
}

json::object sslv2_client_hello_facts(const ClientHello& hello) {
  return {{"sslv2", true},
          {"record_version", hello.record_version.value},
          {"legacy_version", hello.legacy_version.value},
          {"v2_cipher_specs", numbers(hello.sslv2_cipher_specs)},
          {"session_id", certs::hex(hello.session_id)},
          {"extensions", types(hello.extensions)}};
}

std::string_view key_algorithm(const certs::CertificateFacts& facts) {
  switch (facts.key_kind) {
    case certs::KeyKind::rsa:
      return "rsaEncryption";
    case certs::KeyKind::ec:
      return "id-ecPublicKey";
    case certs::KeyKind::dsa:
      return "dsaEncryption";
    default:
      return facts.key;
  }
}

}  // namespace

json::object client_hello_facts(const ClientHello& hello) {
  if (hello.sslv2) return sslv2_client_hello_facts(hello);
  const std::string full = ja3_text(hello);
  return {{"record_version", hello.record_version.value},
          {"legacy_version", hello.legacy_version.value},
          {"msg_len", hello.length},
          {"random", certs::hex(hello.random)},
          {"session_id", certs::hex(hello.session_id)},
          {"ciphers", numbers(hello.ciphers)},
          {"compression", numbers(hello.compression)},
          {"extensions", types(hello.extensions)},
          {"sni", text(hello.sni)},
          {"supported_versions", numbers(hello.supported_versions)},
          {"groups", numbers(hello.groups)},
          {"sig_algs", numbers(hello.sig_algs)},
          {"ec_point_formats", numbers(hello.ec_point_formats)},
          {"alpn_hex", hex_names(hello.alpn)},
          {"key_share_groups", numbers(hello.key_share_groups)},
          {"session_ticket_len", number(hello.session_ticket_len)},
          {"psk_identities", hello.psk_identities},
          {"ja3", md5_hex(full)},
          {"ja3_full", full},
          {"ja4", ja4(hello)}};
}

json::object server_hello_facts(const ServerHello& hello, ProtocolVersion record_version,
                                std::size_t message_length) {
  const std::string full = ja3s_text(hello);
  // Drafts of TLS 1.3 up to 21 have no compression in this message.
  const bool draft = hello.legacy_version.value >= 0x7f00 && hello.legacy_version.value <= 0x7f15;
  return {{"record_version", record_version.value},
          {"legacy_version", hello.legacy_version.value},
          {"msg_len", message_length - 4},
          {"random", certs::hex(hello.random)},
          {"session_id", certs::hex(hello.session_id)},
          {"extensions", types(hello.extensions)},
          {"cipher", hello.cipher.value},
          {"compression", draft ? json::value(nullptr) : json::value(hello.compression)},
          {"selected_version", number(hello.selected_version)},
          {"key_share_group", number(hello.key_share_group)},
          {"psk_selected", hello.pre_shared_key},
          {"alpn", text(hello.alpn)},
          {"ja3s", md5_hex(full)},
          {"ja3s_full", full},
          {"hrr", hello.hello_retry}};
}

json::object sslv2_server_hello_facts(const Sslv2ServerHello& hello) {
  return {{"sslv2", true},
          {"legacy_version", hello.version.value},
          {"v2_cipher_specs", numbers(hello.ciphers)}};
}

json::object certificate_facts(std::span<const std::uint8_t> der) {
  const certs::CertificateFacts facts = certs::read_certificate(der);
  json::array names;
  for (const std::string& name : facts.san) names.emplace_back(plain_name(name));
  return {{"sha256", facts.sha256},
          {"der_len", der.size()},
          {"parse_error", !facts.parse_problem.empty()},
          {"subject", unescaped(facts.subject)},
          {"issuer", unescaped(facts.issuer)},
          {"serial", facts.serial},
          {"not_before", facts.not_before},
          {"not_after", facts.not_after},
          {"sig_alg", facts.signature},
          {"key_alg", key_algorithm(facts)},
          {"key_bits", facts.key_bits},
          {"san", std::move(names)},
          {"self_issued", facts.self_issued}};
}

}  // namespace visavis::corpora

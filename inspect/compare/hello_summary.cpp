#include "inspect/compare/hello_summary.h"

#include "certs/digest.h"
#include "inspect/compare/code_points.h"
#include "inspect/compare/hello_extensions.h"
#include "inspect/handshake/fingerprint.h"

namespace visavis::inspect {
namespace {

ServerHelloReport summarize_sslv2(const Sslv2ServerHello& hello, const Transcript& transcript) {
  ServerHelloReport report;
  report.legacy_version = report.version = code_point(hello.version);
  report.session_id = certs::hex(hello.connection_id);
  report.cipher = code_point(transcript.sslv2_cipher.value_or(Sslv2Cipher{}));
  return report;
}

}  // namespace

ClientHelloReport summarize_hello(const ClientHello& hello, std::vector<ParseError>* problems) {
  ClientHelloReport report;
  report.record_version = code_point(hello.record_version);
  report.legacy_version = code_point(hello.legacy_version);
  report.random = certs::hex(hello.random);
  report.session_id = certs::hex(hello.session_id);
  report.ciphers = code_points(hello.ciphers);
  report.compression.assign(hello.compression.begin(), hello.compression.end());
  report.extensions = extension_types(hello.extensions);
  report.sni = hello.sni;
  report.supported_versions = code_points(hello.supported_versions);
  report.groups = code_points(hello.groups);
  report.sig_algs = code_points(hello.sig_algs);
  if (hello.ec_point_formats)
    report.ec_point_formats.emplace(hello.ec_point_formats->begin(), hello.ec_point_formats->end());
  report.alpn = hello.alpn;
  report.key_share_groups = code_points(hello.key_share_groups);
  if (hello.session_ticket_len) report.session_ticket_len = *hello.session_ticket_len;
  report.psk_identities = static_cast<int>(hello.psk_identities);
  report.length = hello.length;
  report.sslv2 = hello.sslv2;
  report.ja3_full = ja3_text(hello);
  report.ja3 = md5_hex(report.ja3_full);
  report.ja4 = ja4(hello);
  HelloExtensions extensions = describe_extensions(hello);
  report.extension_values = std::move(extensions.values);
  if (problems != nullptr) *problems = std::move(extensions.problems);
  return report;
}

std::optional<ServerHelloReport> summarize_server_hello(const Transcript& transcript) {
  if (transcript.sslv2_server_hello)
    return summarize_sslv2(*transcript.sslv2_server_hello, transcript);
  if (!transcript.server_hello) return std::nullopt;
  const ServerHello& hello = *transcript.server_hello;
  ServerHelloReport report;
  report.legacy_version = code_point(hello.legacy_version);
  report.version = code_point(hello.version());
  report.random = certs::hex(hello.random);
  report.session_id = certs::hex(hello.session_id);
  report.cipher = code_point(hello.cipher);
  report.compression = hello.compression;
  report.extensions = extension_types(hello.extensions);
  if (hello.key_share_group) report.key_share_group = code_point(*hello.key_share_group);
  report.alpn = transcript.alpn;
  report.ja3s = md5_hex(ja3s_text(hello));
  report.extension_values = describe_answer(transcript);
  return report;
}

std::optional<EstablishedReport> summarize_established(const Transcript& transcript) {
  if (!transcript.established) return std::nullopt;
  EstablishedReport report;
  report.resumed = transcript.resumed;
  if (transcript.sslv2_server_hello) {
    report.version = code_point(transcript.sslv2_server_hello->version);
    report.cipher = code_point(transcript.sslv2_cipher.value_or(Sslv2Cipher{}));
    return report;
  }
  if (!transcript.server_hello) return std::nullopt;
  const ServerHello& hello = *transcript.server_hello;
  report.version = code_point(hello.version());
  report.cipher = code_point(hello.cipher);
  if (transcript.group) report.group = code_point(*transcript.group);
  if (transcript.signature) report.signature = code_point(*transcript.signature);
  report.alpn = transcript.alpn;
  report.dh_bits = transcript.dh_bits;
  report.encrypt_then_mac = hello.has(kEncryptThenMac);
  report.extended_master_secret = hello.has(kExtendedMasterSecret);
  return report;
}

}  // namespace visavis::inspect

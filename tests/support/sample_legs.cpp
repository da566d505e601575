#include "tests/support/sample_legs.h"

#include <initializer_list>

#include "inspect/codepoint/alert.h"
#include "inspect/codepoint/cipher_suite.h"
#include "inspect/codepoint/client_certificate_type.h"
#include "inspect/codepoint/extension_type.h"
#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/codepoint/signature_scheme.h"

namespace visavis::test {
namespace {

using namespace inspect;

template <class T>
std::vector<CodePoint> points(std::initializer_list<std::uint16_t> values) {
  std::vector<CodePoint> list;
  for (const std::uint16_t value : values) list.push_back(code_point(T{value}));
  return list;
}

std::string hex_of(std::size_t bytes, char seed) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += "0123456789abcdef"[(i * 7 + static_cast<std::size_t>(seed)) % 16];
    text += "0123456789abcdef"[(i * 3 + 5) % 16];
  }
  return text;
}

ExtensionReport extension(std::uint16_t type, const char* value) {
  return {code_point(ExtensionType{type}), value};
}

ClientHelloReport hello_of(CodePoint legacy) {
  ClientHelloReport hello;
  hello.record_version = code_point(kTls10);
  hello.legacy_version = std::move(legacy);
  hello.random = hex_of(32, 'c');
  hello.ciphers =
      points<CipherSuite>({0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                           0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035});
  hello.compression = {0};
  hello.extensions =
      points<ExtensionType>({0x1a1a, 0, 23, 0xff01, 10, 11, 35, 16, 5, 13, 18, 51, 45, 43});
  hello.sni = "shop.example.com";
  hello.groups = points<NamedGroup>({0x2a2a, 29, 23, 24});
  hello.sig_algs =
      points<SignatureScheme>({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601});
  hello.ec_point_formats = std::vector<int>{0};
  hello.alpn = std::vector<std::string>{"h2", "http/1.1"};
  hello.session_ticket_len = 0;
  hello.extension_values = {
      {{0x1a1a, "GREASE"}, ""}, extension(23, ""), extension(0xff01, "first handshake"),
      extension(5, "ocsp"),     extension(18, ""), extension(45, "psk_dhe_ke")};
  hello.length = 513;
  hello.segments = {518};
  hello.segments_exact = true;
  hello.ja3 = "cd08e31494f9531f560d64c695473da9";
  hello.ja3_full =
      "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,"
      "0-23-65281-10-11-35-16-5-13-18-51-45-43,29-23-24,0";
  hello.ja4 = "t13d1515h2_8daaf6152771_e5627efa2ab1";
  return hello;
}

ServerHelloReport server_hello_of(ProtocolVersion version, CipherSuite cipher) {
  ServerHelloReport hello;
  hello.legacy_version = code_point(std::min(version, kTls12));
  hello.version = code_point(version);
  hello.random = hex_of(32, 's');
  hello.session_id = hex_of(32, 'i');
  hello.cipher = code_point(cipher);
  hello.ja3s = "eb1d94daa7e0344597e756a1fb6e7054";
  return hello;
}

CertificateReport certificate(const std::string& subject, const std::string& issuer, char seed) {
  CertificateReport report;
  report.subject = subject;
  report.issuer = issuer;
  report.serial = hex_of(16, seed);
  report.not_before = "2026-01-01T00:00:00Z";
  report.not_after = "2027-01-01T00:00:00Z";
  report.key = "RSA 2048";
  report.signature = "sha256WithRSAEncryption";
  report.sha256 = hex_of(32, seed);
  return report;
}

struct Step {
  const char* sender;
  const char* kind;
  const char* what;
  std::uint64_t length;
};

void add_events(LegReport& leg, std::initializer_list<Step> steps) {
  for (const Step& step : steps) {
    const auto i = static_cast<std::uint32_t>(leg.events.size());
    leg.events.push_back({i, 150 + i * 431, step.sender, step.kind, step.what, step.length});
  }
}

void add_record(LegReport& leg, bool c2s, std::uint8_t type, std::uint16_t length,
                std::optional<std::uint32_t> plaintext = std::nullopt) {
  const auto t_us = static_cast<std::int64_t>(200 + leg.records.size() * 611);
  leg.records.push_back({t_us, c2s, type, 0x0303, length, plaintext});
  ++leg.records_total;
}

LegReport leg_of(const std::string& from, const std::string& to) {
  LegReport leg;
  leg.from = from;
  leg.to = to;
  leg.connect_ms = 1.25;
  leg.raw_c2s = hex_of(700, 'r');
  leg.raw_s2c = hex_of(3100, 'w');
  return leg;
}

void finish(LegReport& leg, std::vector<CertificateReport> certificates) {
  leg.outcome = "established";
  leg.reached = "finished";
  leg.certificates = std::move(certificates);
  leg.handshake_ms = 11.082;
  leg.split_c2s = leg.split_s2c = "none";
  leg.close = CloseReport{"client", "close_notify"};
}

}  // namespace

std::vector<CertificateReport> minted_chain() {
  std::vector<CertificateReport> chain{
      certificate("CN=shop.example.com,O=Example Shop,C=US", "CN=visavis CA 3f21,O=visavis", 'm'),
      certificate("CN=visavis CA 3f21,O=visavis", "CN=visavis CA 3f21,O=visavis", 'n')};
  chain[0].san = {"DNS:shop.example.com", "DNS:www.shop.example.com"};
  return chain;
}

std::vector<CertificateReport> public_chain() {
  std::vector<CertificateReport> chain{
      certificate("CN=shop.example.com,O=Example Shop,C=US",
                  "CN=Example Issuing CA 2,O=Example Trust,C=US", 'p'),
      certificate("CN=Example Issuing CA 2,O=Example Trust,C=US",
                  "CN=Example Root CA,O=Example Trust,C=US", 'q')};
  chain[0].san = {"DNS:shop.example.com", "DNS:www.shop.example.com", "IP:198.51.100.7"};
  return chain;
}

LegReport tls13_leg(const std::string& from, const std::string& to,
                    std::vector<CertificateReport> certificates) {
  LegReport leg = leg_of(from, to);
  leg.client_hello = hello_of(code_point(kTls12));
  leg.client_hello->supported_versions = points<ProtocolVersion>({0x3a3a, 0x0304, 0x0303});
  leg.client_hello->key_share_groups = points<NamedGroup>({0x2a2a, 29});
  leg.server_hello = server_hello_of(kTls13, CipherSuite{0x1301});
  leg.server_hello->extensions = points<ExtensionType>({51, 43});
  leg.server_hello->key_share_group = code_point(NamedGroup{29});
  leg.server_hello->alpn = "h2";
  leg.encrypted_extensions = points<ExtensionType>({0, 16});
  leg.session_tickets = 1;
  leg.established = EstablishedReport{code_point(kTls13),
                                      code_point(CipherSuite{0x1301}),
                                      code_point(NamedGroup{29}),
                                      code_point(SignatureScheme{0x0804}),
                                      "h2",
                                      false,
                                      false,
                                      false};
  finish(leg, std::move(certificates));
  leg.history = "CSoxyfFTtDd.";
  add_events(leg, {{"client", "tcp", "accepted", 0},
                   {"client", "message", "ClientHello", 513},
                   {"proxy", "message", "ServerHello", 118},
                   {"proxy", "message", "EncryptedExtensions", 15},
                   {"proxy", "message", "Certificate", 2410},
                   {"proxy", "message", "CertificateVerify", 260},
                   {"proxy", "message", "Finished", 32},
                   {"client", "message", "Finished", 32},
                   {"proxy", "message", "NewSessionTicket", 217},
                   {"client", "record", "application_data", 612},
                   {"proxy", "record", "application_data", 16408},
                   {"proxy", "record", "application_data", 2139},
                   {"client", "alert", "warning close_notify (0)", 2},
                   {"client", "close", "close_notify", 0}});
  add_record(leg, true, 22, 517);
  add_record(leg, false, 22, 122);
  add_record(leg, false, 20, 1);
  add_record(leg, false, 23, 2750);
  add_record(leg, true, 20, 1);
  add_record(leg, true, 23, 53);
  add_record(leg, true, 23, 629, 612);
  add_record(leg, false, 23, 16408, 16391);
  add_record(leg, false, 23, 2156, 2139);
  add_record(leg, true, 23, 19);
  leg.alerts = {{12, "client", "warning", code_point(kCloseNotify)}};
  return leg;
}

LegReport tls12_leg(const std::string& from, const std::string& to,
                    std::vector<CertificateReport> certificates) {
  LegReport leg = leg_of(from, to);
  leg.client_hello = hello_of(code_point(kTls12));
  leg.client_hello->segments = {300, 218};
  leg.client_hello->segments_exact = false;
  leg.server_hello = server_hello_of(kTls12, CipherSuite{0xc013});
  leg.server_hello->extensions = points<ExtensionType>({0xff01, 11, 23});
  leg.server_hello->extension_values = {extension(0xff01, "first handshake"),
                                        extension(11, "uncompressed"), extension(23, "")};
  leg.established = EstablishedReport{code_point(kTls12),
                                      code_point(CipherSuite{0xc013}),
                                      code_point(NamedGroup{23}),
                                      code_point(SignatureScheme{0x0401}),
                                      std::nullopt,
                                      false,
                                      false,
                                      true};
  finish(leg, std::move(certificates));
  leg.history = "CSxknGIFifDd|";
  add_events(leg, {{"client", "message", "ClientHello", 513},
                   {"proxy", "message", "ServerHello", 81},
                   {"proxy", "message", "Certificate", 1190},
                   {"client", "record", "application_data", 560}});
  add_record(leg, true, 22, 517);
  add_record(leg, false, 22, 1620);
  add_record(leg, true, 23, 32, 1);
  add_record(leg, true, 23, 560, 520);
  add_record(leg, false, 23, 432, 402);
  return leg;
}

LegReport asked_for_certificate_leg(const std::string& from, const std::string& to,
                                    std::vector<CertificateReport> certificates) {
  LegReport leg = tls12_leg(from, to, std::move(certificates));
  leg.server_hello->cipher = leg.established->cipher = code_point(CipherSuite{0x009e});
  leg.established->group.reset();
  leg.established->dh_bits = 2048;
  leg.history = "CSxkrnXGIFifDd|";
  CertificateRequestReport request;
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 64})
    request.types.push_back(code_point(ClientCertificateType{type}));
  request.sig_algs = points<SignatureScheme>({0x0403, 0x0804, 0x0401});
  request.issuers = {"CN=Example Clients CA 1,O=Example Trust,C=US",
                     "CN=Example Clients CA 2,O=Example Trust,C=US",
                     "CN=Example Partners CA,O=Example Trust,C=US", "CN=Legacy CA", "CN=Old CA"};
  request.issuers_total = 212;
  leg.certificate_request = std::move(request);
  return leg;
}

CertificateReport client_certificate() {
  CertificateReport report =
      certificate("CN=alice,O=Example Shop", "CN=Example Clients CA 1,O=Example Trust,C=US", 'a');
  report.key = "RSA 3072";
  return report;
}

LegReport refused_version_leg(const std::string& from, const std::string& to, bool client_leg) {
  LegReport leg = leg_of(from, to);
  leg.outcome = "failed";
  leg.reached = "server_hello";
  leg.client_hello = hello_of(code_point(kTls12));
  leg.client_hello->sni = "legacy.example.com";
  leg.client_hello->alpn.reset();
  leg.client_hello->ja4 = "t12d151400_8daaf6152771_f1a9ee1b5b5e";
  leg.server_hello = server_hello_of(kTls10, CipherSuite{0x002f});
  const char* us = client_leg ? "client" : "proxy";
  const char* peer = client_leg ? "proxy" : "backend";
  leg.history = client_leg ? "CsxnL|" : "CSxnL|";
  add_events(leg, {{us, "tcp", "connected", 0},
                   {us, "message", "ClientHello", 513},
                   {peer, "record", "handshake", 1210},
                   {peer, "message", "ServerHello", 70},
                   {peer, "message", "Certificate", 1102},
                   {peer, "message", "ServerHelloDone", 0},
                   {us, "record", "alert", 2},
                   {us, "alert", "fatal protocol_version (70)", 2},
                   {us, "close", "fin", 0}});
  add_record(leg, true, 22, 517);
  add_record(leg, false, 22, 1210);
  add_record(leg, true, 21, 2);
  leg.alerts = {{7, us, "fatal", code_point(kProtocolVersion)}};
  leg.close = CloseReport{us, "fin"};
  if (!client_leg) leg.failure = "0x0a000102";
  return leg;
}

LegReport hostile_leg(const std::string& hostile) {
  LegReport leg = tls12_leg(hostile, hostile, public_chain());
  const CodePoint point{0xffffffff, hostile};
  leg.outcome = leg.reached = leg.history = leg.split_c2s = leg.split_s2c = hostile;
  leg.raw_c2s = leg.raw_s2c = hostile;
  leg.established = EstablishedReport{point, point, point, point, hostile, true, true, true, 7};
  ClientHelloReport& hello = *leg.client_hello;
  hello.random = hello.session_id = hello.ja3 = hello.ja3_full = hello.ja4 = hostile;
  hello.sni = hostile;
  hello.legacy_version = point;
  hello.ciphers = hello.extensions = {point, point};
  hello.supported_versions = hello.groups = hello.sig_algs = hello.key_share_groups =
      std::vector{point};
  hello.alpn = std::vector<std::string>{hostile, hostile};
  hello.sslv2 = true;
  for (CertificateReport& one : leg.certificates) {
    one = {hostile,   hostile + "x", hostile, hostile, hostile,
           {hostile}, hostile,       hostile, hostile, {hostile}};
    one.ca = one.must_staple = true;
    one.key_usages = {hostile, ""};
  }
  leg.chain = ChainReport{
      false, {{3, hostile, hostile}}, hostile, {{hostile, true, {}}, {hostile, false, {hostile}}}};
  leg.chain->found_issuer = FoundIssuerReport{hostile, hostile, hostile, hostile, true, true};
  leg.chain->fetch_problem = hostile;
  leg.stapled_ocsp = StapledOcspReport{hostile, hostile, hostile, hostile, true, false};
  leg.key_proof = hostile;
  hello.extension_values =
      leg.server_hello->extension_values = {{point, hostile}, {point, hostile}};
  leg.certificate_request = CertificateRequestReport{
      {point}, std::vector{point}, {hostile, hostile, hostile, hostile, hostile}, 4294967295U};
  leg.client_certificates = leg.certificates;
  leg.client_signature = point;
  leg.encrypted_extensions = {point, point};
  leg.stapled_ocsp_bytes = leg.session_tickets = leg.key_updates = 4294967295U;
  leg.alerts = {{1, hostile, hostile, point}};
  leg.close = CloseReport{hostile, hostile};
  for (EventReport& event : leg.events) event.sender = event.kind = event.what = hostile;
  leg.first_bytes = leg.failure = hostile;
  leg.malformed = {hostile};
  return leg;
}

}  // namespace visavis::test

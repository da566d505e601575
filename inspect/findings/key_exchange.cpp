#include "inspect/findings/key_exchange.h"

#include <algorithm>
#include <array>

#include "inspect/codepoint/named_group.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr NamedGroup kSecp256r1{23};

bool has(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

/// Which key exchanges the suites of TLS 1.2 and below stand for.
struct Offered {
  bool any = false;
  bool ecdhe = false;
  bool dhe = false;
  bool static_rsa = false;
  bool others = false;
};

Offered offered_up_to_tls12(const ClientHelloReport& hello) {
  Offered offered;
  for (const CodePoint& suite : real_suites(hello)) {
    const KeyExchange exchange = key_exchange(suite);
    if (exchange == KeyExchange::by_group) continue;
    offered.any = true;
    offered.ecdhe = offered.ecdhe || exchange == KeyExchange::ecdhe;
    offered.dhe = offered.dhe || exchange == KeyExchange::dhe;
    offered.static_rsa = offered.static_rsa || exchange == KeyExchange::static_rsa;
    offered.others = offered.others || exchange > KeyExchange::static_rsa;
  }
  return offered;
}

/// rsa_pkcs1 or rsa_pss_rsae with SHA-256 or more: RFC 8446 4.2.3. Without a list SHA-1 is meant,
/// which a backend may have barred.
bool takes_rsa_signatures(const ClientHelloReport& hello) {
  constexpr std::array<std::uint32_t, 6> kSchemes{0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806};
  if (!hello.sig_algs) return false;
  return std::any_of(hello.sig_algs->begin(), hello.sig_algs->end(), [&](const CodePoint& scheme) {
    return std::find(kSchemes.begin(), kSchemes.end(), scheme.id) != kSchemes.end();
  });
}

/// AES-GCM, ChaCha20 and the CBC suites with SHA-2 came with TLS 1.2.
bool fits(const CodePoint& suite, std::uint32_t version) {
  const std::string_view name = suite.name.view();
  if (!name.starts_with("TLS_ECDHE_RSA_WITH_")) return false;
  if (!has(name, "_AES_") && !has(name, "_CHACHA20_")) return false;
  return version >= kTls12.value || name.ends_with("_CBC_SHA");
}

}  // namespace

KeyExchange key_exchange(const CodePoint& suite) {
  constexpr std::uint32_t kTls13Suites = 0x13;  // the first byte of them all: RFC 8446 B.4
  const std::string_view name = suite.name.view();
  if (suite.id >> 8 == kTls13Suites) return KeyExchange::by_group;
  if (has(name, "PSK_")) return KeyExchange::pre_shared;
  if (has(name, "_anon_")) return KeyExchange::anonymous;
  if (name.starts_with("TLS_ECDHE_")) return KeyExchange::ecdhe;
  if (name.starts_with("TLS_DHE_")) return KeyExchange::dhe;
  if (name.starts_with("TLS_RSA_WITH_") || name.starts_with("TLS_RSA_EXPORT"))
    return KeyExchange::static_rsa;
  return KeyExchange::other;
}

std::optional<KeyExchange> only_key_exchange(const ClientHelloReport& hello) {
  const std::vector<CodePoint> suites = real_suites(hello);
  if (suites.empty()) return std::nullopt;
  const KeyExchange first = key_exchange(suites.front());
  const bool all = std::all_of(suites.begin(), suites.end(), [first](const CodePoint& suite) {
    return key_exchange(suite) == first;
  });
  return all ? std::optional(first) : std::nullopt;
}

std::string_view words_of(KeyExchange exchange) {
  switch (exchange) {
    case KeyExchange::by_group:
      return "TLS 1.3";
    case KeyExchange::ecdhe:
      return "ECDHE";
    case KeyExchange::dhe:
      return "DHE";
    case KeyExchange::static_rsa:
      return "static RSA";
    case KeyExchange::pre_shared:
      return "pre-shared key (PSK)";
    case KeyExchange::anonymous:
      return "anonymous";
    case KeyExchange::other:
      break;
  }
  return "other";
}

std::string key_exchange_reason(const ClientHelloReport& hello) {
  const std::optional<KeyExchange> only = only_key_exchange(hello);
  if (only == KeyExchange::static_rsa)
    return " Every offered suite exchanges keys by static RSA (TLS_RSA_WITH_*), which has no "
           "forward "
           "secrecy: a backend set up for ECDHE only has none of them, as Go since 1.22 and Java "
           "since 24 by default.";
  if (only == KeyExchange::dhe)
    return " Every offered suite exchanges keys by DHE: a backend without it has none of them, as "
           "Go, and nginx where no ssl_dhparam is set.";
  if (only == KeyExchange::pre_shared)
    return " Every offered suite needs a pre-shared key (PSK), known to both sides beforehand: a "
           "backend that has certificates only, as web servers do, has none of them.";
  if (only == KeyExchange::anonymous)
    return " Every offered suite is anonymous: a backend that proves who it is has none of them.";
  const Offered offered = offered_up_to_tls12(hello);
  if (!offered.any || offered.others || offered.static_rsa) return {};
  const std::string which = offered.ecdhe && offered.dhe ? "ECDHE or DHE"
                            : offered.ecdhe              ? "ECDHE"
                                                         : "DHE";
  return " Up to TLS 1.2 the client exchanges keys by " + which +
         " only: an old backend that has nothing but static RSA (TLS_RSA_WITH_*)" +
         (offered.dhe ? "" : " or DHE") + " suites shares none with it.";
}

std::optional<FindingReport> found_only(const SessionReport& session, KeyExchange exchange) {
  const LegSide side = backend_side(session);
  if (!side || !side.leg->established || key_exchange(side.leg->established->cipher) != exchange ||
      !passed_over_ecdhe(*side.leg))
    return std::nullopt;
  const CodePoint& suite = side.leg->established->cipher;
  FindingReport finding;
  finding.severity = severity::kWarning;
  finding.side = side::kBackend;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend probably has " + std::string(words_of(exchange)) + " suites only";
  finding.cause =
      "The hello offers TLS 1.3 and ECDHE suites for a certificate of the same type; the backend "
      "chose " +
      side.leg->established->version.name + " and " + suite.name;
  finding.expected = "TLS 1.3, or a suite with ECDHE";
  finding.presented = suite.name.str();
  add_message_evidence(
      finding, side, "ClientHello",
      "ClientHello of the " + std::string(side.client) + " with TLS 1.3 and ECDHE suites");
  add_message_evidence(finding, side, "ServerHello", "ServerHello chooses " + suite.name);
  finding.source = "RFC 9325 4.1";
  return finding;
}

bool passed_over_ecdhe(const LegReport& leg) {
  if (leg.outcome != "established" || !leg.established || !leg.client_hello) return false;
  const ClientHelloReport& hello = *leg.client_hello;
  const std::uint32_t version = leg.established->version.id;
  if (leg.established->resumed || version >= kTls13.value || !offers_tls13(hello)) return false;
  if (!has(leg.established->cipher.name.view(), "RSA_")) return false;
  if (hello.groups && !listed_contains(*hello.groups, code_point(kSecp256r1))) return false;
  if (!takes_rsa_signatures(hello)) return false;
  return std::any_of(hello.ciphers.begin(), hello.ciphers.end(),
                     [version](const CodePoint& suite) { return fits(suite, version); });
}

}  // namespace visavis::inspect

#include <algorithm>
#include <array>

#include "inspect/codepoint/alert.h"
#include "inspect/findings/cipher_offer.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_answer.h"

namespace visavis::inspect {
namespace {

constexpr std::size_t kMostSuites = 6;

/// Weakness is a part of a suite's name and what it stands for.
struct Weakness {
  std::string_view part;
  std::string_view why;
};

constexpr std::array<Weakness, 8> kWeaknesses{{
    {"_NULL_", "it does not encrypt at all"},
    {"_anon_", "nobody proves who he is"},
    {"EXPORT", "its keys were made short enough to be broken (FREAK, Logjam)"},
    {"_RC4_", "RC4 is broken and prohibited (RFC 7465)"},
    {"_RC2_", "RC2 is of the 1980s"},
    {"_DES_", "DES has 56-bit keys"},
    {"_DES40_", "its keys have 40 bits"},
    {"_3DES_", "3DES has 64-bit blocks (Sweet32, CVE-2016-2183)"},
}};

/// Why a suite is weak; empty: it is not.
std::string_view weakness(const CodePoint& suite) {
  const auto found =
      std::find_if(kWeaknesses.begin(), kWeaknesses.end(), [&suite](const Weakness& weak) {
        return suite.name.view().find(weak.part) != std::string_view::npos;
      });
  return found == kWeaknesses.end() ? std::string_view() : found->why;
}

FindingReport common_part() {
  FindingReport finding;
  finding.severity = severity::kWarning;
  finding.judged_by = judged_by::kProxyCheck;
  finding.confidence = confidence::kProven;
  finding.remedy =
      "Enable AES-GCM or ChaCha20 suites with ECDHE on the side that lacks them, and switch the "
      "weak ones off (Windows: Disable-TlsCipherSuite, SCHANNEL\\Ciphers; nginx: ssl_ciphers; "
      "Java: jdk.tls.disabledAlgorithms); update what can't be set so.";
  finding.codes.hresult = "0x80090331";
  finding.codes.chrome = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
  finding.codes.firefox = "SSL_ERROR_NO_CYPHER_OVERLAP";
  finding.source = "RFC 9325 4.1";
  return finding;
}

/// The two of them agreed on it: clients of today would not.
std::optional<FindingReport> agreed(const LegSide& side) {
  if (side.leg->outcome != "established" || !side.leg->established) return std::nullopt;
  const CodePoint& suite = side.leg->established->cipher;
  // TLS_NULL_WITH_NULL_NULL is never negotiated (RFC 5246 A.5): the backend's half is not there.
  const std::string_view why = suite.id == 0 ? std::string_view() : weakness(suite);
  if (why.empty()) return std::nullopt;
  FindingReport finding = common_part();
  finding.side = side::kBackend;
  finding.title = "The backend chose a weak suite: " + suite.name;
  finding.cause = "Client and backend agreed on " + suite.name + ": " + std::string(why) +
                  ". It works for this client; clients of today (browsers, OpenSSL 3 at its "
                  "default level, Java) do not offer it by default, and fail where the backend has "
                  "nothing better.";
  finding.expected = "a suite with AES-GCM or ChaCha20";
  finding.presented = suite.name.str();
  add_message_evidence(finding, side, "ServerHello", "ServerHello chooses " + suite.name);
  return finding;
}

/// The backend refuses a hello that has nothing else: no wonder.
std::optional<FindingReport> offered_only(const SessionReport& session, const LegSide& side) {
  const LegReport& leg = *side.leg;
  const LegSide client = client_side(session);
  if (leg.outcome == "established" || leg.server_hello || leg.hello_retry || !client ||
      !client.leg->client_hello || !leg.client_hello)
    return std::nullopt;
  const AlertReport* alert = fatal_alert(leg, "backend");
  if (alert == nullptr || (alert->description.id != kHandshakeFailure.value &&
                           alert->description.id != kInsufficientSecurity.value))
    return std::nullopt;
  const std::vector<CodePoint> suites = real_suites(*client.leg->client_hello);
  const auto weak = [](const CodePoint& suite) { return !weakness(suite).empty(); };
  if (suites.empty() || !std::all_of(suites.begin(), suites.end(), weak)) return std::nullopt;
  FindingReport finding = common_part();
  finding.side = side::kClient;
  finding.title = "The client offers weak suites only";
  finding.cause = "All that the client offers is " + listed(suites, kMostSuites) + ": " +
                  std::string(weakness(suites.front())) +
                  ". Servers of today have none of these enabled, and refuse.";
  finding.expected = "suites with AES-GCM or ChaCha20";
  finding.presented = "the client offers " + listed(suites, kMostSuites);
  add_message_evidence(finding, client, "ClientHello", "ClientHello with weak suites only");
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_weak_cipher(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (side)
    if (auto finding = agreed(side)) return finding;
  const LegSide asked = asked_side(session);
  return asked ? offered_only(session, asked) : std::nullopt;
}

}  // namespace visavis::inspect

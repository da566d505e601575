#include <algorithm>

#include "inspect/findings/end_findings.h"

namespace visavis::inspect {
namespace {

/// The random of a HelloRetryRequest: RFC 8446 4.1.3. A capture that ends there has no other.
constexpr std::string_view kRetryRandom =
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";

/// Randoms that differ in fewer bytes are one of which something was changed on the way.
constexpr std::size_t kOtherRandomBytes = 16;

bool other_random(const std::string& a, const std::string& b) {
  if (a.size() != b.size() || a == kRetryRandom || b == kRetryRandom) return false;
  std::size_t differing = 0;
  for (std::size_t i = 0; i + 1 < a.size(); i += 2)
    differing += a.compare(i, 2, b, i, 2) != 0 ? 1 : 0;
  return differing >= kOtherRandomBytes;
}

bool other_server_hello(const TwoEnds& ends) {
  return ends.client.server_hello && ends.server.server_hello &&
         other_random(ends.client.server_hello->random, ends.server.server_hello->random);
}

std::string certificate_words(const LegReport& leg) {
  if (leg.certificates.empty()) return {};
  return leg.certificates.front().subject + " by " + leg.certificates.front().issuer;
}

/// What an end shows of its TLS, in a few words.
std::string tls_words(const LegReport& leg) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (leg.server_hello) {
    add(leg.server_hello->version.name.str());
    add(leg.server_hello->cipher.name.str());
  } else if (leg.client_hello) {
    add("a ClientHello, JA4 " + leg.client_hello->ja4);
  }
  if (const std::string certificate = certificate_words(leg); !certificate.empty())
    add("certificate " + certificate);
  return text.empty() ? "nothing of TLS" : text;
}

/// The certificates are what a user sees of it. TLS 1.3 hides them from captures.
void add_certificates(FindingReport& finding, const TwoEnds& ends) {
  for (const auto& [leg, end] : {std::pair(&ends.client, kClientEnd), {&ends.server, kServerEnd}})
    if (const std::string certificate = certificate_words(*leg); !certificate.empty())
      add_end_evidence(finding, end, first_event(*leg, "message", "Certificate"),
                       "certificate " + certificate);
}

std::string cause_of(const TwoEnds& ends) {
  if (ends.matched_by == MatchedBy::client_random)
    return "Both ends have the client's random in common, but not the server's: something on the "
           "way answered the client itself, and made another TLS connection to the backend.";
  std::string text =
      "The client's end has a connection that the server's end has not, and the server's end has "
      "one in its place that the client did not begin: ";
  text += ends.matched_by == MatchedBy::name_and_time
              ? "for the same server name, at the same time, and no other fits either of them."
              : "for the same server name, in the same order.";
  return text +
         " The ClientHello that arrives is another one than was sent. Something on the way ends "
         "the client's TLS and makes its own.";
}

}  // namespace

std::optional<FindingReport> diagnose_interception(const TwoEnds& ends) {
  const bool same_client = ends.matched_by == MatchedBy::client_random;
  if (same_client && !other_server_hello(ends)) return std::nullopt;
  FindingReport finding = network_finding(ends, "interception");
  finding.title = "The TLS is ended on the way: client and backend talk to something between them";
  finding.cause = cause_of(ends);
  finding.expected = "the same handshake at both ends";
  finding.presented = "at the client's end " + tls_words(ends.client) + "; at the server's end " +
                      tls_words(ends.server);
  finding.remedy =
      "Find the device or program: an inspecting proxy or firewall on the way, or an antivirus "
      "program on the client's machine; the issuer of the certificate that the client gets is "
      "often its name. Exempt this server from inspection, or let the client trust its CA. What "
      "the backend sees of the client (versions, suites, client certificate) is that device's.";
  for (const auto& [leg, end] : {std::pair(&ends.client, kClientEnd), {&ends.server, kServerEnd}}) {
    if (!same_client && leg->client_hello)
      add_end_evidence(finding, end, first_event(*leg, "message", "ClientHello"),
                       "ClientHello with the random " + leg->client_hello->random.substr(0, 16) +
                           "..., JA4 " + leg->client_hello->ja4);
    if (leg->server_hello)
      add_end_evidence(
          finding, end, first_event(*leg, "message", "ServerHello"),
          "ServerHello with the random " + leg->server_hello->random.substr(0, 16) + "...");
  }
  add_certificates(finding, ends);
  finding.codes.hresult = "0x800b0109";  // CERT_E_UNTRUSTEDROOT
  finding.codes.chrome = "ERR_CERT_AUTHORITY_INVALID";
  finding.source = "RFC 8446 4.1.2, 4.1.3 and 9.3";
  return finding;
}

}  // namespace visavis::inspect

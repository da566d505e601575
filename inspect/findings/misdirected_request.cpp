#include <algorithm>

#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr int kMisdirected = 421;

const HttpExchange* misdirected(const SessionReport& session) {
  const auto found =
      std::find_if(session.http.begin(), session.http.end(),
                   [](const HttpExchange& exchange) { return exchange.status == kMisdirected; });
  return found == session.http.end() ? nullptr : &*found;
}

}  // namespace

/// The server's own word: this name is not served on this connection. RFC 9110 15.5.20.
std::optional<FindingReport> diagnose_misdirected_request(const SessionReport& session) {
  const HttpExchange* exchange = misdirected(session);
  const LegSide side = backend_side(session);
  if (exchange == nullptr || !side || !side.leg->client_hello) return std::nullopt;
  const auto& sni = side.leg->client_hello->sni;
  const std::string named = sni ? "'" + *sni + "'" : std::string("no name");
  FindingReport finding;
  // A client asks again on a connection of its own, where it can.
  finding.severity = severity::kWarning;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.title = "The backend answers 421: the request does not belong on this connection";
  finding.cause =
      "The backend refused " + exchange->method + ' ' + exchange->target +
      " with HTTP 421 (Misdirected Request): the name in the request (Host, :authority) is not one "
      "that it serves on a TLS connection made for " +
      named +
      ". Usual: the hello named another host than the request, or none (a rewriting proxy, curl "
      "--connect-to or -H Host:NAME); or the client used one HTTP/2 connection for several names "
      "of a wildcard certificate, which the backend keeps apart (Apache: different TLS settings "
      "of the virtual hosts; HTTP.sys and Envoy: strict SNI).";
  finding.expected = "a request for the name of the hello, " + named;
  finding.presented = "HTTP status 421 to " + exchange->method + ' ' + exchange->target;
  finding.remedy =
      "Let the client send the same name in the hello (SNI) and in Host, and repeat a request that "
      "gets 421 on a connection of its own, as browsers do. On the backend: give the virtual hosts "
      "the same TLS settings, or certificates that do not cover each other's names.";
  add_message_evidence(finding, side, "ClientHello", "ClientHello for " + named);
  finding.evidence.push_back({std::string(side.name), std::nullopt, "HTTP status 421"});
  finding.codes.chrome = "ERR_HTTP_RESPONSE_CODE_FAILURE";
  finding.source = "RFC 9110 15.5.20; RFC 9113 9.1.2";
  return finding;
}

}  // namespace visavis::inspect

#include <algorithm>
#include <array>

#include "inspect/compare/verdict_facts.h"
#include "inspect/findings/rule.h"
#include "inspect/findings/server_name.h"

namespace visavis::inspect {
namespace {

constexpr int kMisdirected = 421;
constexpr int kBadRequest = 400;
/// What servers answer when the site of the request's name is not the hello's: Apache and strict
/// gateways 400, others with the refusal or the missing page of their default site.
constexpr std::array<int, 3> kOtherAnswers{kBadRequest, 403, 404};

const HttpExchange* answered_with(const SessionReport& session, int status) {
  const auto found =
      std::find_if(session.http.begin(), session.http.end(),
                   [status](const HttpExchange& exchange) { return exchange.status == status; });
  return found == session.http.end() ? nullptr : &*found;
}

/// A request that is for another host than the hello, and was refused, where none for that host got
/// on: then it may be the name, or anything else.
const HttpExchange* refused_for_another_name(const SessionReport& session, const LegReport& leg) {
  if (!leg.client_hello->sni || asked_for_certificate(leg)) return nullptr;
  const std::string named = compared_name(*leg.client_hello->sni);
  const auto is_astray = [&named](const HttpExchange& exchange) {
    return exchange.host && compared_name(*exchange.host) != named;
  };
  for (const HttpExchange& each : session.http) {
    const bool refused = each.status && std::find(kOtherAnswers.begin(), kOtherAnswers.end(),
                                                  *each.status) != kOtherAnswers.end();
    if (!refused || !is_astray(each)) continue;
    const auto works = [&each](const HttpExchange& other) {
      return other.host == each.host && other.status && *other.status < kBadRequest;
    };
    if (std::none_of(session.http.begin(), session.http.end(), works)) return &each;
  }
  return nullptr;
}

FindingReport common_part(const LegSide& side, const HttpExchange& exchange) {
  const auto& sni = side.leg->client_hello->sni;
  const std::string named = sni ? "'" + shown_name(*sni) + "'" : std::string("no name");
  const std::string status = std::to_string(*exchange.status);
  FindingReport finding;
  // A client asks again on a connection of its own, where it can.
  finding.severity = severity::kWarning;
  finding.side = side::kBoth;
  finding.confidence = confidence::kLikely;
  finding.judged_by = judged_by::kProxyCheck;
  finding.expected = "a request for the name of the hello, " + named;
  finding.presented = "HTTP status " + status + " to " + exchange.method + ' ' + exchange.target +
                      (exchange.host ? ", which is for '" + *exchange.host + "'" : std::string());
  finding.remedy =
      "Let the client send the same name in the hello (SNI) and in Host, and repeat a request that "
      "gets 421 on a connection of its own, as browsers do. On the backend: give the virtual hosts "
      "the same TLS settings, or certificates that do not cover each other's names.";
  add_message_evidence(finding, side, "ClientHello", "ClientHello for " + named);
  finding.evidence.push_back({std::string(side.name), std::nullopt, "HTTP status " + status});
  finding.codes.chrome = "ERR_HTTP_RESPONSE_CODE_FAILURE";
  return finding;
}

/// The server's own word: this name is not served on this connection. RFC 9110 15.5.20.
FindingReport by_status(const LegSide& side, const HttpExchange& exchange) {
  FindingReport finding = common_part(side, exchange);
  const auto& sni = side.leg->client_hello->sni;
  finding.title = "The backend answers 421: the request does not belong on this connection";
  finding.cause =
      "The backend refused " + exchange.method + ' ' + exchange.target +
      " with HTTP 421 (Misdirected Request): the name in the request (Host, :authority" +
      (exchange.host ? ": '" + *exchange.host + "'" : std::string()) +
      ") is not one that it serves on a TLS connection made for " +
      (sni ? "'" + shown_name(*sni) + "'" : std::string("no name")) +
      ". Usual: the hello named another host than the request, or none (a rewriting proxy, curl "
      "--connect-to or -H Host:NAME); or the client used one HTTP/2 connection for several names "
      "of a wildcard certificate, which the backend keeps apart (Apache: different TLS settings "
      "of the virtual hosts; HTTP.sys and Envoy: strict SNI).";
  finding.source = "RFC 9110 15.5.20; RFC 9113 9.1.2";
  return finding;
}

FindingReport by_name(const LegSide& side, const HttpExchange& exchange) {
  FindingReport finding = common_part(side, exchange);
  const bool bad = *exchange.status == kBadRequest;
  // Refusals and missing pages have many other reasons.
  if (!bad) finding.severity = severity::kInfo;
  finding.title = "The request is for another host than the hello, and the backend answers " +
                  std::to_string(*exchange.status);
  finding.cause =
      "The hello asks for '" + shown_name(*side.leg->client_hello->sni) +
      "' (SNI), the request for '" + *exchange.host + "' (Host, :authority), and the answer is " +
      std::to_string(*exchange.status) +
      (bad ? ". Apache says so when the two differ (\"Hostname provided via SNI and hostname "
             "provided via HTTP are different\"), and so do gateways that let nobody borrow "
             "another site's connection (domain fronting)."
           : ". Whoever serves the request's name on this connection may have no such site or "
             "page, or may be the default site: a gateway that routes by SNI hands it to another "
             "server than one that routes by Host.") +
      " Typical of proxies that rewrite Host, of curl -H Host:NAME, and of clients that connect by "
      "an alias.";
  finding.codes.chrome.reset();
  finding.source = "RFC 6066 3; RFC 9110 7.2";
  return finding;
}

}  // namespace

std::optional<FindingReport> diagnose_misdirected_request(const SessionReport& session) {
  const LegSide side = backend_side(session);
  if (session.http.empty() || !side || !side.leg->client_hello) return std::nullopt;
  if (const HttpExchange* exchange = answered_with(session, kMisdirected))
    return by_status(side, *exchange);
  if (const HttpExchange* exchange = refused_for_another_name(session, *side.leg))
    return by_name(side, *exchange);
  return std::nullopt;
}

}  // namespace visavis::inspect

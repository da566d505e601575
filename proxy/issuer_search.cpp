#include "proxy/issuer_search.h"

#include <algorithm>
#include <future>
#include <memory>

namespace visavis::proxy {
namespace {

using Chain = std::vector<std::vector<std::uint8_t>>;

/// The last certificate of the chain that this issuer signed, by its name.
WantedIssuer issuer_of_end(const Chain& chain, const std::string& missing_issuer,
                           ReportServices& services) {
  WantedIssuer wanted;
  for (std::size_t at = std::min(chain.size(), certs::kMaxCheckedCertificates); at-- > 0;) {
    const auto facts = services.facts.facts_of(chain[at]);
    if (facts->issuer != missing_issuer) continue;
    wanted.der = chain[at];
    wanted.certificate = certs::sha256(chain[at]);
    wanted.urls = facts->ca_issuers_urls;
    break;
  }
  return wanted;
}

std::int64_t unix_seconds(const SessionFacts& facts) {
  return std::chrono::system_clock::to_time_t(facts.started);
}

std::optional<WantedIssuer> wanted_by(const inspect::Transcript& leg, const SessionFacts& facts,
                                      ReportServices& services) {
  if (leg.certificates.empty()) return std::nullopt;
  const std::int64_t now_s = unix_seconds(facts);
  const auto verdict = services.chain_check.check(leg.certificates, facts.checked_host, now_s);
  if (verdict->trusted || verdict->missing_issuer.empty()) return std::nullopt;
  return find_lacked_issuers(leg.certificates, verdict->missing_issuer, facts.checked_host, now_s,
                             services)
      .wanted;
}

}  // namespace

FoundChain find_lacked_issuers(const Chain& chain, const std::string& missing_issuer,
                               const std::string& host, std::int64_t now_s,
                               ReportServices& services) {
  FoundChain result;
  Chain completed = chain;
  std::string missing = missing_issuer;
  for (std::size_t count = 0; count < kMaxLackedIssuers && !missing.empty(); ++count) {
    auto found = services.chain_check.find_issuer(completed, missing);
    if (!found) {
      result.wanted = issuer_of_end(completed, missing, services);
      break;
    }
    completed.push_back(found->der);
    if (!result.issuer) result.issuer = std::move(found);
    const auto verdict = services.chain_check.check_completed(completed, host, now_s);
    result.trusted = verdict->trusted;
    missing = verdict->trusted ? std::string() : verdict->missing_issuer;
  }
  return result;
}

std::optional<WantedIssuer> wanted_issuer(const SessionFacts& facts, ReportServices& services) {
  if (services.fetcher == nullptr) return std::nullopt;
  if (facts.backend_leg)
    if (auto wanted = wanted_by(*facts.backend_leg, facts, services)) return wanted;
  return facts.direct_leg ? wanted_by(*facts.direct_leg, facts, services) : std::nullopt;
}

void fetch_lacked_issuers(const SessionFacts& facts, ReportServices& services) {
  for (std::size_t count = 0; count < kMaxLackedIssuers; ++count) {
    const auto wanted = wanted_issuer(facts, services);
    const auto done = std::make_shared<std::promise<void>>();
    if (!wanted || !services.fetcher->begin(*wanted, [done] { done->set_value(); })) return;
    done->get_future().wait();
  }
}

}  // namespace visavis::proxy

#include "proxy/leg_facts.h"

#include "certs/name_text.h"
#include "certs/ocsp_response.h"
#include "proxy/issuer_search.h"

namespace visavis::proxy {
namespace {

inspect::CertificateReport report_of(const certs::CertificateFacts& facts) {
  inspect::CertificateReport report;
  report.subject = facts.subject;
  report.issuer = facts.issuer;
  report.serial = facts.serial;
  report.not_before = facts.not_before;
  report.not_after = facts.not_after;
  report.san = facts.san;
  report.key = facts.key;
  report.signature = facts.signature;
  report.sha256 = facts.sha256;
  report.ca = facts.ca;
  report.must_staple = facts.must_staple;
  report.key_usages = facts.key_usages;
  if (!facts.parse_problem.empty()) report.problems.push_back(facts.parse_problem);
  return report;
}

inspect::StapledOcspReport report_of(certs::OcspFacts facts) {
  return {std::move(facts.status),     std::move(facts.this_update), std::move(facts.next_update),
          std::move(facts.revoked_at), facts.for_this_certificate,   facts.signature_ok};
}

void add_lacked(FoundChain found, const ReportServices& services, inspect::ChainReport& chain) {
  if (found.issuer)
    chain.found_issuer = inspect::FoundIssuerReport{
        std::move(found.issuer->subject), std::move(found.issuer->sha256),
        std::move(found.issuer->where),   std::move(found.issuer->url),
        found.issuer->self_issued,        found.trusted};
  if (found.wanted && services.fetcher != nullptr)
    chain.fetch_problem = services.fetcher->problem(*found.wanted);
}

}  // namespace

void add_certificate_facts(const inspect::Transcript& transcript, ReportServices& services,
                           inspect::LegReport& report) {
  for (const auto& der : transcript.certificates)
    report.certificates.push_back(report_of(*services.facts.facts_of(der)));
  if (!transcript.stapled_ocsp.empty())
    report.stapled_ocsp =
        report_of(certs::read_ocsp_response(transcript.stapled_ocsp, transcript.certificates));
  if (transcript.client_certificates) {
    auto& shown = report.client_certificates.emplace();
    for (const auto& der : *transcript.client_certificates)
      shown.push_back(report_of(*services.facts.facts_of(der)));
  }
  if (transcript.certificate_request && report.certificate_request)
    for (const auto& der : transcript.certificate_request->authorities)
      report.certificate_request->issuers.push_back(certs::distinguished_name_text(der));
}

void add_chain_verdict(const inspect::Transcript& transcript, const std::string& host,
                       std::int64_t now_s, ReportServices& services, inspect::LegReport& report) {
  if (transcript.certificates.empty()) return;
  const auto verdict = services.chain_check.check(transcript.certificates, host, now_s);
  inspect::ChainReport chain;
  chain.trusted = verdict->trusted;
  for (const auto& problem : verdict->problems)
    chain.problems.push_back({problem.depth, problem.code, problem.hresult});
  if (!verdict->missing_issuer.empty()) {
    chain.missing_issuer = verdict->missing_issuer;
    add_lacked(find_lacked_issuers(transcript.certificates, verdict->missing_issuer, host, now_s,
                                   services),
               services, chain);
  }
  for (const auto& store : verdict->stores)
    chain.stores.push_back({store.name, store.trusted, store.problems});
  report.chain = std::move(chain);
  for (std::size_t i = 0;
       i < report.certificates.size() && i < verdict->certificate_problems.size(); ++i) {
    auto& problems = report.certificates[i].problems;
    const auto& found = verdict->certificate_problems[i];
    problems.insert(problems.end(), found.begin(), found.end());
  }
}

}  // namespace visavis::proxy

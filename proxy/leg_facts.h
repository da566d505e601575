#pragma once
#include <string>

#include "inspect/report/leg_report.h"
#include "inspect/transcript/transcript.h"
#include "proxy/session_facts.h"

namespace visavis::proxy {

/// add_certificate_facts puts what the certificates of a leg say into its report.
void add_certificate_facts(const inspect::Transcript& transcript, ReportServices& services,
                           inspect::LegReport& report);

/// add_chain_verdict judges the chain that a backend sent, for `host` at `now_s` (Unix time): every
/// problem, at every depth, of every certificate.
void add_chain_verdict(const inspect::Transcript& transcript, const std::string& host,
                       std::int64_t now_s, ReportServices& services, inspect::LegReport& report);

}  // namespace visavis::proxy

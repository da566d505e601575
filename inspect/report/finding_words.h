#pragma once
#include <string>

#include "inspect/report/finding_report.h"

/// What of a finding reports in text and in HTML say in the same words.
namespace visavis::inspect {

/// who_changes is the side in a sentence: "the backend must change".
std::string who_changes(const FindingReport& finding);
/// whose_judgement tells an alert, which is a peer's own, from the proxy's opinion of it.
std::string whose_judgement(const FindingReport& finding);
/// evidence_line names an event and says what it was.
std::string evidence_line(const EvidenceReport& evidence);
/// codes_line is what the cause is called elsewhere; empty: nowhere.
std::string codes_line(const FindingCodes& codes);
/// suspects_line lists the causes that look alike; empty: there are none.
std::string suspects_line(const FindingReport& finding);

}  // namespace visavis::inspect

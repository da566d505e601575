#pragma once
#include <optional>
#include <vector>

#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// LiveJudgement is what the proxy said of a session when it was over, for who reads a capture of
/// it that shows less than the proxy saw: without secrets, or with packets left out.
struct LiveJudgement {
  VerdictReport verdict;
  /// What they say of the session's content is left out: the capture may be without secrets to
  /// hide it. Nothing: there is no room for them.
  std::optional<std::vector<FindingReport>> findings;

  friend bool operator==(const LiveJudgement&, const LiveJudgement&) = default;
};

/// live_judgement takes it from the report.
LiveJudgement live_judgement(const SessionReport& session);

/// without_content drops what a note never says of a finding, whoever wrote it.
void without_content(FindingReport& finding);

/// put_live puts it in place of what the capture alone leads to, which was made of less. What both
/// found keeps its evidence. Certificates that the capture shows are judged by who reads it: where
/// that leads to other findings, the live verdict is not taken.
void put_live(LiveJudgement live, SessionReport& session);

}  // namespace visavis::inspect

#include "inspect/report/finding_words.h"

namespace visavis::inspect {

std::string who_changes(const FindingReport& finding) {
  if (finding.side == "client") return "the client must change";
  if (finding.side == "backend") return "the backend must change";
  if (finding.side == "both") return "client or backend must change";
  if (finding.side == "proxy") return "our own doing: the proxy's setup must change";
  if (finding.side == "network") return "something between client and backend must change";
  return "side " + finding.side;
}

/// Whose judgement it is: an alert is a peer's own, the proxy's check only an opinion of it.
std::string whose_judgement(const FindingReport& finding) {
  if (finding.judged_by == "client-alert") return "the client said so in an alert";
  if (finding.judged_by == "backend-alert") return "the backend said so in an alert";
  if (finding.judged_by == "proxy-check") return "the proxy's own check";
  if (finding.judged_by == "twin")
    return "seen when the client's own hello was sent to the backend";
  return "judged by " + finding.judged_by;
}

std::string evidence_line(const EvidenceReport& evidence) {
  std::string text = evidence.leg;
  if (evidence.event) text += " #" + std::to_string(*evidence.event);
  return text.empty() ? evidence.what : text + "  " + evidence.what;
}

std::string codes_line(const FindingCodes& codes) {
  std::string text;
  const auto add = [&](std::string_view vocabulary, std::string_view code) {
    if (!text.empty()) text += ", ";
    text += vocabulary;
    text += code;
  };
  if (codes.alert) add("TLS alert ", std::to_string(*codes.alert));
  if (codes.x509) add("", *codes.x509);
  if (codes.hresult) add("Windows ", *codes.hresult);
  if (codes.schannel_event) add("Schannel event ", std::to_string(*codes.schannel_event));
  if (codes.chrome) add("Chrome ", *codes.chrome);
  if (codes.firefox) add("Firefox ", *codes.firefox);
  if (codes.java) add("Java ", *codes.java);
  return text;
}

std::string suspects_line(const FindingReport& finding) {
  std::string text;
  for (const std::string& id : finding.suspects) text += (text.empty() ? "" : ", ") + id;
  return text.empty() ? text : text + " (likeliest first; they look alike from here)";
}

}  // namespace visavis::inspect

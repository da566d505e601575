#include "inspect/findings/chain_facts.h"

#include <algorithm>
#include <array>

#include "inspect/compare/leg_outcome.h"

namespace visavis::inspect {
namespace {

/// The client's alert about the certificate that the backend showed it. Where we end the TLS, it is
/// about ours.
const AlertReport* clients_judgement(const LegSide& side) {
  if (!side.direct()) return nullptr;
  const AlertReport* alert = fatal_alert(*side.leg, "client");
  return alert != nullptr && is_of_certificate(alert->description.id) ? alert : nullptr;
}

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& letter : copy)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return copy;
}

/// The CN of a name in RFC 2253 form, or all of it.
std::string_view common_name(std::string_view name) {
  const std::size_t at = name.starts_with("CN=") ? 0 : name.find(",CN=");
  if (at == std::string_view::npos) return name;
  const std::string_view rest = name.substr(name.find('=', at) + 1);
  return rest.substr(0, rest.find(','));
}

}  // namespace

LegSide judged_chain(const SessionReport& session) {
  const LegSide side = backend_side(session);
  const bool judged = side && side.leg->chain && !side.leg->certificates.empty();
  return judged ? side : LegSide{};
}

const ChainProblemReport* chain_problem(const LegReport& leg, std::string_view code) {
  if (!leg.chain) return nullptr;
  const auto& problems = leg.chain->problems;
  const auto found =
      std::find_if(problems.begin(), problems.end(),
                   [code](const ChainProblemReport& problem) { return problem.code == code; });
  return found == problems.end() ? nullptr : &*found;
}

bool has_word(const CertificateReport& certificate, std::string_view word) {
  const auto& words = certificate.problems;
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_in_path(const CertificateReport& certificate) {
  constexpr std::array<std::string_view, 4> kOutside{"not-in-path", "duplicate", "unreadable",
                                                     "not-checked"};
  return std::none_of(kOutside.begin(), kOutside.end(),
                      [&](std::string_view word) { return has_word(certificate, word); });
}

std::vector<std::size_t> path_with(const LegReport& leg, std::string_view word) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < leg.certificates.size(); ++i)
    if (has_word(leg.certificates[i], word) && is_in_path(leg.certificates[i]))
      positions.push_back(i);
  return positions;
}

std::size_t path_length(const LegReport& leg) {
  return static_cast<std::size_t>(
      std::count_if(leg.certificates.begin(), leg.certificates.end(), is_in_path));
}

const CertificateReport& chain_end(const LegReport& leg) {
  const CertificateReport* last = &leg.certificates.front();
  for (const CertificateReport& certificate : leg.certificates) {
    if (!is_in_path(certificate)) continue;
    last = &certificate;
    if (leg.chain->missing_issuer == certificate.issuer) break;
  }
  return *last;
}

std::string certificate_words(const LegReport& leg, std::size_t position) {
  const std::string& subject = leg.certificates[position].subject;
  if (position == 0)
    return "the backend's own certificate" + (subject.empty() ? "" : " '" + subject + "'");
  return "the issuer's certificate '" + subject + "' (number " + std::to_string(position + 1) +
         " of those sent)";
}

std::string list_certificates(const LegReport& leg, const std::vector<std::size_t>& positions) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(positions.size(), kMost); ++i)
    text += (i == 0 ? "" : "; ") + certificate_words(leg, positions[i]);
  if (positions.size() > kMost)
    text += "; and " + std::to_string(positions.size() - kMost) + " more";
  return text;
}

std::string leaf_is_fine(const LegReport& leg, const std::vector<std::size_t>& positions) {
  if (!leg.certificates.front().problems.empty()) return {};
  const bool others = std::find(positions.begin(), positions.end(), 0U) == positions.end();
  return others ? " The backend's own certificate is fine." : "";
}

std::string describe_objection(const LegReport& leg, const std::vector<std::size_t>& positions) {
  return positions.empty() ? "a certificate of the trust store" : list_certificates(leg, positions);
}

bool is_unreadable(const CertificateReport& certificate) {
  return has_word(certificate, "unreadable");
}

bool lacks_root(const LegReport& leg) {
  if (!leg.chain->missing_issuer) return false;
  if (leg.chain->found_issuer) return leg.chain->found_issuer->self_issued;
  const std::string name = lower(common_name(*leg.chain->missing_issuer));
  const auto says = [&name](std::string_view word) { return name.find(word) != std::string::npos; };
  if (says("intermediate") || says("issuing") || says("subordinate") || says("sub ca") ||
      says("subca"))
    return false;
  return says("root") || path_length(leg) > 1;
}

FindingReport chain_finding(const LegSide& side) {
  FindingReport finding;
  finding.severity = severity::kError;
  finding.side = side::kBackend;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kProxyCheck;
  add_message_evidence(
      finding, side, "Certificate",
      "Certificate message with " + count_of(side.leg->certificates.size(), "certificate"));
  if (const AlertReport* alert = clients_judgement(side)) add_alert_evidence(finding, side, *alert);
  return finding;
}

bool client_objected(const LegSide& side) { return clients_judgement(side) != nullptr; }

void confirm(FindingReport& finding, const LegSide& side, std::uint32_t alert) {
  const AlertReport* judgement = clients_judgement(side);
  if (judgement == nullptr || judgement->description.id != alert) return;
  finding.confidence = confidence::kProven;
  finding.judged_by = judged_by::kClientAlert;
}

void raise_if_refused(FindingReport& finding, const LegSide& side) {
  if (client_objected(side) && side.leg->chain->trusted) finding.severity = severity::kError;
}

std::string other_stores(const LegReport& leg) {
  std::string text;
  const auto& stores = leg.chain->stores;
  for (std::size_t i = 1; i < stores.size(); ++i)
    if (stores[i].trusted) text += " The trust store '" + stores[i].name + "' accepts the chain.";
  return text;
}

}  // namespace visavis::inspect

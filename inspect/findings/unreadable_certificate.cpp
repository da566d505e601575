#include <algorithm>
#include <array>

#include "inspect/compare/leg_outcome.h"
#include "inspect/findings/alert_codes.h"
#include "inspect/findings/chain_facts.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

/// Problems are words (certs/chain_verdict.h), but for what could not be read: that is a sentence.
bool is_sentence(const std::string& problem) { return problem.find(' ') != std::string::npos; }

/// A field that can't be decoded, as certs::read_certificate says it.
bool is_of_a_field(const std::string& problem) {
  return problem.find(" cannot be read") != std::string::npos ||
         problem.find(" has bytes behind its value") != std::string::npos;
}

std::string what_is_wrong(const CertificateReport& certificate) {
  const auto& problems = certificate.problems;
  const auto sentence = std::find_if(problems.begin(), problems.end(), is_sentence);
  if (sentence != problems.end()) return *sentence;
  if (has_word(certificate, "bad-time")) return "its dates can't be read";
  if (has_word(certificate, "explicit-curve"))
    return "its elliptic curve is written out instead of named (RFC 8422 5.4)";
  if (has_word(certificate, "unsupported-key"))
    return "its public key can't be read, or is of a kind that our library lacks";
  return "a field of it can't be read";
}

/// The alert that broke off the handshake at the certificate: the client's own, or ours, as a
/// client on OpenSSL.
const AlertReport* ending_alert(const LegSide& side) {
  const AlertReport* alert = fatal_alert(*side.leg, side.client);
  if (alert == nullptr || side.leg->outcome == "established") return nullptr;
  constexpr std::array<std::uint32_t, 3> kOfEncoding{50, 51, 47};
  const std::uint32_t id = alert->description.id;
  const bool fits = is_of_certificate(id) ||
                    std::find(kOfEncoding.begin(), kOfEncoding.end(), id) != kOfEncoding.end();
  return fits ? alert : nullptr;
}

bool is_broken(const CertificateReport& certificate) {
  constexpr std::array<std::string_view, 5> kWords{"unreadable", "bad-time", "bad-extension",
                                                   "explicit-curve", "unsupported-key"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return has_word(certificate, word); }) ||
         std::any_of(certificate.problems.begin(), certificate.problems.end(), is_of_a_field);
}

/// What is unusual at most, as an unknown extension that comes twice, is the cause only where
/// somebody broke off for it.
std::optional<std::size_t> find_broken(const LegReport& leg, bool ended) {
  const auto& all = leg.certificates;
  auto found = std::find_if(all.begin(), all.end(), is_broken);
  if (found == all.end() && ended)
    found = std::find_if(all.begin(), all.end(), [](const CertificateReport& each) {
      return std::any_of(each.problems.begin(), each.problems.end(), is_sentence);
    });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

void blame(const LegSide& side, const AlertReport* alert, FindingReport& finding) {
  if (alert == nullptr) return;
  const bool known =
      std::any_of(finding.evidence.begin(), finding.evidence.end(),
                  [&](const EvidenceReport& evidence) { return evidence.event == alert->event; });
  if (!known) add_alert_evidence(finding, side, *alert);
  finding.codes.alert = static_cast<int>(alert->description.id);
}

std::string position_words(const LegReport& leg, std::size_t at) {
  if (!leg.certificates[at].subject.empty() || at == 0) return certificate_words(leg, at);
  return "the certificate number " + std::to_string(at + 1) + " of those sent";
}

}  // namespace

/// Of the libraries' words for it none says where: "bad certificate", "decode error".
std::optional<FindingReport> diagnose_unreadable_certificate(const SessionReport& session) {
  const LegSide side = judged_chain(session);
  if (!side) return std::nullopt;
  const LegReport& leg = *side.leg;
  const AlertReport* alert = ending_alert(side);
  const auto at = find_broken(leg, alert != nullptr);
  if (!at) return std::nullopt;
  const CertificateReport& broken = leg.certificates[*at];
  const std::string who = position_words(leg, *at);
  const std::string what = what_is_wrong(broken);
  FindingReport finding = chain_finding(side);
  blame(side, alert, finding);
  const bool ours = has_word(broken, "unsupported-key");
  if (ours || (leg.chain->trusted && alert == nullptr)) {
    finding.severity = severity::kWarning;
    finding.confidence = confidence::kLikely;
  }
  finding.title = *at == 0 ? "The backend's certificate can't be read"
                           : "A certificate in the backend's chain can't be read";
  finding.cause = capitalized(who) + " is malformed: " + what +
                  ". Clients that decode all of it (OpenSSL, Java, browsers) refuse it, each in "
                  "words of its own; a tolerant one may not mind.";
  if (ours)
    finding.cause =
        "Of " + who + ' ' + what +
        ". Our judgement ends there; a client that knows no such key refuses the certificate.";
  finding.expected = "a certificate in DER as RFC 5280 has it";
  finding.presented = who + ": " + what;
  finding.remedy =
      "Look at the file with `openssl x509 -noout -text` or `certutil -dump`, install it again "
      "from what the CA delivered, and, when that has the same fault, have it issued again. A file "
      "cut or changed on its way (text mode, line ends, an editor) is typical, and so are "
      "certificates made by a program of one's own.";
  if (leg.chain->problems.empty())
    finding.codes.x509 = "X509_V_ERR_UNSPECIFIED";
  else
    finding.codes.x509 = leg.chain->problems.front().code;
  finding.codes.hresult = "0x800b0108";
  finding.codes.schannel_event = 36876;
  finding.codes.chrome = "ERR_CERT_INVALID";
  finding.codes.firefox = "SEC_ERROR_BAD_DER";
  finding.codes.java = "CertificateParsingException";
  finding.source = "RFC 5280 4.1, X.690 10";
  return finding;
}

}  // namespace visavis::inspect

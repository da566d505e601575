#include "inspect/codepoint/alert.h"
#include "inspect/findings/certificate_dates.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr DateFault kNotYetValid{"not-yet-valid", "X509_V_ERR_CERT_NOT_YET_VALID"};

std::string validity(const LegReport& leg, std::size_t position) {
  const CertificateReport& certificate = leg.certificates[position];
  return certificate_words(leg, position) + " is valid from " + certificate.not_before + " to " +
         certificate.not_after;
}

std::string ahead(const SessionReport& session, const CertificateReport& certificate) {
  return since_words(session.started, certificate.not_before);
}

/// A certificate that begins within the day was most likely just issued, by a clock that is ahead
/// of ours or in another time zone.
bool is_about_clocks(const SessionReport& session, const CertificateReport& certificate) {
  constexpr std::int64_t kDay = 86400;
  const auto now = parse_time(session.started);
  const auto begin = parse_time(certificate.not_before);
  return now && begin && *begin - *now <= kDay;
}

std::string title(const SessionReport& session, const FaultyDates& dates) {
  const LegReport& leg = *dates.side.leg;
  if (dates.positions.empty()) return "An issuer of the backend's certificate is not yet valid";
  const std::size_t first = dates.positions.front();
  const std::string wait = ahead(session, leg.certificates[first]);
  const std::string when = wait.empty() ? "" : ": it begins in " + wait;
  if (first == 0) return "The backend's certificate is not yet valid" + when;
  return "The certificate of an issuer in the backend's chain is not yet valid" + when;
}

std::string cause(const SessionReport& session, const FaultyDates& dates) {
  const LegReport& leg = *dates.side.leg;
  if (dates.positions.empty())
    return "The path from the backend's certificate to the trust store leads over a certificate "
           "that the backend does not send and that is not yet valid " +
           clock_words(session) + '.';
  std::string text;
  for (const std::size_t position : dates.positions)
    text += (text.empty() ? "" : "; ") + validity(leg, position);
  text = capitalized(std::move(text)) + ". It is too early " + clock_words(session) + '.';
  if (dates.all)
    text +=
        " No certificate of the chain is valid yet, which is rare: make sure that the proxy's "
        "clock is right.";
  else if (is_about_clocks(session, leg.certificates[dates.positions.front()]))
    text +=
        " So short a time is often a clock that is wrong by hours, or a time zone taken for "
        "UTC: of the machine that issued it, or of the proxy's.";
  return text;
}

}  // namespace

std::optional<FindingReport> diagnose_not_yet_valid(const SessionReport& session) {
  const auto dates = find_faulty_dates(session, kNotYetValid);
  if (!dates) return std::nullopt;
  const bool leaf = !dates->positions.empty() && dates->positions.front() == 0;
  FindingReport finding = date_finding(*dates, kNotYetValid);
  finding.title = title(session, *dates);
  finding.cause = cause(session, *dates) + other_stores(*dates->side.leg);
  finding.expected = "certificates that are valid at " + session.started;
  finding.presented = dates->positions.empty()
                          ? "a certificate of the trust store that is not yet valid"
                          : validity(*dates->side.leg, dates->positions.front());
  finding.remedy =
      "Set the clocks first (Windows: w32tm /query /status and w32tm /resync; Linux: timedatectl), "
      "on the machine that issues certificates, on the client and here. If they are right, put the "
      "former certificate back until this one begins, or have it issued again.";
  finding.codes.alert = kBadCertificate.value;
  finding.codes.hresult = "0x800b0101";
  finding.codes.schannel_event = 36881;
  finding.codes.chrome = "ERR_CERT_DATE_INVALID";
  finding.codes.firefox = leaf ? "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE"
                               : "MOZILLA_PKIX_ERROR_NOT_YET_VALID_ISSUER_CERTIFICATE";
  finding.codes.java = "CertificateNotYetValidException: NotBefore: ...";
  return finding;
}

}  // namespace visavis::inspect

#include "inspect/codepoint/alert.h"
#include "inspect/findings/certificate_dates.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {
namespace {

constexpr DateFault kExpired{"expired", "X509_V_ERR_CERT_HAS_EXPIRED"};

std::string validity(const LegReport& leg, std::size_t position) {
  const CertificateReport& certificate = leg.certificates[position];
  return certificate_words(leg, position) + " was valid from " + certificate.not_before + " to " +
         certificate.not_after;
}

std::string title(const SessionReport& session, const FaultyDates& dates) {
  const LegReport& leg = *dates.side.leg;
  if (dates.positions.empty()) return "An issuer of the backend's certificate has expired";
  if (!dates.in_use) return "The backend sends an expired certificate along with a valid chain";
  const std::size_t first = dates.positions.front();
  const std::string since = since_words(leg.certificates[first].not_after, session.started);
  const std::string when = since.empty() ? " has expired" : " expired " + since + " ago";
  if (first == 0) return "The backend's certificate" + when;
  return "The certificate of an issuer in the backend's chain" + when;
}

std::string cause(const SessionReport& session, const FaultyDates& dates) {
  const LegReport& leg = *dates.side.leg;
  if (dates.positions.empty())
    return "The path from the backend's certificate to the trust store leads over a certificate "
           "that the backend does not send and that has expired " +
           clock_words(session) + ": the trust store itself is out of date, or the CA is.";
  std::string text;
  for (const std::size_t position : dates.positions)
    text += (text.empty() ? "" : "; ") + validity(leg, position);
  text = capitalized(std::move(text)) + ". It is too late " + clock_words(session) + '.';
  if (!dates.in_use)
    text +=
        " The same issuer's current certificate was sent, too. OpenSSL, Java and browsers take "
        "that one; clients that take the first that fits (GnuTLS 3.7, OpenSSL 1.0) fail.";
  if (dates.all)
    text +=
        " Every certificate of the chain has expired, which is rare: make sure that the "
        "proxy's clock is right.";
  return text;
}

std::string remedy(const FaultyDates& dates) {
  if (dates.positions.empty())
    return "Bring the trust store up to date (Windows: certutil -generateSSTFromWU roots.sst; "
           "Debian: the package ca-certificates), and ask the CA for its current chain.";
  if (dates.positions.front() == 0)
    return "Renew the certificate and make the listener use the new one. IIS: import it with its "
           "private key, choose it in the site's https binding, and check with `netsh http show "
           "sslcert` that the hash is the new one; nginx and Apache: replace the file and reload; "
           "Java: replace the keystore's entry and restart.";
  return std::string(dates.in_use ? "Replace the issuer's certificate by the CA's current one"
                                  : "Take the expired certificate out of the chain") +
         " (nginx: the file of ssl_certificate; Apache: SSLCertificateFile; Java: import the whole "
         "reply into the key's own entry; IIS: delete the old one from the computer's Intermediate "
         "Certification Authorities). The backend's own certificate need not be renewed for that.";
}

}  // namespace

/// Lesson of the tools that name neither: depth and subject are told apart, and whose clock it is.
std::optional<FindingReport> diagnose_expired(const SessionReport& session) {
  const auto dates = find_faulty_dates(session, kExpired);
  if (!dates || is_replaced_by_store(*dates)) return std::nullopt;
  const bool leaf = !dates->positions.empty() && dates->positions.front() == 0;
  FindingReport finding = date_finding(*dates, kExpired);
  confirm(finding, dates->side, kCertificateExpired.value);
  finding.title = title(session, *dates);
  finding.cause = cause(session, *dates) + other_stores(*dates->side.leg);
  finding.expected = "certificates that are valid at " + session.started;
  finding.presented = dates->positions.empty()
                          ? "an expired certificate of the trust store"
                          : validity(*dates->side.leg, dates->positions.front());
  finding.remedy = remedy(*dates);
  finding.codes.alert = kCertificateExpired.value;
  finding.codes.hresult = "0x800b0101";
  finding.codes.schannel_event = 36881;
  finding.codes.chrome = "ERR_CERT_DATE_INVALID";
  finding.codes.firefox =
      leaf ? "SEC_ERROR_EXPIRED_CERTIFICATE" : "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE";
  finding.codes.java = "CertificateExpiredException: NotAfter: ...";
  return finding;
}

}  // namespace visavis::inspect

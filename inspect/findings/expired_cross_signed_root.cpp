#include "inspect/findings/certificate_dates.h"
#include "inspect/findings/rule.h"

namespace visavis::inspect {

/// A root that was cross-signed by an older one, which has expired: AddTrust External CA Root on
/// 2020-05-30, DST Root CA X3 on 2021-09-30. Clients that follow the chain as sent to its end fail
/// there, those that stop at the first certificate that they trust do not.
std::optional<FindingReport> diagnose_expired_cross_signed_root(const SessionReport& session) {
  constexpr DateFault kExpired{"expired", "X509_V_ERR_CERT_HAS_EXPIRED"};
  const auto dates = find_faulty_dates(session, kExpired);
  if (!dates || !is_replaced_by_store(*dates)) return std::nullopt;
  const LegReport& leg = *dates->side.leg;
  const CertificateReport& expired = leg.certificates[dates->positions.front()];
  const std::string who = list_certificates(leg, dates->positions);
  FindingReport finding = date_finding(*dates, kExpired);
  finding.title = "The backend sends an expired cross-signed root along with a valid chain";
  finding.cause = capitalized(who) + ", issued by '" + expired.issuer + "', was valid until " +
                  expired.not_after + "; it is too late " + clock_words(session) +
                  ". Our check found a way up without it: the trust store has the same issuer as a "
                  "root of its own. Current clients stop there; OpenSSL 1.0.1 and 1.0.2, LibreSSL "
                  "up to 3.1.2, old GnuTLS and what is built on them follow the chain as sent to "
                  "its end, and say that the certificate has expired." +
                  leaf_is_fine(leg, dates->positions) + other_stores(leg);
  finding.expected = "a chain in which every certificate sent is valid at " + session.started;
  finding.presented = who + ", valid until " + expired.not_after;
  finding.remedy =
      "Take the expired certificate out of the backend's file (nginx: ssl_certificate; Apache: "
      "SSLCertificateFile; IIS: delete it from the computer's Intermediate Certification "
      "Authorities; ACME clients: --preferred-chain). The backend's own certificate need not be "
      "renewed for that. On an old client: remove the expired root from its store and add the new "
      "one; OpenSSL 1.0.2 has -trusted_first (X509_V_FLAG_TRUSTED_FIRST).";
  finding.codes.alert = 45;  // certificate_expired
  finding.codes.hresult = "0x800b0101";
  finding.codes.schannel_event = 36881;
  finding.source = "RFC 5280 6.1, RFC 4158 2.4";
  return finding;
}

}  // namespace visavis::inspect

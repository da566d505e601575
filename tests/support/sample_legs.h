#pragma once
#include <string>
#include <vector>

#include "inspect/report/leg_report.h"

/// The legs that sample_reports.h is built from.
namespace visavis::test {

/// Established legs: hello, server hello, chain, some 14 events, 10 records, close.
inspect::LegReport tls13_leg(const std::string& from, const std::string& to,
                             std::vector<inspect::CertificateReport> certificates);
inspect::LegReport tls12_leg(const std::string& from, const std::string& to,
                             std::vector<inspect::CertificateReport> certificates);

/// An established TLS 1.2 leg with a DHE key exchange, whose server asked for a certificate of one
/// of 212 issuers; nothing was sent yet.
inspect::LegReport asked_for_certificate_leg(const std::string& from, const std::string& to,
                                             std::vector<inspect::CertificateReport> certificates);
inspect::CertificateReport client_certificate();

/// A leg whose client offered TLS 1.1 to 1.2 and got TLS 1.0. The alert is the client's own on its
/// leg, the proxy's on the backend's.
inspect::LegReport refused_version_leg(const std::string& from, const std::string& to,
                                       bool client_leg);

/// A leg with `hostile` in every string.
inspect::LegReport hostile_leg(const std::string& hostile);

std::vector<inspect::CertificateReport> minted_chain();
std::vector<inspect::CertificateReport> public_chain();

}  // namespace visavis::test

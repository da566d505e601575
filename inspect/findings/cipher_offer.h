#pragma once
#include <string>
#include <vector>

#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// real_suites are the offered suites without GREASE and signalling values.
std::vector<CodePoint> real_suites(const ClientHelloReport& hello);

/// offers_suite tells whether the list has this number.
bool offers_suite(const ClientHelloReport& hello, const CodePoint& suite);

/// missing_suites are those of `client` that `proxy` does not offer.
std::vector<CodePoint> missing_suites(const ClientHelloReport& client,
                                      const ClientHelloReport& proxy);

/// offers_tls13 tells whether a version of TLS 1.3 is in the offer.
bool offers_tls13(const ClientHelloReport& hello);

/// other_reasons lists, as sentences, what else handshake_failure can mean for this very hello:
/// certificate type, group, signature scheme, server name. Source: RFC 5246 7.4.1.4.1 and 7.4.2,
/// RFC 8446 4.1.1.
std::string other_reasons(const ClientHelloReport& hello);

}  // namespace visavis::inspect

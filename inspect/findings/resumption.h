#pragma once
#include "inspect/findings/finding.h"

namespace visavis::inspect {

/// resumption_offered is true when the hello asks to go on with an earlier session: a ticket or a
/// pre-shared key; or a session id where TLS 1.3, which fills it in for middleboxes, is not
/// offered.
bool resumption_offered(const LegReport& leg);

/// resumption_accepted is true when the ServerHello says yes to it: by the session id up to TLS
/// 1.2 (RFC 5246 7.4.1.3), by pre_shared_key in TLS 1.3 (RFC 8446 4.2.11).
bool resumption_accepted(const LegReport& leg);

/// drops_master_secret is true where the ServerHello accepts a resumption without
/// extended_master_secret, which the hello has: RFC 7627 5.3. It is ems-mismatch's.
bool drops_master_secret(const LegReport& leg);

}  // namespace visavis::inspect

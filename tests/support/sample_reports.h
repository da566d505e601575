#pragma once
#include <string>
#include <vector>

#include "inspect/report/session_report.h"

/// Session reports made by hand, for tests of what is done with them. Nothing in them depends on a
/// clock.
namespace visavis::test {

/// A healthy session: TLS 1.3 on both legs and one HTTP request.
inspect::SessionReport healthy_session();

/// Fails through the proxy and without it: the client offers TLS 1.1 and 1.2, the backend has
/// TLS 1.0 only.
inspect::SessionReport no_common_version_session();

/// Works, but the backend sends its certificate without the intermediate one.
inspect::SessionReport incomplete_chain_session();

/// Works, and the backend asks for a client certificate: the client sent one, the proxy has none.
inspect::SessionReport client_certificate_session();

/// Passed through untouched: everything is in the direct leg, one record split.
inspect::SessionReport passthrough_session();

/// The same without anything to find.
inspect::SessionReport passthrough_healthy_session();

/// Passed through untouched: the client refuses the backend's incomplete chain.
inspect::SessionReport passthrough_refused_session();

/// The backend could not be reached, and the client spoke HTTP: nothing but endpoints and a first
/// byte.
inspect::SessionReport not_tls_session();

/// Every string of every field is something that a hostile peer would send.
inspect::SessionReport hostile_session(const std::string& hostile);

struct NamedSession {
  std::string name;
  inspect::SessionReport session;
};

/// All of the above, and an empty one.
std::vector<NamedSession> sample_sessions();

}  // namespace visavis::test

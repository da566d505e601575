#pragma once
#include <string_view>

#include "inspect/report/session_report.h"

/// What verdicts ask about a terminated session.
namespace visavis::inspect {

/// find_finding returns the session's finding of this id, or null.
const FindingReport* find_finding(const SessionReport& session, std::string_view id);

/// proxied_works is false where a leg did not come about or broke, the client turned our
/// certificate down, or a request was left without its response.
bool proxied_works(const SessionReport& session);

/// proxied_unseen is true where a capture does not show a leg's handshake to its end, and nothing
/// that it shows went wrong: how the session went is not known.
bool proxied_unseen(const SessionReport& session);

/// backend_unreached is true where no connection to the backend came about.
bool backend_unreached(const SessionReport& session);

/// failed_in_first_flight is true when our own hello found no ServerHello, and not because the
/// client had left.
bool failed_in_first_flight(const SessionReport& session);

/// all_mirrored is true where both legs were told to repeat the other, and records too.
bool all_mirrored(const SessionReport& session);

/// hello_repeated is true when our hello says all that the client's says; with `padding_counts`
/// the padding too.
bool hello_repeated(const SessionReport& session, bool padding_counts);

/// same_name is true when a direct client names the backend as this client named it here.
bool same_name(const SessionReport& session);

/// seen_to_work_directly is true of a session that we terminated when the same client was seen to
/// work with the backend through a passthrough listener: a comparison settles that afterwards.
bool seen_to_work_directly(const SessionReport& session);

/// asked_for_certificate is true when the server of this leg asked for its client's certificate.
bool asked_for_certificate(const LegReport& leg);

/// warns_about_chain is true when a finding speaks of a certificate that only some clients refuse.
bool warns_about_chain(const SessionReport& session);

}  // namespace visavis::inspect

#pragma once
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "inspect/report/finding_report.h"
#include "inspect/transcript/transcript.h"

namespace visavis::corpora {

/// is_healthy is true of a captured connection that shows nothing wrong: the handshake came about
/// and nobody sent a fatal alert in clear.
bool is_healthy(const inspect::Transcript& transcript);

/// alarms lists the errors and warnings that our rules find in a captured connection,
/// its chain left aside: whom the client trusted then is not in the capture.
std::vector<inspect::FindingReport> alarms(const inspect::Transcript& transcript);

/// borne_out is true of an alarm whose cause the truth of the stream shows: a weak suite was chosen
/// (RC4, 3DES, DES, NULL, export, anonymous, PSK), the server's hello lacks renegotiation_info, the
/// server sent the alert unrecognized_name, or the suite is of DHE, whose prime only we read.
bool borne_out(const std::string& alarm, const boost::json::object& truth,
               const inspect::Transcript& transcript);

}  // namespace visavis::corpora

#pragma once
#include <string>
#include <string_view>

#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// is_fatal tells whether an alert of this leg ends what it is sent in. In TLS 1.3 every alert but
/// close_notify and user_canceled is an error, whatever its level says. RFC 8446 6. One that only
/// answers a close ends nothing: OpenSSL 3 answers a FIN without close_notify with decode_error,
/// Java one in place of the ServerHello with handshake_failure, GnuTLS with unexpected_message.
bool is_fatal(const LegReport& leg, const AlertReport& alert);

/// has_fatal_alert is true when either side sent one.
bool has_fatal_alert(const LegReport& leg);

/// is_of_certificate is true for the alerts that judge the other side's certificate:
/// bad_certificate (42) to certificate_unknown (46), and unknown_ca (48). RFC 8446 6.2.
bool is_of_certificate(std::uint32_t alert);

/// How the failure of a leg begins that our own check broke off.
inline constexpr std::string_view kRefusedByVerify = "refused by --verify enforce";

/// refused_by_us is true when our own check broke the leg off (--verify enforce): the alert is the
/// proxy's, and so is the opinion.
bool refused_by_us(const LegReport& leg);

/// describe_leg_failure says how a leg ended that did not come about or broke off: "the backend
/// sent a fatal handshake_failure (40) alert". `leg_word` is client, backend or direct.
std::string describe_leg_failure(const LegReport& leg, std::string_view leg_word);

/// DataSeen says which side's application data can be told to be there on a leg whose records are
/// encrypted for us.
struct DataSeen {
  bool asked = false;     ///< by the TLS client
  bool answered = false;  ///< by the TLS server
  bool doubtful = false;  ///< the answer may as well be two NewSessionTickets (TLS 1.3)
};

/// encrypted_alert_by returns who was the first to send an alert that we can't read ("client",
/// "backend"), told by its type up to TLS 1.2 and by its length in TLS 1.3; empty when nobody did
/// before the first close. It may be a close_notify.
std::string_view encrypted_alert_by(const LegReport& leg);

/// see_data looks for application data among the records of an established leg that nobody here
/// decrypted. Up to TLS 1.2 the record type tells. In TLS 1.3 the handshake's end, alerts and
/// tickets have the same type: lengths and order must do. RFC 8446 5.2.
DataSeen see_data(const LegReport& leg);

}  // namespace visavis::inspect

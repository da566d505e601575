#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "inspect/report/columns.h"
#include "inspect/report/leg_report.h"

/// What one leg says of one aspect, as the lines of a table's cell. Empty where it says nothing.
/// Lists are bounded and say how much they leave out; nothing is sanitised here, the table does
/// that.
namespace visavis::inspect {

Cell endpoints_cell(const LegReport& leg);
Cell outcome_cell(const LegReport& leg);
Cell reason_cell(
    const LegReport& leg);  ///< what it began with instead of TLS, our library's reason
Cell offered_cell(const LegReport& leg);  ///< versions, suites and extensions of the ClientHello
Cell hello_size_cell(const LegReport& leg);
Cell fingerprint_cell(const LegReport& leg);
Cell version_cell(const LegReport& leg);
Cell suite_cell(const LegReport& leg);
Cell group_cell(const LegReport& leg);
Cell signature_cell(const LegReport& leg);
Cell alpn_cell(const LegReport& leg);
Cell options_cell(const LegReport& leg);  ///< EMS and EtM; not of TLS 1.3, which has no choice
Cell certificate_cell(const LegReport& leg, std::size_t index);
Cell chain_cell(const LegReport& leg);
Cell stapled_cell(const LegReport& leg);     ///< the revocation answer sent along with the chain
Cell is_stapled_cell(const LegReport& leg);  ///< to compare: no two answers are of one size
/// client_certificate_cell says whether one was asked for, of whom, and what came.
Cell client_certificate_cell(const LegReport& leg);
Cell alerts_cell(const LegReport& leg);
Cell history_cell(const LegReport& leg);
Cell records_cell(const LegReport& leg);
Cell data_cell(const LegReport& leg);  ///< the first application data records, both lengths
Cell habits_cell(const LegReport& leg);
Cell malformed_cell(const LegReport& leg);
Cell close_cell(const LegReport& leg);
Cell close_how_cell(
    const LegReport& leg);  ///< to compare: who closes has another name on the other leg
Cell timing_cell(const LegReport& leg);

/// only_here puts a value of the comparison into words beside the other leg's: of two lists ("a, b,
/// c") the items that the other one does not have, and how many both have.
Cell only_here(const std::optional<std::string>& value, const std::optional<std::string>& other);

}  // namespace visavis::inspect

#pragma once
#include <string>

#include "inspect/report/capture_report.h"
#include "inspect/report/text_report.h"

namespace visavis::inspect {

/// render_capture_summary returns what was read, and what was not, in a line or two.
std::string render_capture_summary(const CaptureReport& capture, const TextStyle& style);

/// problem_line returns "dump.pcap, byte 1234: the file ends in a packet", and of a file that can't
/// be read "dump.pcap: No such file or directory".
std::string problem_line(const FileProblemReport& problem);

}  // namespace visavis::inspect

#pragma once
#include <string>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "inspect/report/leg_report.h"

namespace visavis::inspect {

/// record_habits lists in words how each direction of a leg makes its records where that is out of
/// the ordinary: handshake messages cut over several records or put together in one (those in
/// clear, from the raw bytes of the handshake, and TLS 1.3's encrypted ones where they were seen),
/// empty and oversized records, application data byte by byte, in records of a size that is not
/// TLS's own or in many at one instant where one would do, and writes cut 1/n-1 where no version
/// asks for it. At most one line for each of these and each direction, "c2s: ..." before
/// "s2c: ..."; nothing for a stack that sends each message and each write as one record, nor for
/// what a person types or two programs say in turns. The leg's own list is not read.
std::vector<std::string> record_habits(const LegReport& leg, Bytes raw_c2s, Bytes raw_s2c);

}  // namespace visavis::inspect

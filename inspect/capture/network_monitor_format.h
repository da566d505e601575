#pragma once
#include <memory>

#include "inspect/capture/byte_stream.h"
#include "inspect/capture/capture_format.h"

namespace visavis::inspect {

/// open_network_monitor reads a capture of Microsoft Network Monitor, versions 2.0 to 2.3 of the
/// format (.cap, "GMBU"; Network Monitor 2 and 3, Message Analyzer's export), in one pass: its
/// frames lie one behind the other, and are counted against the frame table at the end. Times
/// before 2.3 are the capturing machine's own without a time zone: taken as UTC. Returns nothing
/// when the stream's first bytes are none. Both arguments must outlive what is returned. Sources:
/// CAPTUREFILE_HEADER_VALUES (Microsoft, netmon2), "Network Monitor Capture File Format" (its
/// help).
std::unique_ptr<CaptureFormat> open_network_monitor(ByteStream& stream, CaptureContents& contents);

}  // namespace visavis::inspect

#pragma once
#include <memory>

#include "inspect/capture/byte_stream.h"
#include "inspect/capture/capture_format.h"

namespace visavis::inspect {

/// open_pcap reads a pcap file: all byte orders, microseconds or nanoseconds, Kuznetzov's packet
/// headers. Returns nothing when the stream's first bytes are none. Both arguments must outlive
/// what is returned. Source: draft-ietf-opsawg-pcap.
std::unique_ptr<CaptureFormat> open_pcap(ByteStream& stream, CaptureContents& contents);

}  // namespace visavis::inspect

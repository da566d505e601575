#pragma once
#include <memory>

#include "inspect/capture/byte_stream.h"
#include "inspect/capture/capture_format.h"

namespace visavis::inspect {

/// open_pcapng reads a pcapng file: both byte orders, sections, interfaces with their time
/// resolutions, packets of all three kinds, TLS secrets and comments. Returns nothing when the
/// stream's first bytes are none. Both arguments must outlive what is returned. Source:
/// draft-ietf-opsawg-pcapng.
std::unique_ptr<CaptureFormat> open_pcapng(ByteStream& stream, CaptureContents& contents);

}  // namespace visavis::inspect

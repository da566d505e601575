#include "inspect/capture/capture_sessions.h"
#include "tests/fuzz/property.h"

/// The input is a capture file. Read from memory it gives sessions whose parts are bounded; where
/// it breaks off, the problem lies in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  using visavis::fuzz::property;
  ByteStream stream{Bytes(data, size)};
  CaptureReader reader(stream);
  std::uint64_t packets_of_sessions = 0;
  CaptureSessions sessions([&](CapturedSession session) {
    const Transcript& leg = session.transcript;
    property(leg.capture.has_value(), "a session says how much of it there was");
    property(leg.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents, "events");
    property(leg.raw.c2s.size() <= limits::kMaxRawBytes, "raw bytes are bounded");
    property(session.duration_us >= 0, "time does not go back");
    packets_of_sessions += leg.capture->packets;
  });
  CapturedPacket packet;
  std::uint64_t count = 0;
  while (reader.next(packet)) {
    property(packet.number == ++count, "packets are counted");
    property(packet.bytes.size() <= size, "a packet lies in its file");
    sessions.add(packet);
  }
  sessions.finish();
  const PacketCounts& packets = sessions.packets();
  property(packets.total == count, "every packet is counted");
  property(packets.dtls + packets.quic + packets.other + packets_of_sessions <= count,
           "no packet is counted twice");
  if (const auto& problem = reader.problem())
    property(problem->byte <= size && !problem->what.empty(), "a problem has a place");
  return 0;
}

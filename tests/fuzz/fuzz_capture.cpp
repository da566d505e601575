#include "inspect/capture/capture_sessions.h"
#include "inspect/report/session_note.h"
#include "tests/fuzz/property.h"

/// The input is a capture file. Read from memory it gives sessions whose parts are bounded; where
/// it breaks off, the problem lies in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  using visavis::fuzz::property;
  ByteStream stream{Bytes(data, size)};
  CaptureReader reader(stream);
  std::uint64_t packets_of_sessions = 0;
  const auto look = [&](const CapturedSession& session) {
    const Transcript& leg = session.transcript;
    property(leg.capture.has_value(), "a session says how much of it there was");
    property(leg.events.size() <= limits::kMaxListedEvents + 2 * limits::kMaxLateEvents, "events");
    property(leg.raw.c2s.size() <= limits::kMaxRawBytes, "raw bytes are bounded");
    property(session.duration_us >= 0, "time does not go back");
  };
  CaptureSessions sessions([&](CapturedSession session) {
    look(session);
    packets_of_sessions += session.transcript.capture->packets;
    property(session.others.size() <= limits::kMaxSessionConnections, "connections of a session");
    for (CapturedSession& other : session.others) {
      look(other);
      packets_of_sessions += other.transcript.capture->packets;
      property(other.label && other.label->session == session.label->session, "one session's");
    }
    std::string problem;
    const auto note = read_note(session.note, problem);
    property(note.has_value() == problem.empty(), "a note that can't be read is named");
    if (!note) return;
    for (const LegNote& leg : note->legs) put_back(leg.events, session.transcript);
    look(session);
    const std::string again = render_note(*note);
    property(again.empty() || read_note(again, problem), "a note can be written again");
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

#include "inspect/bundle/bundle_capture.h"
#include "inspect/bytes/limits.h"
#include "inspect/capture/capture_sessions.h"
#include "tests/fuzz/property.h"

/// The input is a capture file, of which every session goes into a bundle. What comes out can be
/// read to its end, and has no more packets, and none that are longer, than what went in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  using visavis::fuzz::property;
  const Bytes capture(data, size);
  Redaction redaction(Mask::Key{1, 2, 3}, size % 2 == 1, {});
  ChosenSessions chosen;
  std::size_t longest = 0;
  std::uint64_t count = 0;
  {
    ByteStream stream{capture};
    CaptureReader reader(stream);
    CaptureSessions sessions([&](const CapturedSession& captured) {
      SessionReport session;
      session.id = captured.label ? captured.label->session : "tcp-0";
      session.started = "1970-01-01T00:00:00.000Z";
      session.duration_ms = 4e12;  // as late as may be
      session.direct_leg.emplace();
      session.direct_leg->from = captured.transcript.from;
      session.direct_leg->to = captured.transcript.to;
      redaction.learn(session);
      chosen.add(session);
    });
    CapturedPacket packet;
    while (reader.next(packet)) {
      ++count;
      longest = std::max(longest, packet.bytes.size());
      sessions.add(packet);
    }
    sessions.finish();
  }
  BundleCapture bundle(chosen, redaction, false);
  ByteStream first{capture};
  bundle.study(first);
  ByteStream second{capture};
  bundle.copy(second);
  const std::vector<std::uint8_t> out = bundle.take();
  property(!bundle.has_secrets(), "no secrets that were not asked for");
  property(out.empty() == (bundle.packets() == 0), "a file, or nothing");
  if (out.empty()) return 0;
  ByteStream stream{Bytes(out)};
  CaptureReader reader(stream);
  CapturedPacket packet;
  std::uint64_t read = 0;
  // Headers are made anew: Ethernet's fall away, IP's and TCP's options with them.
  constexpr std::size_t kHeaders = 60;
  while (reader.next(packet)) {
    ++read;
    property(packet.bytes.size() <= longest + kHeaders, "no packet grows");
  }
  property(!reader.problem().has_value(), "the bundle's capture can be read");
  property(read == bundle.packets() && read <= count, "packets are counted");
  property(reader.take_secrets().empty(), "no secrets in the file");
  return 0;
}

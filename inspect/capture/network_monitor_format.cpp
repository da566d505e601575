#include "inspect/capture/network_monitor_format.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/file_number.h"

namespace visavis::inspect {
namespace {

constexpr std::string_view kSignature = "GMBU";
constexpr std::size_t kFileHeaderBytes = 128;
constexpr std::size_t kFrameHeaderBytes = 16;
constexpr std::uint32_t kTableEntryBytes = 4;
constexpr std::int64_t kTicksPerSecond = 10'000'000;  // of 100 ns, as Windows counts
constexpr std::int64_t kSecondsTo1970 = 11'644'473'600;
/// As in a pcapng: what a damaged file says stays where it can be counted with.
constexpr std::int64_t kLastSecond =
    std::numeric_limits<std::int64_t>::max() / kNanosecondsPerSecond - 10;

/// Behind a frame's bytes: its medium (2.1), a process (2.2), its time in UTC and a zone (2.3).
std::size_t trailer_bytes(unsigned minor) {
  constexpr std::size_t kBytes[] = {0, 2, 6, 15};
  return kBytes[std::min(minor, 3U)];
}

/// Frames of Network Monitor itself: its filter, the adapters, names, events.
bool is_no_packet(unsigned medium) { return medium >= 0xffe0; }

/// LINKTYPE_... of a medium; none: not read.
int link_type(unsigned medium) {
  constexpr int kEthernet = 1;
  constexpr int kRawIp = 101;
  constexpr int kNone = -1;
  if (medium <= 1) return kEthernet;              // 0: seen of VPN adapters
  if (medium >= 7 && medium <= 9) return kRawIp;  // tunnel, wireless WAN, raw IP
  constexpr unsigned kPcap = 0xe000;              // converted from pcap, with its own number
  if (medium >= 0xe080 && medium <= 0xe08a) return kNone;  // Message Analyzer's
  if ((medium & 0xf000U) == kPcap) return static_cast<int>(medium & 0xfffU);
  return kNone;
}

std::int64_t time_ns(std::int64_t seconds, std::int64_t ticks) {
  return std::clamp<std::int64_t>(seconds, 0, kLastSecond) * kNanosecondsPerSecond + ticks * 100;
}

/// A SYSTEMTIME of 16 bytes, in seconds since 1970; 0 for what is no date.
std::int64_t system_time(Bytes bytes) {
  using namespace std::chrono;
  const year_month_day date{year(number16(bytes, 0, false)), month(number16(bytes, 2, false)),
                            day(number16(bytes, 6, false))};
  if (!date.ok()) return 0;
  return duration_cast<seconds>(sys_days(date).time_since_epoch()).count() +
         number16(bytes, 8, false) * 3600 + number16(bytes, 10, false) * 60 +
         number16(bytes, 12, false);
}

class NetworkMonitor : public CaptureFormat {
 public:
  NetworkMonitor(ByteStream& stream, CaptureContents& contents)
      : stream_(stream), contents_(contents) {}

  bool next(CapturedPacket& packet) override {
    if (contents_.problem || (!begun_ && !read_file_header())) return false;
    while (read_ < frames_ && !ended_ && !contents_.problem)
      if (read_frame(packet)) return true;
    if (!ended_ && !contents_.problem) compare_with_table();
    return false;
  }

 private:
  bool read_file_header();
  bool read_frame(CapturedPacket& packet);
  void compare_with_table();
  std::uint32_t interface_of(int link_type);

  ByteStream& stream_;
  CaptureContents& contents_;
  bool begun_ = false;
  bool ended_ = false;
  unsigned minor_ = 0;
  unsigned medium_ = 0;  // of all frames, in version 2.0
  std::int64_t started_s_ = 0;
  std::int64_t started_ticks_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t table_ = 0;                // where it lies in the file
  std::uint64_t places_ = 0;               // the sum of those where frames were found
  std::map<int, std::size_t> interfaces_;  // by link type
};

bool NetworkMonitor::read_file_header() {
  const Bytes header = stream_.peek(kFileHeaderBytes);
  if (header.size() < kFileHeaderBytes) return contents_.stop(0, "the file header is cut");
  if (header[5] != 2)
    return contents_.stop(5, "Network Monitor's format, version " + std::to_string(header[5]));
  minor_ = header[4];
  medium_ = number16(header, 6, false);
  started_s_ = system_time(header.subspan(8));
  started_ticks_ = std::min<std::int64_t>(number16(header, 22, false), 999) * 10'000;
  const std::uint32_t table = number32(header, 24, false);
  const std::uint32_t length = number32(header, 28, false);
  if (table != 0 && table < kFileHeaderBytes + kFrameHeaderBytes && length != 0)
    return contents_.stop(24,
                          "the frame table does not lie behind the frames, which is not read: "
                          "save it as pcap with Wireshark");
  if (table != 0 && (length % kTableEntryBytes != 0 || (length == 0 && table > kFileHeaderBytes)))
    return contents_.stop(28, "a frame table of " + std::to_string(length) + " bytes");
  // Without a table it was not finished: all frames that there are.
  table_ = table;
  frames_ = table != 0 ? length / kTableEntryBytes : UINT64_MAX;
  stream_.skip(kFileHeaderBytes);
  begun_ = true;
  return true;
}

/// False: it is no packet, or the file has ended, or there is a problem.
bool NetworkMonitor::read_frame(CapturedPacket& packet) {
  const std::uint64_t at = stream_.offset();
  const Bytes header = stream_.peek(kFrameHeaderBytes);
  ended_ = header.empty();
  if (ended_ && frames_ == UINT64_MAX) return false;
  const auto of_frames = [&] {
    return " after " + std::to_string(read_) +
           (frames_ == UINT64_MAX ? " frames" : " of " + std::to_string(frames_) + " frames");
  };
  if (header.size() < kFrameHeaderBytes) return contents_.stop(at, "the file ends" + of_frames());
  const std::size_t length = number32(header, 12, false);
  if (length > limits::kMaxCapturedPacketBytes)
    return contents_.stop(at, "a frame of " + std::to_string(length) + " bytes" + of_frames());
  const std::size_t size = kFrameHeaderBytes + length + trailer_bytes(minor_);
  const Bytes whole = stream_.peek(size);
  if (whole.size() < size)
    return contents_.stop(at, "the file ends in a frame" + of_frames() + ": " +
                                  std::to_string(whole.size()) + " of its " + std::to_string(size) +
                                  " bytes");
  stream_.skip(size);
  ++read_;
  places_ += at;
  const Bytes trailer = whole.subspan(kFrameHeaderBytes + length);
  const unsigned medium = trailer.empty() ? medium_ : number16(trailer, 0, false);
  if (is_no_packet(medium)) return false;
  packet.link_type = link_type(medium);
  packet.bytes = whole.subspan(kFrameHeaderBytes, length);
  packet.original_length = number32(whole, 8, false);
  if (const std::uint64_t utc = minor_ >= 3 ? number64(trailer, 6, false) : 0; utc != 0) {
    packet.time_ns = time_ns(static_cast<std::int64_t>(utc / kTicksPerSecond) - kSecondsTo1970,
                             static_cast<std::int64_t>(utc % kTicksPerSecond));
  } else {
    // Microseconds since the start, which may be before it: ten times that is a signed number.
    const auto after = static_cast<std::int64_t>(number64(whole, 0, false) * 10);
    const std::int64_t ticks = after % kTicksPerSecond + started_ticks_ + kTicksPerSecond;
    packet.time_ns = time_ns(started_s_ + after / kTicksPerSecond + ticks / kTicksPerSecond - 1,
                             ticks % kTicksPerSecond);
  }
  packet.timed = true;
  packet.interface = interface_of(packet.link_type);
  packet.comment = {};
  return true;
}

/// The table names each frame's place, in any order. Were there something else between the frames,
/// what was read would be wrong.
void NetworkMonitor::compare_with_table() {
  ended_ = true;
  const bool behind = stream_.offset() <= table_;
  constexpr std::size_t kStep = 64U * 1024;
  while (stream_.offset() < table_) {
    const std::uint64_t left = table_ - stream_.offset();
    const std::size_t there =
        stream_.peek(static_cast<std::size_t>(std::min<std::uint64_t>(left, kStep))).size();
    if (there == 0) break;
    stream_.skip(static_cast<std::size_t>(std::min<std::uint64_t>(left, there)));
  }
  std::uint64_t named = 0;
  for (std::uint64_t i = 0; i < frames_ && stream_.offset() >= table_; ++i) {
    const Bytes entry = stream_.peek(kTableEntryBytes);
    if (entry.size() < kTableEntryBytes) break;
    named += number32(entry, 0, false);
    stream_.skip(kTableEntryBytes);
  }
  if (stream_.offset() < table_ + kTableEntryBytes * frames_)
    contents_.stop(stream_.offset(), "the file ends before all of its frame table");
  else if (!behind || named != places_)
    contents_.stop(table_, "the frames do not lie where the frame table says");
}

/// An interface stands for each link type, of which there are 4096 and none.
std::uint32_t NetworkMonitor::interface_of(int link_type) {
  auto& all = contents_.interfaces;
  const auto [place, added] = interfaces_.try_emplace(link_type, all.size());
  if (added) all.emplace_back().link_type = link_type;
  return static_cast<std::uint32_t>(place->second);
}

}  // namespace

std::unique_ptr<CaptureFormat> open_network_monitor(ByteStream& stream, CaptureContents& contents) {
  const Bytes first = stream.peek(kSignature.size());
  if (!std::equal(first.begin(), first.end(), kSignature.begin(), kSignature.end())) return nullptr;
  return std::make_unique<NetworkMonitor>(stream, contents);
}

}  // namespace visavis::inspect

#include "proxy/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "inspect/capture/packet_opener.h"
#include "inspect/transcript/transcript_builder.h"
#include "proxy/session_capture.h"
#include "proxy/wire_buffers.h"
#include "tests/support/process.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::Direction;
using inspect::LegKind;
using inspect::Party;
using ::testing::ElementsAre;

struct Packet {
  std::uint32_t interface = 0;
  std::int64_t time_ns = 0;
  std::string text;  // "CLIENT_PORT FLAGS payload", or "> FLAGS payload" of the server's
  std::string comment;
  std::string secrets;  // that lie before it, and behind the packet before it
};

std::string text_of(const inspect::TcpSegment& tcp) {
  std::string text = tcp.to.port == 443 ? "> " : "< ";
  if (tcp.syn) text += 'S';
  if (tcp.fin) text += 'F';
  if (tcp.rst) text += 'R';
  text += ' ';
  text.append(tcp.payload.begin(), tcp.payload.end());
  if (tcp.missing > 0) text += "(-" + std::to_string(tcp.missing) + ')';
  return text;
}

class CaptureTest : public ::testing::Test {
 protected:
  CaptureTest() { options_.file = (folder_.path() / "case.pcapng").string(); }

  [[nodiscard]] std::vector<Packet> packets() const {
    inspect::ByteStream stream(options_.file);
    inspect::CaptureReader reader(stream);
    inspect::PacketOpener opener;
    inspect::CapturedPacket packet;
    std::vector<Packet> found;
    while (reader.next(packet)) {
      const auto opened = opener.open(packet);
      found.push_back({packet.interface, packet.time_ns, text_of(opened.tcp.value()),
                       std::string(packet.comment), reader.take_secrets()});
    }
    EXPECT_FALSE(reader.problem().has_value());
    for (std::size_t i = 1; i < found.size(); ++i)
      EXPECT_LE(found[i - 1].time_ns, found[i].time_ns);
    return found;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const Packet& each : packets()) texts.push_back(each.text);
    return texts;
  }
  static inspect::Bytes bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  static void begin(inspect::TranscriptBuilder& leg) {
    leg.observe_endpoints("127.0.0.1:1000", "127.0.0.1:443");
    leg.observe_connected(0, Party::client, std::nullopt);
  }

  visavis::testing::TemporaryDirectory folder_;
  CaptureOptions options_;
  SessionClock clock_;
};

TEST_F(CaptureTest, IsWhatALegIsTold) {
  inspect::SessionReport report;
  std::string id;
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    id = session.id();
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    session.watch(leg);
    begin(leg);
    leg.observe_wire(10, Direction::c2s, bytes("hello"));
    leg.observe_wire(20, Direction::s2c, bytes("answer"));
    leg.observe_close(30, Party::client, CloseHow::close_notify);  // bytes, shown before
    leg.observe_close(40, Party::client, CloseHow::fin);
    session.finish();
    leg.observe_wire(50, Direction::s2c, bytes("nobody is told of this"));
    report.verdict.verdict_class = "healthy";
    report.verdict.headline = "Works.";
    session.conclude({}, report);
  }
  const auto found = packets();
  std::vector<std::string> lines;
  for (const Packet& each : found) lines.push_back(each.text);
  EXPECT_THAT(lines,
              ElementsAre("> S ", "< S ", ">  ", ">  hello", "<  answer", "> F ", "< F ", ">  "));
  EXPECT_EQ(found.front().comment, "session " + id + ", client leg");
  EXPECT_EQ(found.back().comment, "session " + id + ", client leg: healthy: Works.");
  EXPECT_EQ(found[4].time_ns - found[3].time_ns, 10'000);
  EXPECT_EQ(report.packets_not_captured, 0U);
}

TEST_F(CaptureTest, HasSecretsBeforeThePacketsThatCameWithThem) {
  options_.secrets = true;
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::backend_leg);
    CaptureLeg& watched = session.watch(leg);
    begin(leg);
    leg.observe_wire(10, Direction::s2c, bytes("encrypted"));
    watched.secret("SERVER_HANDSHAKE_TRAFFIC_SECRET 00 11");
    session.finish();
  }
  const auto found = packets();
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].interface, 1U);
  EXPECT_THAT(found[0].secrets, ::testing::HasSubstr(", backend leg\nSERVER_HANDSHAKE"));
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_EQ(found[i].secrets, "");
}

TEST_F(CaptureTest, HasNoSecretUnasked) {
  options_.key_log = (folder_.path() / "keys").string();
  std::ofstream(options_.key_log) << "# there before\n";
  ::chmod(options_.key_log.c_str(), 0644);
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    CaptureLeg& watched = session.watch(leg);
    begin(leg);
    watched.secret("CLIENT_RANDOM planted secret");
  }
  EXPECT_EQ(packets().size(), 3U);
  EXPECT_THAT(visavis::testing::whole_text(options_.file),
              ::testing::Not(::testing::HasSubstr("planted")));
  EXPECT_THAT(visavis::testing::whole_text(options_.key_log),
              ::testing::MatchesRegex("# there before\n# session .*, client leg\n"
                                      "CLIENT_RANDOM planted secret\n"));
  struct stat what {};
  ASSERT_EQ(::stat(options_.key_log.c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 0777U, 0600U);
}

TEST_F(CaptureTest, OfSecretsAloneLosesNoPackets) {
  options_.file = "";
  options_.key_log = (folder_.path() / "keys").string();
  inspect::SessionReport report;
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    CaptureLeg& watched = session.watch(leg);
    begin(leg);
    leg.observe_wire(10, Direction::c2s, bytes("hello"));
    watched.secret("CLIENT_RANDOM 00 11");
    session.finish();
    session.conclude({}, report);
  }
  EXPECT_EQ(report.packets_not_captured, 0U);
  EXPECT_THAT(visavis::testing::whole_text(options_.key_log),
              ::testing::EndsWith(", client leg\nCLIENT_RANDOM 00 11\n"));
}

/// Sessions of several threads, each with a clock of its own, in one order.
TEST_F(CaptureTest, IsInTheOrderOfTime) {
  {
    Capture capture(options_);
    CaptureQueue& one = capture.add_queue();
    CaptureQueue& other = capture.add_queue();
    const std::int64_t now = capture.time_us(clock_, clock_.at_us());
    const std::vector<std::uint8_t> packet{0x45};
    for (int i = 0; i < 50; ++i) {
      one.add({0, now + 1000 - 2 * i}, packet, {}, 1, "");
      other.add({1, now + 2 * i + 1}, packet, {}, 1, "");
    }
  }
  inspect::ByteStream stream(options_.file);
  inspect::CaptureReader reader(stream);
  inspect::CapturedPacket packet;
  std::int64_t before = 0;
  std::size_t count = 0;
  for (; reader.next(packet); before = packet.time_ns, ++count) EXPECT_GE(packet.time_ns, before);
  EXPECT_EQ(count, 100U);
}

/// In passthrough with routes the hello comes before anybody is dialled.
TEST_F(CaptureTest, HoldsWhatComesBeforeTheBackendIsKnown) {
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::direct_leg);
    session.watch(leg).fall_back_to("127.0.0.1:9");
    leg.observe_endpoints("127.0.0.1:1000", "");
    leg.observe_wire(10, Direction::c2s, bytes("hello"));
    leg.observe_endpoints("127.0.0.1:1000", "127.0.0.1:443");
    leg.observe_connected(20, Party::proxy, 5);
    leg.observe_close(30, Party::client, CloseHow::rst);  // overtakes what was sent before it
    leg.observe_wire(40, Direction::c2s, bytes("more"));
    session.finish();
  }
  EXPECT_THAT(texts(), ElementsAre("> S ", "< S ", ">  ", ">  hello", ">  more", "> R "));
}

TEST_F(CaptureTest, OfABackendThatIsNotReachedIsWhatTheClientSaw) {
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::direct_leg);
    session.watch(leg).fall_back_to("127.0.0.1:443");
    leg.observe_endpoints("127.0.0.1:1000", "");
    leg.observe_wire(10, Direction::c2s, bytes("hello"));
    session.finish();
    inspect::TranscriptBuilder backend(LegKind::backend_leg);
    session.watch(backend);
    backend.observe_endpoints("", "127.0.0.1:443");
    session.finish();
  }
  EXPECT_THAT(texts(), ElementsAre("> S ", "< S ", ">  ", ">  hello", "< R "));
}

TEST_F(CaptureTest, CutsADirectionAndSaysSo) {
  options_.snap_session = 7;
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    session.watch(leg);
    begin(leg);
    leg.observe_wire(10, Direction::c2s, bytes("12345"));
    leg.observe_wire(20, Direction::c2s, bytes("67890"));
    leg.observe_wire(30, Direction::c2s, bytes("abc"));
    leg.observe_wire(40, Direction::s2c, bytes("answer"));
  }
  const auto found = packets();
  ASSERT_EQ(found.size(), 7U);
  EXPECT_EQ(found[3].text, ">  12345");
  EXPECT_EQ(found[4].text, ">  67(-3)");
  EXPECT_EQ(found[4].comment, "this direction is cut here, after 7 bytes (--snap-session)");
  EXPECT_EQ(found[5].text, ">  (-3)");
  EXPECT_EQ(found[5].comment, "");
  EXPECT_EQ(found[6].text, "<  answer");
}

/// What the writer does not take in time is lost, counted, and a gap in the connection; nobody
/// waits.
TEST_F(CaptureTest, QueueIsBounded) {
  constexpr std::size_t kAllowed = 32 * CaptureQueue::kBudgetStep;
  CaptureBudget budget(kAllowed);
  CaptureQueue queue(budget, [] {});
  const std::vector<std::uint8_t> payload(60'000, 1);
  std::size_t taken = 0;
  while (taken < 10'000 && queue.add({0, 1}, {}, payload, payload.size(), "")) ++taken;
  EXPECT_GE(taken * payload.size(), kAllowed - CaptureQueue::kBudgetStep);
  EXPECT_LE(taken * payload.size(), kAllowed);
  CaptureQueue::Batch batch;
  queue.collect(batch);
  EXPECT_EQ(batch.packets.size(), taken);
  EXPECT_EQ(batch.packets_lost, 1U);
  EXPECT_EQ(batch.budget, kAllowed);
  EXPECT_FALSE(queue.add({0, 1}, {}, payload, payload.size(), "")) << "not written yet";
  budget.give_back(batch.budget);
  EXPECT_TRUE(queue.add({0, 1}, {}, payload, payload.size(), ""));
  queue.close();
  EXPECT_FALSE(queue.add({0, 1}, {}, payload, payload.size(), ""));
}

/// All threads have one budget: a hundred queues hold no more than one.
TEST_F(CaptureTest, QueuesShareTheirBound) {
  constexpr std::size_t kAllowed = 4 * CaptureQueue::kBudgetStep;
  CaptureBudget budget(kAllowed);
  CaptureQueue one(budget, [] {});
  CaptureQueue other(budget, [] {});
  const std::vector<std::uint8_t> payload(60'000, 1);
  while (one.add({0, 1}, {}, payload, payload.size(), "")) continue;
  EXPECT_FALSE(other.add({0, 1}, {}, payload, payload.size(), ""));
  CaptureQueue::Batch batch;
  one.collect(batch);
  budget.give_back(batch.budget);
  EXPECT_TRUE(other.add({0, 1}, {}, payload, payload.size(), ""));
}

/// What was written is no longer counted: a capture that goes on for long takes more than its
/// bound.
TEST_F(CaptureTest, GivesItsBudgetBack) {
  Capture capture(options_);
  CaptureQueue& queue = capture.add_queue();
  const std::vector<std::uint8_t> payload(60'000, 1);
  const std::size_t packets = (Capture::kMaxBytes + Capture::kMaxBytes / 4) / payload.size();
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::size_t taken = 0;
  while (taken < packets && std::chrono::steady_clock::now() < patience) {
    const std::int64_t now = capture.time_us(clock_, clock_.at_us());
    if (queue.add({0, now}, {}, payload, payload.size(), ""))
      ++taken;
    else
      std::this_thread::yield();
  }
  EXPECT_EQ(taken, packets);
}

std::vector<std::uint8_t> numbered(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

/// Large pieces of a buffer that has an owner are not copied, and given free once they are written.
TEST_F(CaptureTest, KeepsBuffersInsteadOfCopies) {
  const WireBuffer buffer = std::make_shared<std::vector<std::uint8_t>>(numbered(150'000));
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    session.watch(leg);
    begin(leg);
    const inspect::Bytes all(*buffer);
    leg.observe_wire(10, Direction::c2s, all.first(100'001), buffer);
    EXPECT_TRUE(is_lent(buffer));
    leg.observe_wire(20, Direction::c2s, all.subspan(100'001), buffer);
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (is_lent(buffer) && std::chrono::steady_clock::now() < patience)
      std::this_thread::yield();
    EXPECT_FALSE(is_lent(buffer));
    session.finish();
  }
  std::string sent;
  for (const std::string& text : texts())
    if (text.starts_with(">  ")) sent += text.substr(3);
  EXPECT_EQ(sent, std::string(buffer->begin(), buffer->end()));
}

TEST_F(CaptureTest, QueueKeepsLargePayloadsOnly) {
  CaptureBudget budget(4 * CaptureQueue::kBudgetStep);
  int woken = 0;
  CaptureQueue queue(budget, [&] { ++woken; });
  const WireBuffer buffer = std::make_shared<std::vector<std::uint8_t>>(numbered(60'000));
  const inspect::ByteOwner owner = buffer;
  CapturePlace place;
  place.owner = &owner;
  const inspect::Bytes all(*buffer);
  EXPECT_TRUE(queue.add(place, {}, all.first(CaptureQueue::kMinKeptBytes - 1), 32'767, ""));
  EXPECT_EQ(buffer.use_count(), 2);
  EXPECT_TRUE(queue.add(place, {}, all, all.size(), "comment"));
  EXPECT_EQ(buffer.use_count(), 3);
  CaptureQueue::Batch batch;
  queue.collect(batch);
  ASSERT_EQ(batch.packets.size(), 2U);
  EXPECT_FALSE(batch.packets[0].owner);
  EXPECT_EQ(batch.packets[1].payload.data(), buffer->data());
  EXPECT_LT(batch.packets[1].size, 100U);
  EXPECT_EQ(batch.kept_bytes, 60'000U);
  EXPECT_EQ(batch.budget, CaptureQueue::kBudgetStep);

  std::size_t taken = 0;  // they count as much as copies
  while (queue.add(place, {}, all, all.size(), "")) ++taken;
  EXPECT_GE(taken * all.size(), 2 * CaptureQueue::kBudgetStep);
  EXPECT_LE(taken * all.size(), 3 * CaptureQueue::kBudgetStep);
  EXPECT_EQ(woken, 1);
}

/// What has all its secrets does not wait for others' in bulk transfer. A machine may be too busy
/// to show it at once.
TEST_F(CaptureTest, InBulkWritesAtOnceWhatNeedsNoSecrets) {
  const std::vector<std::uint8_t> payload(60'000, 1);
  const auto first_write = [&] {
    Capture capture(options_);
    CaptureQueue& queue = capture.add_queue();
    const std::uintmax_t empty = std::filesystem::file_size(options_.file);
    const auto began = std::chrono::steady_clock::now();
    CapturePlace place;
    place.may_need_secrets = false;
    place.time_us = capture.time_us(clock_, clock_.at_us());
    for (std::size_t queued = 0; queued <= Capture::kMaxHeldBytes; queued += payload.size())
      EXPECT_TRUE(queue.add(place, {}, payload, payload.size(), ""));
    while (std::filesystem::file_size(options_.file) == empty) std::this_thread::yield();
    return std::chrono::steady_clock::now() - began;
  };
  bool at_once = false;
  for (int attempt = 0; attempt < 20 && !at_once; ++attempt)
    at_once = first_write() < Capture::kMinHold;
  EXPECT_TRUE(at_once);
}

/// That something could be written on a full disk is no news: what waits must have its place, too.
TEST_F(CaptureTest, OnAFullDiskWaitsUntilAllIsWritten) {
  options_.secrets = true;
  const auto file_grows_to = [&](std::uintmax_t size) {
    return visavis::testing::wait_until(
        [&] { return std::filesystem::file_size(options_.file) >= size; });
  };
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  {
    Capture capture(options_);
    CaptureQueue& queue = capture.add_queue();
    const std::uintmax_t empty = std::filesystem::file_size(options_.file);
    const rlimit small{empty + 500, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::int64_t now = capture.time_us(clock_, clock_.at_us());
    const std::vector<std::uint8_t> packet(1000, 0x45);
    EXPECT_TRUE(queue.add({0, now}, packet, {}, packet.size(), ""));
    EXPECT_TRUE(queue.add({0, now + 3'600'000'000}, packet, {}, packet.size(), ""));
    EXPECT_TRUE(visavis::testing::wait_until([&] {
      return !queue.add({0, now + 3'600'000'000}, {}, {}, 0, "");
    }));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_TRUE(file_grows_to(empty + packet.size()));
    queue.add_secret("leg", "CLIENT_RANDOM 00 11");  // written a turn later
    EXPECT_TRUE(file_grows_to(empty + packet.size() + 80));
    EXPECT_FALSE(queue.add({0, now}, packet, {}, packet.size(), "")) << "one waits still";
  }
  std::signal(SIGXFSZ, handler);
}

/// The limit is found out when packets are written, after they were taken: the session whose they
/// were says so.
TEST_F(CaptureTest, TellsOfWhatWasLostAfterItWasTaken) {
  options_.limit = 2000;
  {
    Capture capture(options_);
    SessionCapture session(capture, capture.add_queue(), clock_);
    inspect::TranscriptBuilder leg(LegKind::client_leg);
    CaptureLeg& watched = session.watch(leg);
    begin(leg);
    for (int i = 0; i < 10; ++i)
      leg.observe_wire(10 + i, Direction::c2s, std::vector<std::uint8_t>(500));
    EXPECT_EQ(watched.lost(), 0U);
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (watched.lost() < 7 && std::chrono::steady_clock::now() < patience)
      std::this_thread::yield();
    EXPECT_GE(watched.lost(), 7U);
    EXPECT_LE(watched.lost(), 10U);
    session.finish();
  }
}

TEST_F(CaptureTest, WakesTheWriterOnceABatch) {
  int woken = 0;
  CaptureBudget budget(Capture::kMaxBytes);
  CaptureQueue queue(budget, [&] { ++woken; });
  const std::vector<std::uint8_t> payload(60'000, 1);
  for (std::size_t size = 0; size < 2 * CaptureQueue::kWakeBytes; size += payload.size())
    EXPECT_TRUE(queue.add({0, 1}, {}, payload, payload.size(), ""));
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace visavis::proxy

// Captures of the proxy's own: their legs are sessions again.
#include "inspect/capture/session_pairing.h"

#include <gtest/gtest.h>

#include "inspect/capture/capture_limits.h"
#include "inspect/capture/capture_reader.h"
#include "inspect/capture/capture_sessions.h"
#include "inspect/capture/pcapng_writer.h"
#include "inspect/capture/tcp_packets.h"

namespace visavis::inspect {
namespace {

NetworkEndpoint endpoint(std::uint16_t port) {
  NetworkEndpoint end;
  end.address[0] = 127;
  end.address[3] = 1;
  end.port = port;
  return end;
}

/// OwnCapture is a file as the proxy writes it.
class OwnCapture {
 public:
  OwnCapture() {
    writer_.section({"", "", "visavis", ""});
    for (const LegKind leg : {LegKind::client_leg, LegKind::backend_leg, LegKind::direct_leg})
      writer_.interface(interface_name(leg));
  }

  /// Leg is one connection in it.
  class Leg : private PacketSink {
   public:
    Leg(OwnCapture& capture, LegLabel label)
        : capture_(capture),
          label_(std::move(label)),
          packets_(endpoint(capture.next_port_++), endpoint(443)) {}
    Leg& open() { return comment_ = text(label_), packets_.open(*this), *this; }
    Leg& say(bool client, Bytes bytes) {
      return packets_.data(client, bytes, bytes.size(), *this), *this;
    }
    Leg& fin(bool client, std::string_view comment = {}) {
      return comment_ = comment, packets_.fin(client, *this), *this;
    }
    Leg& conclude(std::string_view note = {}) {
      comment_ = text(label_) + ": healthy: works";
      note_ = note;
      return packets_.acknowledge(true, *this), *this;
    }

   private:
    void packet(Bytes headers, Bytes payload, std::size_t length) override {
      capture_.time_us_ += 10;
      capture_.writer_.packet(static_cast<std::uint32_t>(label_.leg), capture_.time_us_, headers,
                              payload, length, comment_, note_);
      comment_.clear();
      note_.clear();
    }
    OwnCapture& capture_;
    LegLabel label_;
    TcpPackets packets_;
    std::string comment_;
    std::string note_;
  };

  Leg leg(const std::string& session, LegKind kind, bool again = false) {
    return {*this, {session, kind, again}};
  }
  void pass(std::int64_t seconds) { time_us_ += seconds * 1'000'000; }

  [[nodiscard]] std::vector<CapturedSession> sessions() const {
    ByteStream stream{Bytes(bytes_)};
    CaptureReader reader(stream);
    std::vector<CapturedSession> found;
    CaptureSessions sessions([&](CapturedSession each) { found.push_back(std::move(each)); });
    CapturedPacket packet;
    while (reader.next(packet)) sessions.add(packet);
    sessions.finish();
    EXPECT_FALSE(reader.problem());
    return found;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  PcapngWriter writer_{bytes_};
  std::int64_t time_us_ = 1'700'000'000'000'000;
  std::uint16_t next_port_ = 1000;
};

/// "client_leg+backend_leg" for each session.
std::vector<std::string> shapes(const std::vector<CapturedSession>& sessions) {
  std::vector<std::string> shapes;
  for (const CapturedSession& session : sessions) {
    std::string shape(session.label ? session.label->session + ' ' : "");
    shape += name(session.transcript.leg);
    for (const CapturedSession& other : session.others) {
      shape += '+';
      shape += name(other.transcript.leg);
      if (other.label->again) shape += " again";
    }
    shapes.push_back(shape + ' ' + session.note);
  }
  return shapes;
}

using Shapes = std::vector<std::string>;

TEST(PairedSessions, HaveAllTheirLegs) {
  OwnCapture capture;
  auto client = capture.leg("a-1", LegKind::client_leg).open();
  auto other = capture.leg("a-2", LegKind::client_leg).open();
  auto first = capture.leg("a-1", LegKind::backend_leg).open().fin(true).fin(false);
  capture.pass(5);  // closed long before the session's end
  auto second = capture.leg("a-1", LegKind::backend_leg, true).open();
  auto twin = capture.leg("a-1", LegKind::direct_leg).open();
  client.conclude("{}");
  first.conclude();
  second.conclude();
  twin.conclude();
  other.conclude("[]");
  EXPECT_EQ(
      shapes(capture.sessions()),
      (Shapes{"a-1 client_leg+backend_leg+backend_leg again+direct_leg {}", "a-2 client_leg []"}));
}

/// Verdicts of sessions that the file does not hold take no place of those that it holds.
TEST(PairedSessions, ArePairedHoweverManyVerdictsStandAlone) {
  std::vector<std::size_t> legs;
  SessionPairing pairing(
      [&](CapturedSession session) { legs.push_back(1 + session.others.size()); });
  for (std::size_t i = 0; i < 2 * limits::kMaxOpenSessions; ++i) {
    CapturedPacket packet;
    const std::string comment =
        text(LegLabel{std::to_string(i), LegKind::client_leg, false}) + ": healthy: ";
    packet.interface_name = interface_name(LegKind::client_leg);
    packet.comment = comment;
    pairing.comment(packet);
  }
  std::uint64_t number = 0;
  for (const LegKind leg : {LegKind::client_leg, LegKind::backend_leg}) {
    const LegLabel label{"ab-1", leg, false};
    pairing.opened(++number, label);
    CapturedSession session;
    session.connection = number;
    session.label = label;
    pairing.closed(number, std::move(session));
  }
  pairing.finish();
  EXPECT_EQ(legs, std::vector<std::size_t>{2});
}

TEST(PairedSessions, ThatWerePassedThroughHaveOneLeg) {
  OwnCapture capture;
  capture.leg("a-1", LegKind::direct_leg).open().conclude("{}");
  EXPECT_EQ(shapes(capture.sessions()), Shapes{"a-1 direct_leg {}"});
}

TEST(PairedSessions, OfACaptureThatIsCutHaveWhatItHolds) {
  OwnCapture capture;
  capture.leg("a-1", LegKind::client_leg).open();
  capture.leg("a-1", LegKind::backend_leg).open();
  EXPECT_EQ(shapes(capture.sessions()), Shapes{"a-1 client_leg+backend_leg "});
}

TEST(PairedSessions, WhoseBeginningIsInAnotherFileAreKnownByTheirEnd) {
  const std::uint8_t alert[] = {21, 3, 3, 0, 2, 2, 40};
  OwnCapture capture;
  auto client = capture.leg("a-1", LegKind::client_leg).say(true, alert);
  auto backend = capture.leg("a-1", LegKind::backend_leg).say(false, alert);
  client.conclude("{}");
  backend.conclude();
  const auto sessions = capture.sessions();
  ASSERT_EQ(shapes(sessions), Shapes{"a-1 client_leg+backend_leg {}"});
  EXPECT_TRUE(sessions[0].transcript.capture->start_missing);
}

/// Sessions that never end do not hold up the others for ever, nor hold more and more.
TEST(PairedSessions, ThatWaitAreBounded) {
  std::vector<std::uint64_t> given;
  SessionPairing pairing([&](const CapturedSession& each) { given.push_back(each.connection); });
  const std::size_t count = 2 * limits::kMaxWaitingSessions;
  for (std::size_t i = 0; i < count; ++i) {
    CapturedSession session;
    session.connection = i;
    session.label = LegLabel{"a-" + std::to_string(i), LegKind::client_leg, false};
    pairing.opened(i, session.label);
    pairing.closed(i, std::move(session));
  }
  ASSERT_EQ(given.size(), count - limits::kMaxWaitingSessions);
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_EQ(given[i], i);
  pairing.finish();
  EXPECT_EQ(given.size(), count);
}

/// That the proxy closes its socket when the session is over is nobody's end of it.
TEST(PairedSessions, DoNotEndWithTheProxysSocket) {
  OwnCapture capture;
  auto client = capture.leg("a-1", LegKind::client_leg).open();
  client.fin(true).fin(false, kSocketClosedComment).conclude();
  const auto sessions = capture.sessions();
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].transcript.history, "|");
  EXPECT_EQ(sessions[0].transcript.close->by, Party::client);
}

}  // namespace
}  // namespace visavis::inspect

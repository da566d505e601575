#include "inspect/capture/capture_sessions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>

/// What the reading of captures makes of real ones: which connections are TLS, who is the client,
/// what was said before TLS, which packets were not read; and what it makes of damaged ones.
namespace visavis::corpora {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using inspect::Bytes;
using inspect::CapturedSession;

struct Reading {
  std::vector<CapturedSession> sessions;
  inspect::PacketCounts packets;
  std::optional<inspect::CaptureProblem> problem;
};

Reading read(inspect::ByteStream& stream) {
  Reading reading;
  inspect::CaptureReader reader(stream);
  inspect::CaptureSessions sessions(
      [&](CapturedSession session) { reading.sessions.push_back(std::move(session)); });
  inspect::CapturedPacket packet;
  while (reader.next(packet)) sessions.add(packet);
  sessions.finish();
  reading.packets = sessions.packets();
  reading.problem = reader.problem();
  return reading;
}

fs::path corpora() {
  if (const char* directory = std::getenv("VISAVIS_CORPORA")) return directory;
  const fs::path source = VISAVIS_SOURCE_DIR;
  const fs::path usual = source / "../shared/corpora";
  return fs::is_directory(usual / "truth") ? usual : source / "tests/data/captures";
}

json::object truth_of(const fs::path& capture) {
  std::ifstream stream(corpora() / "truth" / (capture.filename().string() + ".json"));
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return json::parse(text).as_object();
}

std::vector<fs::path> captures() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(corpora() / "pcap")) files.push_back(entry);
  std::sort(files.begin(), files.end());
  return files;
}

/// Where the truth is not ours, with the reason.
bool is_known(const std::string& file, const std::string& field) {
  static const std::set<std::pair<std::string, std::string>> known{
      // A record of no bytes that tshark sees in an HTTP body.
      {"suricata__http-connect-tls.pcap", "session"},
      // OpenVPN: the ServerHello lies behind a control packet's header, which the truth passes over
      // together with a retransmitted one.
      {"mercury__openvpn_tcp_multi.pcap", "before_tls"},
      // Ethernet's padding counts as two bytes of payload: the truth gives both streams up.
      {"ndpi__heuristic_tcp_ack_payload.pcap", "before_tls"},
      // A packet of 4 MB, which no tool reads: capinfos counts none at all.
      {"suricata__bug-1450-04_tls_DER-incomplete-header.pcap", "packets"},
      // The middle of a connection on a port where tshark looks for something else.
      {"ja4__tls3.pcapng", "more"},
      {"ndpi__anydesk.pcapng", "more"},
      // tshark counts packets inside of ICMP errors, and later ones whose connection id it knows.
      {"arkime__arkime_synthetic.pcap", "quic"},
      {"ndpi__quic_0RTT.pcap", "quic"},
      {"pcpp__many_interfaces-1.pcapng", "quic"},
      {"ndpi__http_ipv6.pcap", "quic"},
  };
  return known.count({file, field}) > 0;
}

class Comparison {
 public:
  explicit Comparison(const fs::path& capture)
      : file_(capture.filename().string()), truth_(truth_of(capture)) {
    inspect::ByteStream stream(capture);
    reading_ = read(stream);
  }

  void compare() {
    expect("packets", truth_.at("packets"), reading_.packets.total);
    expect("dtls", truth_.at("dtls_frames"), reading_.packets.dtls);
    expect("quic", truth_.at("quic_frames"), reading_.packets.quic);
    for (const json::value& stream : truth_.at("streams").as_array()) compare(stream.as_object());
    for (const CapturedSession& session : reading_.sessions) {
      if (found_.count(&session) > 0) continue;
      // The truth lists whole records only.
      if (is_known(file_, "more")) continue;
      EXPECT_EQ(session.transcript.records_total, 0U)
          << file_ << ": TLS in connection " << session.connection << ", which the truth has not";
    }
    EXPECT_TRUE(std::is_sorted(reading_.sessions.begin(), reading_.sessions.end(),
                               [](const CapturedSession& a, const CapturedSession& b) {
                                 return a.connection < b.connection;
                               }));
  }
  [[nodiscard]] std::size_t sessions() const { return found_.size(); }

 private:
  void expect(const std::string& field, const json::value& truth, std::uint64_t ours) {
    const bool same = truth.is_int64() && truth.as_int64() == static_cast<std::int64_t>(ours);
    if (!same && !is_known(file_, field))
      ADD_FAILURE() << file_ << ", " << field << ": truth " << truth << ", ours " << ours;
  }

  void compare(const json::object& stream) {
    const std::string client(stream.at("client").as_string());
    const std::string server(stream.at("server").as_string());
    const auto same = [&](const CapturedSession& session) {
      return session.transcript.from == client && session.transcript.to == server &&
             found_.count(&session) == 0;
    };
    const auto number = static_cast<std::uint64_t>(stream.at("stream").as_int64());
    auto session = std::find_if(
        reading_.sessions.begin(), reading_.sessions.end(),
        [&](const CapturedSession& each) { return each.connection == number && same(each); });
    if (session == reading_.sessions.end())
      session = std::find_if(reading_.sessions.begin(), reading_.sessions.end(), same);
    if (session == reading_.sessions.end()) {
      if (!is_known(file_, "session"))
        ADD_FAILURE() << file_ << ": no session " << client << " -> " << server;
      return;
    }
    found_.insert(&*session);
    const json::object& before = stream.at("pre_tls_bytes").as_object();
    for (const auto direction : {inspect::Direction::c2s, inspect::Direction::s2c}) {
      const json::value* truth = before.if_contains(name(direction));
      if (truth == nullptr || truth->is_null() || is_known(file_, "before_tls")) continue;
      const auto& ours = session->before_tls[direction];
      EXPECT_TRUE(ours && static_cast<std::int64_t>(*ours) == truth->as_int64())
          << file_ << ", connection " << number << ' ' << name(direction) << ": truth " << *truth
          << ", ours " << (ours ? std::to_string(*ours) : "nothing");
    }
  }

  std::string file_;
  json::object truth_;
  Reading reading_;
  std::set<const CapturedSession*> found_;
};

TEST(CaptureSessions, FindTheTlsOfRealCaptures) {
  std::size_t sessions = 0;
  for (const fs::path& capture : captures()) {
    Comparison comparison(capture);
    comparison.compare();
    sessions += comparison.sessions();
  }
  std::cout << sessions << " sessions in " << captures().size() << " captures\n";
  EXPECT_GE(sessions, captures().size() >= 265 ? 1018U : 21U);
}

std::vector<std::uint8_t> bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return {text.begin(), text.end()};
}

/// A capture that was cut has the packets before the cut, and says where it ends when it does not
/// end between two of them.
void expect_cut_is_told(const std::string& file, const std::vector<std::uint8_t>& whole,
                        std::size_t length, std::uint64_t packets) {
  inspect::ByteStream stream{Bytes(whole).first(length)};
  const Reading cut = read(stream);
  EXPECT_LE(cut.packets.total, packets) << file << " cut at " << length;
  if (length < 24) {
    EXPECT_TRUE(cut.problem) << file << " cut at " << length;
  }
  if (cut.problem) {
    EXPECT_LE(cut.problem->byte, length) << file;
    EXPECT_FALSE(cut.problem->what.empty());
  }
}

TEST(CaptureSessions, CutCapturesAreReadUpToTheCut) {
  std::mt19937 random(20260101);
  std::size_t cuts = 0;
  for (const fs::path& capture : captures()) {
    const auto whole = bytes_of(capture);
    inspect::ByteStream stream{Bytes(whole)};
    const std::uint64_t packets = read(stream).packets.total;
    const std::string file = capture.filename().string();
    const bool small = whole.size() < 8192;
    for (std::size_t i = 0; i < (small ? whole.size() : 200); ++i, ++cuts)
      expect_cut_is_told(file, whole, small ? i : random() % whole.size(), packets);
  }
  std::cout << cuts << " cuts\n";
}

TEST(CaptureSessions, DamagedCapturesAreNoFault) {
  std::mt19937 random(7);
  for (const fs::path& capture : captures()) {
    auto bytes = bytes_of(capture);
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < 1 + bytes.size() / 500; ++i)
        bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
      inspect::ByteStream stream{Bytes(bytes)};
      (void)read(stream);
    }
  }
}

}  // namespace
}  // namespace visavis::corpora

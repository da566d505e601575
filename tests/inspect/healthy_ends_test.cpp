// Nobody on the way is accused of what captures lack, of how TCP is passed on, or of how the two
// sides end: healthy connections of many kinds, seen badly, from both ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <random>

#include "inspect/experiment/end_comparison.h"
#include "tests/inspect/end_captures.h"

namespace visavis::inspect {
namespace {

using test::ByteVector;

/// How a connection ends; what is on its way then need not arrive.
enum class Ending : std::uint8_t {
  client_first,
  server_first,
  crossing,
  client_resets,
  server_resets,
  open,
  half_closed,     ///< the client's FIN, and only then the backend's answer
  client_is_gone,  ///< resets what comes behind its FIN
  stops_reading,   ///< behind a forwarder, which keeps what the client does not take
  last
};

/// HealthyWay writes one connection through a NAT or through a forwarder that ends TCP.
class HealthyWay {
 public:
  explicit HealthyWay(std::uint32_t seed) : random_(seed) {
    static const test::WireDialogue dialogues[] = {spoken(TLS1_2_VERSION), spoken(TLS1_3_VERSION),
                                                   spoken(TLS1_2_VERSION, 40'000),
                                                   spoken(TLS1_3_VERSION, 40'000)};
    dialogue_ = &dialogues[below(4)];
    forwarded_ = below(2) == 0;
    ending_ = static_cast<Ending>(below(static_cast<std::uint32_t>(Ending::last)));
    if (!forwarded_ && ending_ == Ending::stops_reading) ending_ = Ending::client_first;
    begin();
    speak();
    finish();
    if (below(2) == 0) ends_.wait_ms(below(100'000)).go_on();
    for (EndCapture* end : {&ends_.client, &ends_.server}) spoil(*end);
  }

  [[nodiscard]] const BothEnds& ends() const { return ends_; }
  [[nodiscard]] std::string words() const {
    return std::string(forwarded_ ? "forwarded" : "NAT") + ", ending " +
           std::to_string(static_cast<int>(ending_)) + seen_;
  }

 private:
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  void begin() {
    ends_.server.clock_us = (static_cast<std::int64_t>(below(3)) - 1) * below(100'000) * 1'000'000;
    if (!forwarded_) {
      ends_.syn();
      return;
    }
    ends_.server.next[0] = 70'000;
    ends_.server.next[1] = 9;
    ends_.server.segment = 200 + below(2000);
    for (EndCapture* end : {&ends_.client, &ends_.server}) {
      end->end(ends_.now_us, true, "S");
      end->end(ends_.now_us + 300, false, "SA");
      if (below(2) == 0) ends_.wait_ms(below(300));
    }
    ends_.wait_ms(1);
  }

  void say(const test::WireStep& step, bool arrives = true) {
    ends_.way_us = 50 + below(60'000);
    const bool client = step.direction == Direction::c2s;
    ends_.say(client, step.bytes, arrives ? step.bytes : ByteVector{});
    if (below(2) == 0) ends_.receiver(client).packet(ends_.now_us - ends_.way_us, !client, "A");
    if (below(2) == 0) ends_.sender(client).packet(ends_.now_us, !client, "A");
    if (below(20) == 0) ends_.wait_ms(below(20'000));
  }

  /// The backend's answer is the last that it says before it closes.
  [[nodiscard]] std::size_t answer() const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < dialogue_->size(); ++i)
      if ((*dialogue_)[i].direction == Direction::s2c && (*dialogue_)[i].bytes.size() > 5000)
        found = i;
    return found;
  }

  void speak() {
    const bool early = ending_ == Ending::half_closed || ending_ == Ending::client_is_gone ||
                       ending_ == Ending::stops_reading;
    const std::size_t until = early ? answer() : dialogue_->size();
    for (std::size_t i = 0; i < until; ++i) say((*dialogue_)[i]);
  }

  void finish() {
    const test::WireStep& late = (*dialogue_)[answer()];
    switch (ending_) {
      case Ending::client_first:
        ends_.end(true).end(false);
        return;
      case Ending::server_first:
        ends_.end(false).end(true);
        return;
      case Ending::crossing: {
        const std::int64_t now = ends_.now_us;
        ends_.client.end(now, true, "FA");
        ends_.server.end(now + 20, false, "FA");
        ends_.server.end(now + 50'000, true, "FA");
        ends_.client.end(now + 50'020, false, "FA");
        return;
      }
      case Ending::client_resets:
      case Ending::server_resets: {
        const bool client = ending_ == Ending::client_resets;
        ends_.sender(client).end(ends_.now_us, client, "RA");
        // A forwarder that only knows that it is over closes as it does always.
        const char* passed = forwarded_ && below(2) == 0 ? "FA" : "RA";
        ends_.receiver(client).end(ends_.now_us + 400, client, passed);
        return;
      }
      case Ending::half_closed:
        ends_.end(true);
        say(late);
        ends_.end(false);
        return;
      case Ending::client_is_gone:
        ends_.end(true);
        say(late, !forwarded_);
        ends_.end(true, "R");
        return;
      case Ending::stops_reading: {
        // It takes what its window has room for, pauses, and goes.
        const std::int64_t now = ends_.now_us;
        ends_.server.data(now, false, late.bytes);
        const auto room = std::min<std::size_t>(late.bytes.size(), 9000);
        ends_.client.data(
            now + 500, false,
            {late.bytes.begin(), late.bytes.begin() + static_cast<std::ptrdiff_t>(room)});
        ends_.wait_ms(below(60'000)).end(true).end(false);
        return;
      }
      case Ending::open:
      case Ending::last:
        return;
    }
  }

  /// An RST that only its sender's capture lacks can't be told from one that was made up.
  static void lose(std::vector<EndCapture::Packet>& packets,
                   std::vector<EndCapture::Packet>::iterator place) {
    constexpr std::size_t kFlagsAt = 47;
    constexpr std::uint8_t kRst = 4;
    if ((place->frame[kFlagsAt] & kRst) == 0) packets.erase(place);
  }

  /// Where captures begin and end, what they lack, clip, have twice, or in another order.
  void spoil(EndCapture& end) {
    auto& packets = end.packets;
    const auto at = [&] {
      return static_cast<std::ptrdiff_t>(below(static_cast<std::uint32_t>(packets.size())));
    };
    if (below(3) == 0) {
      packets.erase(packets.begin(), packets.begin() + at());
      seen_ += ", begins late";
    }
    if (below(3) == 0) {
      packets.erase(packets.begin() + at() + 1, packets.end());
      seen_ += ", ends early";
    }
    if (below(4) == 0) {
      for (std::uint32_t i = below(4); i > 0 && packets.size() > 1; --i)
        lose(packets, packets.begin() + at());
      seen_ += ", lacks some";
    }
    if (below(4) == 0) {
      const std::size_t clip = 60 + below(400);
      for (EndCapture::Packet& packet : packets) {
        packet.original = packet.frame.size();
        packet.frame.resize(std::min(packet.frame.size(), clip));
      }
      seen_ += ", clips at " + std::to_string(clip);
    }
    if (below(4) == 0) {
      const auto place = packets.begin() + at();
      const EndCapture::Packet again = *place;
      packets.insert(place + 1, again);
      seen_ += ", one twice";
    }
    // Cards with several queues bring packets in the wrong order, but not far.
    const auto place =
        packets.begin() + std::min<std::ptrdiff_t>(at() + 1, std::ssize(packets) - 1);
    if (below(4) == 0 && packets.size() > 1 && place->at_us - place[-1].at_us < 100) {
      std::swap(place[-1].frame, place->frame);
      std::swap(place[-1].original, place->original);
      seen_ += ", two swapped";
    }
    seen_ += ";";
  }

  std::mt19937 random_;
  const test::WireDialogue* dialogue_ = nullptr;
  bool forwarded_ = false;
  Ending ending_ = Ending::open;
  std::string seen_;
  BothEnds ends_;
};

class HealthyEnds : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(HealthyEnds, AccuseNobody) {
  constexpr std::uint32_t kEach = 1000;
  std::size_t matched = 0;
  for (std::uint32_t seed = GetParam() * kEach; seed < (GetParam() + 1) * kEach; ++seed) {
    const HealthyWay way(seed);
    const auto client = sessions_in(way.ends().client.packets);
    const auto server = sessions_in(way.ends().server.packets);
    ComparisonReport comparison;
    compare_ends(client, server, match_ends(client, server, false), comparison);
    matched += comparison.connections.size();
    for (const FindingReport& finding : comparison.findings)
      EXPECT_NE(finding.side, side::kNetwork) << "seed " << seed << ": " << way.words() << "\n"
                                              << finding.id << ": " << finding.cause;
  }
  EXPECT_GT(matched, kEach / 4);
}

INSTANTIATE_TEST_SUITE_P(Seeds, HealthyEnds, ::testing::Range(0U, 8U));

}  // namespace
}  // namespace visavis::inspect

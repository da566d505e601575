#include "proxy/wire.h"

#include <gtest/gtest.h>

#include "tests/proxy/loopback.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::Party;
using testing::bytes_of;
using testing::WireEndpoint;

class WireTest : public ::testing::Test {
 protected:
  testing::Loopback loopback_;
  WireEndpoint first_{loopback_};
  WireEndpoint second_{loopback_};
};

TEST_F(WireTest, WiresThatShareTheReadAheadLoseNothing) {
  first_.send("one two three ");
  second_.send("ONE TWO THREE ");
  EXPECT_EQ(first_.read_awaited(loopback_, 4), "one ");
  EXPECT_EQ(second_.read_awaited(loopback_, 4), "ONE ");
  EXPECT_EQ(first_.read(4), "two ");
  EXPECT_EQ(second_.read(4), "TWO ");
  first_.send("four");
  EXPECT_EQ(first_.read(100), "three ");
  EXPECT_EQ(second_.read(100), "THREE ");
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "four");
  EXPECT_EQ(first_.read(100), "");
}

TEST_F(WireTest, UnreadBytesComeFirst) {
  first_.send("hello and more");
  EXPECT_EQ(first_.read_awaited(loopback_, 6), "hello ");
  first_.wire.unread(bytes_of("hello "));
  EXPECT_EQ(first_.read(3), "hel");
  first_.wire.unread(bytes_of("l"));
  EXPECT_EQ(first_.read(100), "llo ");
  EXPECT_EQ(first_.read(100), "and more");
}

TEST_F(WireTest, UnreadBytesStayWhenAnotherWireTakesTheReadAhead) {
  first_.send("hello and more");
  second_.send("other");
  EXPECT_EQ(first_.read_awaited(loopback_, 6), "hello ");
  first_.wire.unread(bytes_of("hello "));
  EXPECT_EQ(first_.read(2), "he");
  EXPECT_EQ(second_.read_awaited(loopback_, 100), "other");
  EXPECT_EQ(first_.read(100), "llo and more");
}

TEST_F(WireTest, HeldBytesAreReadableAtOnce) {
  first_.send("greeting");
  second_.send("other");
  EXPECT_EQ(first_.read_awaited(loopback_, 1), "g");
  EXPECT_EQ(first_.read_awaited(loopback_, 1), "r");
  EXPECT_EQ(second_.read_awaited(loopback_, 100), "other");
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "eeting");
}

TEST_F(WireTest, AWireThatGoesGivesTheReadAheadFree) {
  {
    WireEndpoint gone(loopback_);
    gone.send("never taken");
    EXPECT_EQ(gone.read_awaited(loopback_, 1), "n");
  }
  first_.send("mine");
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "mine");
}

TEST_F(WireTest, TheTranscriptSeesEveryByteOnce) {
  first_.send("0123456789");
  EXPECT_EQ(first_.read_awaited(loopback_, 4), "0123");
  first_.wire.unread(bytes_of("0123"));
  EXPECT_EQ(first_.read(100), "0123");
  EXPECT_EQ(first_.read(100), "456789");
  const auto& raw = first_.transcript.transcript().raw.c2s;
  EXPECT_EQ(std::string(raw.begin(), raw.end()), "0123456789");
}

TEST_F(WireTest, FinIsSeenAfterTheBytesBeforeIt) {
  first_.send("last");
  first_.peer.shutdown(Socket::shutdown_send);
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "last");
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "");
  EXPECT_EQ(first_.wire.end(), WireEnd::fin);
  EXPECT_FALSE(first_.wire.broken());
  EXPECT_EQ(first_.transcript.transcript().close->how, CloseHow::fin);
  EXPECT_EQ(first_.transcript.transcript().close->by, Party::client);
  first_.wire.append(bytes_of("answer"));  // half-close
  EXPECT_TRUE(loopback_.run(first_.wire.flush()));
}

TEST_F(WireTest, RstBreaksTheWireAndNoFinFollowsIt) {
  first_.reset();
  EXPECT_EQ(first_.read_awaited(loopback_, 100), "");
  EXPECT_EQ(first_.wire.end(), WireEnd::rst);
  EXPECT_TRUE(first_.wire.broken());
  const auto events = first_.transcript.transcript().event_count;
  first_.wire.shutdown_send();
  EXPECT_EQ(first_.transcript.transcript().event_count, events);
}

TEST_F(WireTest, OurOwnResetIsNotSeenAsThePeers) {
  first_.wire.reset();
  EXPECT_EQ(first_.read(100), "");
  EXPECT_EQ(first_.wire.end(), WireEnd::open);
  EXPECT_EQ(first_.transcript.transcript().close->by, Party::proxy);
  char byte = 0;
  error_code error;
  first_.peer.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::connection_reset);
}

TEST_F(WireTest, FlushWaitsForAPeerThatDoesNotRead) {
  const std::string large(8U << 20, 'x');
  first_.wire.append(bytes_of(large));
  EXPECT_FALSE(first_.wire.try_flush());
  EXPECT_TRUE(first_.wire.choked());
  bool flushed = false;
  asio::co_spawn(loopback_.context(), first_.wire.flush(),
                 [&flushed](std::exception_ptr, bool done) { flushed = done; });
  std::string received(large.size(), '\0');
  asio::async_read(first_.peer, asio::buffer(received), [](error_code, std::size_t) {});
  loopback_.context().run();
  EXPECT_TRUE(flushed);
  EXPECT_EQ(received, large);
  EXPECT_EQ(first_.wire.queued(), 0U);
}

TEST_F(WireTest, CancelEndsEveryWait) {
  first_.wire.append(bytes_of(std::string(8U << 20, 'x')));
  std::vector<bool> results;
  const auto collect = [&results](std::exception_ptr, bool done) { results.push_back(done); };
  asio::co_spawn(loopback_.context(), first_.wire.flush(), collect);
  asio::co_spawn(loopback_.context(), first_.wire.readable(), collect);
  loopback_.context().poll();
  EXPECT_TRUE(results.empty());
  first_.wire.cancel();
  loopback_.context().run();
  EXPECT_EQ(results, (std::vector<bool>{false, false}));
  EXPECT_FALSE(loopback_.run(first_.wire.readable()));
}

TEST_F(WireTest, WatchPeerSeesFin) {
  int left = 0;
  first_.wire.watch_peer([&left] { ++left; });
  first_.peer.close();
  loopback_.context().run();
  EXPECT_EQ(left, 1);
  EXPECT_EQ(first_.wire.end(), WireEnd::fin);
}

TEST_F(WireTest, WatchPeerSeesRstBehindUnreadBytes) {
  int left = 0;
  first_.wire.watch_peer([&left] { ++left; });
  first_.send("early data");
  loopback_.context().run_one();
  EXPECT_EQ(left, 0);
  first_.reset();
  loopback_.context().run();
  EXPECT_EQ(left, 1);
  EXPECT_EQ(first_.wire.end(), WireEnd::rst);
}

TEST_F(WireTest, UrgentDataEndsTheWatchAndKeepsNoThread) {
  first_.wire.watch_peer([] { ADD_FAILURE() << "the peer is still there"; });
  first_.send("early data");
  loopback_.context().run_one();
  first_.peer.send(asio::buffer("!", 1), asio::socket_base::message_out_of_band);
  loopback_.context().run();
  EXPECT_EQ(first_.wire.end(), WireEnd::open);
}

TEST_F(WireTest, AStoppedWatchSaysNothing) {
  first_.wire.watch_peer([] { ADD_FAILURE() << "stopped"; });
  first_.wire.stop_watching();
  first_.peer.close();
  loopback_.context().run();
  EXPECT_EQ(first_.wire.end(), WireEnd::open);
  EXPECT_EQ(first_.read(1), "");
  EXPECT_EQ(first_.wire.end(), WireEnd::fin);
}

}  // namespace
}  // namespace visavis::proxy

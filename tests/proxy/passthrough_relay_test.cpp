#include "proxy/passthrough_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "proxy/tcp_segments.h"
#include "tests/proxy/loopback.h"
#include "tests/support/hello_builder.h"

namespace visavis::proxy {
namespace {

using inspect::CloseHow;
using inspect::Party;
using std::chrono::steady_clock;
using test::ByteVector;
using ::testing::ElementsAre;

/// More than the kernel takes into a socket's receive buffer (tcp_rmem's largest).
constexpr std::size_t kReceiveQueueBytes = 8U << 20;

/// Socket buffers small enough that kBlockingBytes are too many for one side's two and a buffer of
/// the relay's; what is left fits the other side's receive buffer, whose size is the system's.
constexpr int kSmallBuffer = 16'384;
constexpr std::size_t kBlockingBytes = 150'000;

std::string text_of(const ByteVector& bytes) { return {bytes.begin(), bytes.end()}; }

std::string random_text(std::size_t count) {
  std::mt19937_64 generator(42);
  std::string text(count, '\0');
  for (char& byte : text) byte = static_cast<char>(generator());
  return text;
}

/// A client and a backend, each a socket of ours, with the relay between them.
class PassthroughRelayTest : public ::testing::Test {
 protected:
  PassthroughRelayTest() {
    for (Socket* peer : {&client_, &backend_}) peer->non_blocking(true);
    for (Socket* end : {&client_end_, &backend_end_})
      end->set_option(asio::ip::tcp::no_delay(true));
    deadline_.on_expiry = [this] {
      client_end_.cancel();
      backend_end_.cancel();
    };
  }

  void start() {
    asio::co_spawn(loopback_.context(), relay_.run(opening_), [this](std::exception_ptr failed) {
      EXPECT_FALSE(failed);
      over_ = true;
    });
  }
  /// Runs handlers until it is so, for ten seconds at most.
  template <class Question>
  [[nodiscard]] bool until(Question question) {
    const auto limit = steady_clock::now() + std::chrono::seconds(10);
    while (!question() && steady_clock::now() < limit) {
      loopback_.context().restart();
      loopback_.context().run_one_for(Milliseconds(5));
    }
    return question();
  }
  [[nodiscard]] bool until_over() {
    return until([this] { return over_; });
  }
  /// Sends what the kernel takes, and returns how much that was.
  static std::size_t send(Socket& peer, std::string_view text) {
    std::size_t sent = 0;
    error_code error;
    while (sent < text.size() && !error)
      sent += peer.write_some(asio::buffer(text.substr(sent)), error);
    return sent;
  }
  /// Reads until `count` bytes are there, or the peer's end (`end_`).
  std::string receive(Socket& peer, std::size_t count) {
    std::string text;
    std::string part(65'536, '\0');
    end_ = {};
    (void)until([&] {
      while (text.size() < count && !end_) {
        error_code error;
        const std::size_t got = peer.read_some(asio::buffer(part), error);
        if (error == asio::error::would_block) break;
        text += part.substr(0, got);
        end_ = error;
      }
      return text.size() >= count || end_;
    });
    return text;
  }
  /// Sends all of the text and reads `count` bytes, as either becomes possible.
  std::string transfer(Socket& sender, std::string_view text, Socket& receiver, std::size_t count) {
    std::string received;
    std::string part(65'536, '\0');
    std::size_t sent = 0;
    (void)until([&] {
      sent += send(sender, text.substr(sent));
      error_code error;
      while (!error) received += part.substr(0, receiver.read_some(asio::buffer(part), error));
      return received.size() >= count || error != asio::error::would_block;
    });
    return received;
  }
  /// Sends until nobody takes any more: the kernels' buffers are full, and the relay waits.
  std::size_t fill(Socket& sender, std::string_view text) {
    std::size_t sent = 0;
    for (std::size_t before = 1; sent != before;) {
      before = sent;
      for (int i = 0; i < 20; ++i) {
        sent += send(sender, text.substr(sent));
        loopback_.context().restart();
        loopback_.context().run_for(Milliseconds(1));
      }
    }
    return sent;
  }
  [[nodiscard]] std::vector<std::string> closes() const {
    std::vector<std::string> lines;
    for (const inspect::Event& event : tap_.transcript().events)
      if (event.kind == inspect::EventKind::close)
        lines.push_back(std::string(name(event.sender)) + ' ' + describe(event).str());
    return lines;
  }
  static void reset(Socket& peer) { send_rst(peer); }

  testing::Loopback loopback_;
  SessionClock clock_;
  PassthroughTap tap_{clock_};
  Deadline deadline_;
  std::pair<Socket, Socket> front_ = loopback_.connected();
  std::pair<Socket, Socket> rear_ = loopback_.connected();
  Socket& client_ = front_.first;
  Socket& client_end_ = front_.second;
  Socket& backend_ = rear_.first;
  Socket& backend_end_ = rear_.second;
  Opening opening_{client_end_};
  PassthroughRelay relay_{client_end_, backend_end_, tap_, deadline_};
  error_code end_;
  bool over_ = false;
};

TEST_F(PassthroughRelayTest, PassesBothWaysAndShowsEachByteOnce) {
  start();
  send(backend_, "220 ready\r\n");  // who speaks first does not matter
  EXPECT_EQ(receive(client_, 11), "220 ready\r\n");
  send(client_, "HELO x\r\n");
  EXPECT_EQ(receive(backend_, 8), "HELO x\r\n");
  EXPECT_EQ(text_of(tap_.transcript().raw.c2s), "HELO x\r\n");
  EXPECT_EQ(text_of(tap_.transcript().raw.s2c), "220 ready\r\n");
  EXPECT_EQ(relay_.client_to_backend_bytes(), 8U);
  EXPECT_EQ(relay_.backend_to_client_bytes(), 11U);
  EXPECT_EQ(deadline_.progress, 19U);
  EXPECT_FALSE(over_);
}

TEST_F(PassthroughRelayTest, GoesOnWhenOneDirectionIsClosed) {
  start();
  send(client_, "question");
  client_.shutdown(Socket::shutdown_send);
  EXPECT_EQ(receive(backend_, 100), "question");
  EXPECT_EQ(end_, asio::error::eof);
  EXPECT_FALSE(over_);
  send(backend_, "answer");
  backend_.shutdown(Socket::shutdown_send);
  EXPECT_EQ(receive(client_, 100), "answer");
  EXPECT_EQ(end_, asio::error::eof);
  EXPECT_TRUE(until_over());
  EXPECT_FALSE(relay_.broken());
  EXPECT_THAT(closes(), ElementsAre("client fin", "backend fin"));
}

/// What the backend's kernel has got rid of would be read directly, too.
TEST_F(PassthroughRelayTest, PassesResetOnAfterWhatCameBefore) {
  client_.set_option(asio::socket_base::receive_buffer_size(kSmallBuffer));
  client_end_.set_option(asio::socket_base::send_buffer_size(kSmallBuffer));
  const std::string response = random_text(kBlockingBytes);
  start();
  ASSERT_EQ(send(backend_, response), response.size());
  ASSERT_TRUE(until([&] { return undelivered_bytes(backend_) == 0; }));
  ASSERT_LT(relay_.backend_to_client_bytes(), response.size()) << "the client reads nothing yet";
  reset(backend_);
  ASSERT_TRUE(until([this] { return relay_.broken(); }));
  EXPECT_TRUE(receive(client_, response.size()) == response);
  (void)receive(client_, 1);
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_TRUE(until_over());
  EXPECT_THAT(closes(), ElementsAre("backend rst"));
}

/// The same when all of it is in our kernel's hands: an RST of ours would throw it away.
TEST_F(PassthroughRelayTest, PassesResetOnAfterWhatIsStillUnderWay) {
  client_.set_option(asio::socket_base::receive_buffer_size(kSmallBuffer));
  const std::string response = random_text(400'000);
  start();
  ASSERT_EQ(send(backend_, response), response.size());
  ASSERT_TRUE(until([&] { return relay_.backend_to_client_bytes() == response.size(); }));
  ASSERT_GT(undelivered_bytes(client_end_), 0U);
  reset(backend_);
  ASSERT_TRUE(until([this] { return relay_.broken(); }));
  loopback_.context().restart();
  loopback_.context().run_for(Milliseconds(20));
  EXPECT_FALSE(over_) << "it waits for the client";
  EXPECT_TRUE(receive(client_, response.size()) == response);
  (void)receive(client_, 1);
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_TRUE(until_over());
}

TEST_F(PassthroughRelayTest, ResetsForReset) {
  start();
  send(client_, "request");
  EXPECT_EQ(receive(backend_, 7), "request");
  reset(client_);
  (void)receive(backend_, 1);
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_TRUE(until_over());
  EXPECT_TRUE(relay_.broken());
  EXPECT_FALSE(deadline_.expired);
  EXPECT_THAT(closes(), ElementsAre("client rst"));
}

/// The answer came before the RST: the client gets both, though the relay learns of the RST when it
/// sends to the backend.
TEST_F(PassthroughRelayTest, DeliversTheAnswerOfABackendThatWasFoundResetWhenSending) {
  start();
  ASSERT_TRUE(
      until([&] { return send(client_, "x") == 1 && relay_.client_to_backend_bytes() > 0; }));
  send(backend_, "413 too large");
  reset(backend_);  // with unread input: RST
  send(client_, "and more");
  EXPECT_EQ(receive(client_, 100), "413 too large");
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_TRUE(until_over());
  EXPECT_EQ(closes().front(), "backend rst");
}

TEST_F(PassthroughRelayTest, WaitsForAReaderThatIsSlow) {
  const std::string response = random_text(24U << 20);
  start();
  const std::size_t sent = fill(backend_, response);
  ASSERT_LT(sent, response.size()) << "somebody takes it all";
  EXPECT_LE(sent, relay_.backend_to_client_bytes() + PassthroughRelay::kBufferBytes +
                      undelivered_bytes(backend_) + kReceiveQueueBytes);
  const auto rest = std::string_view(response).substr(sent);
  EXPECT_TRUE(transfer(backend_, rest, client_, response.size()) == response);
  EXPECT_EQ(relay_.backend_to_client_bytes(), response.size());
}

/// A client that gives up while the backend takes nothing: the backend hears of it.
TEST_F(PassthroughRelayTest, SeesAResetWhileTheOtherSideTakesNothing) {
  const std::string request = random_text(16U << 20);
  start();
  ASSERT_LT(fill(client_, request), request.size());
  reset(client_);
  ASSERT_TRUE(until([this] { return relay_.broken(); }));
  EXPECT_FALSE(over_);
  deadline_.expire();  // the grace is over, as the watchdog finds
  EXPECT_TRUE(until_over());
  (void)receive(backend_, request.size());
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_THAT(closes(), ElementsAre("client rst"));
}

/// Urgent data wakes whoever watches for an RST, and stays: it must not keep the thread busy.
TEST_F(PassthroughRelayTest, IsNotKeptBusyByUrgentData) {
  backend_.set_option(asio::socket_base::receive_buffer_size(kSmallBuffer));
  backend_end_.set_option(asio::socket_base::send_buffer_size(kSmallBuffer));
  const std::string request = random_text(kBlockingBytes);
  start();
  ASSERT_EQ(fill(client_, request), request.size());
  ASSERT_LT(relay_.client_to_backend_bytes(), request.size());
  ASSERT_EQ(client_.send(asio::buffer("!", 1), Socket::message_out_of_band), 1U);
  loopback_.context().restart();
  EXPECT_LT(loopback_.context().run_for(Milliseconds(50)), 10U);
  EXPECT_TRUE(receive(backend_, request.size()) == request);
  EXPECT_FALSE(relay_.broken());
}

TEST_F(PassthroughRelayTest, SeesAResetAfterFin) {
  start();
  client_.shutdown(Socket::shutdown_send);
  (void)receive(backend_, 1);
  EXPECT_EQ(end_, asio::error::eof);
  reset(client_);
  ASSERT_TRUE(until_over());
  std::string byte(1, 'x');
  error_code error;
  ASSERT_TRUE(until([&] {
    backend_.write_some(asio::buffer(byte), error);
    return error && error != asio::error::would_block;
  }));
  EXPECT_THAT(closes(), ElementsAre("client fin", "client rst"));
}

TEST_F(PassthroughRelayTest, EndsWithItsDeadline) {
  start();
  send(client_, "request");
  EXPECT_EQ(receive(backend_, 7), "request");
  deadline_.expire();
  EXPECT_TRUE(until_over());
  EXPECT_FALSE(relay_.broken());
  EXPECT_THAT(closes(), ElementsAre());
}

class PassthroughOpeningTest : public PassthroughRelayTest {
 protected:
  /// Sends the pieces one by one, each read before the next leaves.
  void open_with(const std::vector<std::string>& pieces) {
    for (const std::string& piece : pieces) {
      send(client_, piece);
      bool read = false;
      asio::co_spawn(loopback_.context(), opening_.read(),
                     [&read](std::exception_ptr, bool more) { read = more; });
      ASSERT_TRUE(until([&] { return read; }));
    }
  }
  std::string hello_ = text_of(test::record(22, 0x0301, test::full_hello().message()));
};

TEST_F(PassthroughOpeningTest, LeavesInTheSegmentsInWhichItCame) {
  open_with({hello_.substr(0, 100), hello_.substr(100, 7), hello_.substr(107)});
  start();
  EXPECT_EQ(receive(backend_, hello_.size()), hello_);
  EXPECT_EQ(received_data_segments(backend_.native_handle()), 3U);
  const inspect::Transcript& seen = tap_.transcript();
  ASSERT_TRUE(seen.client_hello.has_value());
  EXPECT_THAT(seen.hello_segments,
              ElementsAre(100, 7, static_cast<std::uint32_t>(hello_.size() - 107)));
  EXPECT_TRUE(seen.segments_exact);
  EXPECT_EQ(text_of(seen.raw.c2s), hello_);
}

TEST_F(PassthroughOpeningTest, SaysWhenSegmentsWereReadTogether) {
  send(client_, hello_.substr(0, 100));
  open_with({hello_.substr(100)});
  start();
  EXPECT_EQ(receive(backend_, hello_.size()), hello_);
  EXPECT_THAT(tap_.transcript().hello_segments,
              ElementsAre(static_cast<std::uint32_t>(hello_.size())));
  EXPECT_FALSE(tap_.transcript().segments_exact);
}

TEST_F(PassthroughOpeningTest, WhatWasShownIsNotShownAgain) {
  open_with({hello_.substr(0, 50)});
  opening_.show(opening_.pieces().back(), tap_);
  open_with({hello_.substr(50)});
  opening_.show(opening_.pieces().back(), tap_);
  ASSERT_TRUE(tap_.transcript().client_hello.has_value());
  open_with({"early data"});
  start();
  EXPECT_EQ(receive(backend_, hello_.size() + 10), hello_ + "early data");
  EXPECT_EQ(text_of(tap_.transcript().raw.c2s), hello_ + "early data");
}

TEST_F(PassthroughOpeningTest, TakesNoMoreThanItsLimit) {
  const std::string flood = random_text(300'000);
  const std::size_t sent = send(client_, flood);
  bool stopped = false;
  asio::co_spawn(loopback_.context(), opening_.read_on(),
                 [&stopped](std::exception_ptr) { stopped = true; });
  ASSERT_TRUE(until([&] { return stopped; }));
  EXPECT_GE(opening_.size(), inspect::limits::kMaxClientHelloBytes);
  EXPECT_LT(opening_.size(), inspect::limits::kMaxClientHelloBytes + 16'384);
  start();
  const auto rest = std::string_view(flood).substr(sent);
  EXPECT_TRUE(transfer(client_, rest, backend_, flood.size()) == flood);
}

/// The dial may be over before the reading has begun to wait.
TEST_F(PassthroughOpeningTest, IsNotReadAnyMoreOnceStopped) {
  opening_.stop();
  bool stopped = false;
  asio::co_spawn(loopback_.context(), opening_.read_on(),
                 [&stopped](std::exception_ptr) { stopped = true; });
  EXPECT_TRUE(until([&] { return stopped; }));
  EXPECT_EQ(opening_.end(), WireEnd::open);
  start();
  send(client_, "later");
  EXPECT_EQ(receive(backend_, 5), "later");
}

TEST_F(PassthroughOpeningTest, TrickledBytesAreKeptInABoundedNumberOfPieces) {
  std::vector<std::string> bytes;
  for (std::size_t i = 0; i < inspect::limits::kMaxHelloSegments + 20; ++i)
    bytes.push_back(std::string(1, i < hello_.size() ? hello_[i] : 'x'));
  open_with(bytes);
  EXPECT_EQ(opening_.pieces().size(), inspect::limits::kMaxHelloSegments);
  EXPECT_EQ(opening_.size(), bytes.size());
}

/// The client says something and is gone before there is a backend.
TEST_F(PassthroughOpeningTest, TheEndOfTheOpeningIsPassedOn) {
  open_with({"only this"});
  client_.shutdown(Socket::shutdown_send);
  bool stopped = false;
  asio::co_spawn(loopback_.context(), opening_.read_on(),
                 [&stopped](std::exception_ptr) { stopped = true; });
  ASSERT_TRUE(until([&] { return stopped; }));
  EXPECT_EQ(opening_.end(), WireEnd::fin);
  start();
  EXPECT_EQ(receive(backend_, 100), "only this");
  EXPECT_EQ(end_, asio::error::eof);
  EXPECT_THAT(closes(), ElementsAre("client fin"));
}

TEST_F(PassthroughOpeningTest, AResetInTheOpeningIsPassedOn) {
  open_with({"only this"});
  reset(client_);
  bool stopped = false;
  asio::co_spawn(loopback_.context(), opening_.read_on(),
                 [&stopped](std::exception_ptr) { stopped = true; });
  ASSERT_TRUE(until([&] { return stopped; }));
  start();
  EXPECT_EQ(receive(backend_, 100), "only this");
  EXPECT_EQ(end_, asio::error::connection_reset);
  EXPECT_TRUE(until_over());
  EXPECT_THAT(closes(), ElementsAre("client rst"));
}

}  // namespace
}  // namespace visavis::proxy

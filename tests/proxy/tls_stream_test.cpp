#include "proxy/tls_stream.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <csignal>
#include <thread>

#include "certs/leaf_cache.h"
#include "proxy/tls_context.h"
#include "tests/proxy/loopback.h"
#include "tests/support/test_certificates.h"

namespace visavis::proxy {
namespace {

using testing::WireEndpoint;

/// A TlsStream as server, and a blocking client of OpenSSL's on a thread of its own.
class TlsStreamTest : public ::testing::Test {
 protected:
  TlsStreamTest() {
    std::signal(SIGPIPE, SIG_IGN);
    leaves_.push_back(minter_.mint({{}, "localhost", "", certs::LeafKey::ecdsa_p256}));
    stream_.emplace(end_.wire, end_.transcript, end_.clock,
                    contexts_.client_ssl(AnswerShape{}, leaves_, std::nullopt), TlsRole::server,
                    false);
    SSL_set_fd(client_.get(), end_.peer.native_handle());
    SSL_set_connect_state(client_.get());
  }

  void shake_hands() {
    std::thread client([this] { EXPECT_EQ(SSL_do_handshake(client_.get()), 1); });
    EXPECT_TRUE(loopback_.run(stream_->handshake()));
    client.join();
  }

  /// Reads until there is nothing or an end.
  TlsRead read_all() {
    std::size_t count = 0;
    TlsRead result = TlsRead::data;
    while (result == TlsRead::data) {
      result = stream_->read(buffer_, count);
      text_.append(reinterpret_cast<const char*>(buffer_.data()), count);
    }
    return result;
  }

  visavis::testing::TemporaryDirectory folder_;
  certs::Authority authority_ = certs::Authority::open(folder_.path() / "ca");
  certs::LeafMinter minter_{authority_};
  std::vector<std::shared_ptr<const certs::Leaf>> leaves_;
  TlsContexts contexts_;
  testing::Loopback loopback_;
  WireEndpoint end_{loopback_};
  std::optional<TlsStream> stream_;
  SslPtr client_ = contexts_.backend_ssl(std::nullopt, "localhost", {});
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(TlsStream::kMaxPlaintextBytes);
  std::string text_;
};

TEST_F(TlsStreamTest, ReadsOneRecordACall) {
  shake_hands();
  SSL_write(client_.get(), "one", 3);
  SSL_write(client_.get(), "two", 3);
  std::size_t count = 0;
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(stream_->read(buffer_, count), TlsRead::data);
  EXPECT_EQ(count, 3U);
  while (text_.empty() && loopback_.run(end_.wire.readable()))
    EXPECT_EQ(read_all(), TlsRead::want_read);
  EXPECT_EQ(text_, "two");
}

TEST_F(TlsStreamTest, PeekLeavesThePlaintextForRead) {
  shake_hands();
  EXPECT_EQ(stream_->peek(), TlsRead::want_read);
  SSL_write(client_.get(), "one", 3);
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(stream_->peek(), TlsRead::data);
  std::size_t count = 0;
  EXPECT_EQ(stream_->read(buffer_, count), TlsRead::data);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(end_.transcript.transcript().plaintext_lengths.c2s.back(), 3);
  SSL_shutdown(client_.get());
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(stream_->peek(), TlsRead::closed);
}

TEST_F(TlsStreamTest, AfterCloseNotifyWritingGoesOn) {
  shake_hands();
  SSL_shutdown(client_.get());
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(read_all(), TlsRead::closed);
  EXPECT_EQ(stream_->write(testing::bytes_of("half-close")), TlsWrite::done);
}

TEST_F(TlsStreamTest, FinAloneIsATruncation) {
  shake_hands();
  end_.peer.shutdown(Socket::shutdown_send);
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(read_all(), TlsRead::truncated);
  EXPECT_EQ(stream_->write(testing::bytes_of("half-close")), TlsWrite::done);
  EXPECT_FALSE(end_.transcript.transcript().failure);
}

TEST_F(TlsStreamTest, RstIsAReset) {
  shake_hands();
  end_.reset();
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(read_all(), TlsRead::reset);
  EXPECT_FALSE(end_.transcript.transcript().failure);
}

TEST_F(TlsStreamTest, ABrokenRecordIsAFailureOfTheLibraryAndLeavesNoErrorBehind) {
  shake_hands();
  end_.send(std::string("\x17\x03\x03\x00\x14", 5) + std::string(20, 'x'));
  ASSERT_TRUE(loopback_.run(end_.wire.readable()));
  EXPECT_EQ(read_all(), TlsRead::failed);
  ASSERT_TRUE(end_.transcript.transcript().failure);
  EXPECT_EQ(read_all(), TlsRead::failed) << "again, and not truncated";
}

TEST_F(TlsStreamTest, WhoMakesUsAnswerAndTakesNoAnswerIsNotReadFurther) {
  shake_hands();
  std::thread flood([this] {
    for (int i = 0; i < 20'000; ++i) {
      SSL_key_update(client_.get(), SSL_KEY_UPDATE_REQUESTED);
      if (SSL_do_handshake(client_.get()) != 1) return;
    }
  });
  while (!end_.wire.choked() && loopback_.run(end_.wire.readable()))
    ASSERT_EQ(read_all(), TlsRead::want_read);
  const std::size_t queued = end_.wire.queued();
  EXPECT_EQ(read_all(), TlsRead::want_read);
  EXPECT_EQ(end_.wire.queued(), queued);
  EXPECT_LT(queued, 192U * 1024);
  end_.peer.shutdown(Socket::shutdown_both);
  flood.join();
}

}  // namespace
}  // namespace visavis::proxy

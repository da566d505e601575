#include "proxy/resumption_store.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <vector>

namespace visavis::proxy {
namespace {

SslSessionPtr session_of(long seconds) {
  SslSessionPtr session(SSL_SESSION_new());
  SSL_SESSION_set_protocol_version(session.get(), TLS1_2_VERSION);
  SSL_SESSION_set_timeout(session.get(), seconds);
  return session;
}

long timeout_at(ResumptionStore& store, const std::string& key) {
  const SslSessionPtr found = store.find(key);
  return found ? SSL_SESSION_get_timeout(found.get()) : -1;
}

TEST(ResumptionStore, KeepsTheLatestOfEachKey) {
  ResumptionStore store;
  EXPECT_EQ(timeout_at(store, "a"), -1);
  store.put("a", session_of(100));
  store.put("b", session_of(200));
  store.put("a", session_of(300));
  EXPECT_EQ(timeout_at(store, "a"), 300);
  EXPECT_EQ(timeout_at(store, "b"), 200);
}

/// A handshake changes the session that it is given: it gets one of its own.
TEST(ResumptionStore, GivesACopy) {
  ResumptionStore store;
  store.put("a", session_of(100));
  const SslSessionPtr first = store.find("a");
  SSL_SESSION_set_timeout(first.get(), 1);
  EXPECT_EQ(timeout_at(store, "a"), 100);
}

TEST(ResumptionStore, IsBoundedAndForgetsWhatWasNotUsed) {
  ResumptionStore store;
  store.put("first", session_of(1));
  store.put("second", session_of(2));
  for (std::size_t i = 2; i < ResumptionStore::kMaxSessions; ++i)
    store.put(std::to_string(i), session_of(3));
  EXPECT_EQ(timeout_at(store, "first"), 1);
  store.put("one more", session_of(4));
  EXPECT_EQ(timeout_at(store, "first"), 1) << "it was used";
  EXPECT_EQ(timeout_at(store, "second"), -1);
  EXPECT_EQ(timeout_at(store, "one more"), 4);
}

TEST(ResumptionStore, KnowsItsOwnTicketsByTheKeysName) {
  const ResumptionStore store;
  const ResumptionStore other;
  std::vector<std::uint8_t> hello(100, 0x5a);
  EXPECT_FALSE(store.carries_our_ticket(hello));
  hello.insert(hello.begin() + 40, store.ticket_keys().begin(),
               store.ticket_keys().begin() + ResumptionStore::kKeyNameBytes);
  EXPECT_TRUE(store.carries_our_ticket(hello));
  EXPECT_FALSE(other.carries_our_ticket(hello));
  hello[50] ^= 1U;
  EXPECT_FALSE(store.carries_our_ticket(hello));
  EXPECT_FALSE(store.carries_our_ticket({}));
}

}  // namespace
}  // namespace visavis::proxy

#include "proxy/resumption_store.h"

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <stdexcept>

namespace visavis::proxy {

void SslSessionFree::operator()(ssl_session_st* session) const noexcept {
  SSL_SESSION_free(session);
}

ResumptionStore::ResumptionStore() {
  if (RAND_bytes(ticket_keys_.data(), static_cast<int>(ticket_keys_.size())) != 1)
    throw std::runtime_error("OpenSSL has no random bytes for the ticket key");
}

void ResumptionStore::put(const std::string& key, SslSessionPtr session) {
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    found->second->second = std::move(session);
    order_.splice(order_.begin(), order_, found->second);
    return;
  }
  order_.emplace_front(key, std::move(session));
  index_[key] = order_.begin();
  if (order_.size() <= kMaxSessions) return;
  index_.erase(order_.back().first);
  order_.pop_back();
}

SslSessionPtr ResumptionStore::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  // A copy: a session that a handshake rejects is changed by it, under another thread's eyes.
  return SslSessionPtr(SSL_SESSION_dup(found->second->second.get()));
}

bool ResumptionStore::carries_our_ticket(inspect::Bytes client_hello) const {
  const auto name_end = ticket_keys_.begin() + kKeyNameBytes;
  return std::search(client_hello.begin(), client_hello.end(), ticket_keys_.begin(), name_end) !=
         client_hello.end();
}

}  // namespace visavis::proxy

#pragma once
#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "inspect/bytes/byte_reader.h"

struct ssl_session_st;

namespace visavis::proxy {

struct SslSessionFree {
  void operator()(ssl_session_st* session) const noexcept;
};
using SslSessionPtr = std::unique_ptr<ssl_session_st, SslSessionFree>;

/// ResumptionStore is what `--resume` needs to mirror resumption, in memory only: the sessions that
/// backends have given us, one for each kind of hello to each backend, and the key of the tickets
/// that we give to clients. Thread-safe. Tickets are mirrored, session ids without them are not.
class ResumptionStore {
 public:
  /// Sessions, at most: each holds its backend's chain, some 10 KiB. Protects against clients whose
  /// hellos never repeat; the least recently used goes.
  static constexpr std::size_t kMaxSessions = 1000;
  static constexpr std::size_t kTicketKeyBytes = 80;
  static constexpr std::size_t kKeyNameBytes = 16;
  using TicketKeys = std::array<std::uint8_t, kTicketKeyBytes>;

  /// Makes the ticket key. Errors: std::runtime_error when OpenSSL has no random bytes.
  ResumptionStore();

  void put(const std::string& key, SslSessionPtr session);
  /// find returns the latest session with a reference of its own; null: none.
  [[nodiscard]] SslSessionPtr find(const std::string& key);

  /// The same for all contexts, as OpenSSL takes it; it begins with the key's name.
  [[nodiscard]] const TicketKeys& ticket_keys() const { return ticket_keys_; }
  /// carries_our_ticket is true of a ClientHello in which a ticket of ours lies: they begin with
  /// the key's name, which is random (RFC 5077 4).
  [[nodiscard]] bool carries_our_ticket(inspect::Bytes client_hello) const;

 private:
  using Entry = std::pair<std::string, SslSessionPtr>;
  TicketKeys ticket_keys_{};
  std::mutex mutex_;
  std::list<Entry> order_;  ///< the latest used first
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
};

}  // namespace visavis::proxy

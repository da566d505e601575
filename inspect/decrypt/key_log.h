#pragma once
#include <array>
#include <deque>
#include <map>
#include <string_view>

#include "inspect/decrypt/secret.h"

namespace visavis::inspect {

using HelloRandom = std::array<std::uint8_t, 32>;

/// SessionSecrets is what a key log has for one ClientHello.random. Empty: not in the log.
struct SessionSecrets {
  Secret master_secret;  ///< CLIENT_RANDOM: up to TLS 1.2, 48 bytes
  Secret client_handshake_traffic;
  Secret server_handshake_traffic;
  Secret client_traffic;  ///< CLIENT_TRAFFIC_SECRET_0
  Secret server_traffic;
  Secret client_early_traffic;
};

/// KeyLog holds the secrets of key logs in the NSS format (SSLKEYLOGFILE, RFC 9850): one line a
/// secret, "LABEL <hex of ClientHello.random> <hex of the secret>". Lines that are none are counted
/// and passed over; labels that nobody needs here are passed over, too.
///
/// It may grow while sessions are read: each looks its secrets up when it needs them. Of a session
/// that is told twice, what was told last counts.
class KeyLog {
 public:
  /// Sessions that are kept, 60 MB at most: more than a gigabyte of captured handshakes holds. When
  /// there are more, those that came first are forgotten.
  static constexpr std::size_t kMaxSessions = 100'000;

  explicit KeyLog(std::size_t max_sessions = kMaxSessions) : max_sessions_(max_sessions) {}

  /// add reads the lines of a text, which ends with a line.
  void add(std::string_view text);
  /// find returns the secrets of the session with this ClientHello.random; null: none. Valid until
  /// the next `add`.
  [[nodiscard]] const SessionSecrets* find(const HelloRandom& client_random) const;
  [[nodiscard]] bool empty() const { return sessions_.empty(); }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
  /// bad_lines counts the lines that are neither secrets nor empty nor comments.
  [[nodiscard]] std::size_t bad_lines() const { return bad_lines_; }
  /// forgotten counts the sessions that had to make room.
  [[nodiscard]] std::size_t forgotten() const { return forgotten_; }

 private:
  void add_line(std::string_view line);
  SessionSecrets& session(const HelloRandom& client_random);

  std::size_t max_sessions_;
  std::map<HelloRandom, SessionSecrets> sessions_;
  std::deque<HelloRandom> order_;  // in which the sessions came
  std::size_t bad_lines_ = 0;
  std::size_t forgotten_ = 0;
};

}  // namespace visavis::inspect

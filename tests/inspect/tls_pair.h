#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/wire_dialogue.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

/// A client and a server of OpenSSL's, joined in memory: what they say on the wire, the secrets
/// that they log, and what they themselves say they sent.
namespace visavis::test {

struct TlsPairOptions {
  int version = 0;     ///< wire version, the only one offered
  std::string suites;  ///< in OpenSSL's words; empty: what it offers
  bool encrypt_then_mac = true;
  bool empty_fragments = false;  ///< TLS 1.0 CBC: 0/n
  bool client_certificate = false;
  std::string server_groups;     ///< of a server that takes not the client's first one
  bool tickets = true;           ///< TLS 1.3: the server sends two
  std::uint32_t early_data = 0;  ///< bytes that the server lets its clients send early
};

/// TlsParties are two libraries' settings, which outlive their connections.
class TlsParties {
 public:
  explicit TlsParties(const TlsPairOptions& options);
  ~TlsParties();
  TlsParties(const TlsParties&) = delete;
  TlsParties& operator=(const TlsParties&) = delete;

  ssl_ctx_st* client = nullptr;
  ssl_ctx_st* server = nullptr;
};

class TlsPair {
 public:
  /// `resumed`: a session of an earlier pair.
  explicit TlsPair(TlsParties& parties, ssl_session_st* resumed = nullptr);
  ~TlsPair();
  TlsPair(const TlsPair&) = delete;
  TlsPair& operator=(const TlsPair&) = delete;

  /// handshake goes on until both sides say that it is over.
  bool handshake();
  /// send writes `text` on one side in one call, and reads it on the other.
  void send(bool client, const std::string& text);
  /// send_early writes early data before anything else; the server reads it, or does not.
  void send_early(const std::string& text, bool server_reads);
  void key_update(bool client, bool ask_back);
  void renegotiate();
  /// close sends close_notify on both sides, the client first.
  void close();
  /// session of the client, to resume; whose caller frees it.
  [[nodiscard]] ssl_session_st* session() const;

  WireDialogue dialogue;
  std::string key_log;
  /// By direction: handshake types sent, as OpenSSL's message callback tells them.
  inspect::PerDirection<std::vector<int>> messages;
  inspect::PerDirection<std::vector<int>> alerts;  ///< their descriptions
  inspect::PerDirection<std::string> text;         ///< what `send` and `send_early` wrote

 private:
  static void on_message(int write, int version, int type, const void* bytes, std::size_t length,
                         ssl_st* ssl, void* self);
  ssl_st* party(bool client) const { return client ? client_ : server_; }
  void prepare(ssl_st* ssl);
  void carry();
  void read(bool client);

  ssl_st* client_ = nullptr;
  ssl_st* server_ = nullptr;
};

}  // namespace visavis::test

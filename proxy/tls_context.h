#pragma once
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "certs/leaf_minter.h"
#include "proxy/answer_shape.h"
#include "proxy/hello_shape.h"
#include "proxy/key_log_sink.h"
#include "proxy/resumption_store.h"
#include "proxy/ssl_handles.h"

namespace visavis::proxy {

/// ContextCache keeps the SSL_CTX of one thread: making one costs more than a handshake's
/// arithmetic (some 180 us in OpenSSL 3.0). The least recently used goes when it is full.
class ContextCache {
 public:
  /// Contexts of one kind, at most: some 100 KiB each. Protects against clients whose hellos never
  /// repeat.
  static constexpr std::size_t kMaxContexts = 128;

  template <class Make>
  SslContextPtr find_or_make(const std::string& key, Make make) {
    if (const auto found = index_.find(key); found != index_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return found->second->second;
    }
    order_.emplace_front(key, make());
    index_[key] = order_.begin();
    if (order_.size() > kMaxContexts) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    return order_.front().second;
  }

 private:
  using Entry = std::pair<std::string, SslContextPtr>;
  std::list<Entry> order_;
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
};

/// TlsContexts makes the SSL objects of a thread's legs, TLS 1.0 to 1.3 at security level 0.
/// Errors: std::runtime_error with OpenSSL's reason, when a shape can't be configured at all.
class TlsContexts {
 public:
  /// `client_certificate` is what backends are shown that ask for one; may be null. `resumption`:
  /// null where nothing is resumed. `key_log`: connections may be asked for their secrets.
  explicit TlsContexts(std::shared_ptr<const certs::CertifiedKey> client_certificate = nullptr,
                       ResumptionStore* resumption = nullptr, bool key_log = false)
      : client_certificate_(std::move(client_certificate)),
        resumption_(resumption),
        key_log_(key_log) {}

  /// backend_ssl returns the SSL of a backend leg that repeats the shape; nothing: OpenSSL's own
  /// hello. Null when OpenSSL has none of the shape's suites.
  SslPtr backend_ssl(const std::optional<HelloShape>& shape, const std::string& server_name,
                     const std::vector<std::string>& alpn);
  /// client_ssl returns the SSL of a client leg that answers with this shape and these leaves (one,
  /// or one of each key type), and selects `alpn` when the client offers it.
  SslPtr client_ssl(const AnswerShape& shape,
                    const std::vector<std::shared_ptr<const certs::Leaf>>& leaves,
                    const std::optional<std::string>& alpn);

  /// mirror_resumption makes a backend leg keep its session under `key`, and offer the one that is
  /// kept there when `offer` is set. Needs a ResumptionStore, as does the next.
  void mirror_resumption(ssl_st* ssl, const std::string& key, bool offer);
  /// allow_resumption lets a client leg accept a ticket of ours; otherwise it gets a new one.
  static void allow_resumption(ssl_st* ssl);

  /// log_keys gives the secrets of a connection to `sink`, which must outlive its handshakes, where
  /// the contexts were made for it.
  static void log_keys(ssl_st* ssl, KeyLogSink& sink);

 private:
  std::shared_ptr<const certs::CertifiedKey> client_certificate_;
  ResumptionStore* resumption_;
  bool key_log_;
  ContextCache backend_contexts_;
  ContextCache client_contexts_;
};

}  // namespace visavis::proxy

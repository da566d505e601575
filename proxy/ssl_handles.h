#pragma once
#include <memory>

struct ssl_st;
struct ssl_ctx_st;

namespace visavis::proxy {

struct SslFree {
  void operator()(ssl_st* ssl) const noexcept;
  void operator()(ssl_ctx_st* context) const noexcept;
};
using SslPtr = std::unique_ptr<ssl_st, SslFree>;
/// Contexts are shared: a session may outlive its context's place in the cache.
using SslContextPtr = std::shared_ptr<ssl_ctx_st>;

}  // namespace visavis::proxy

#include "proxy/demo_backend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "proxy/ssl_handles.h"

namespace visavis::proxy {
namespace {

/// How long one visitor may take for anything: the next one waits behind it.
constexpr timeval kVisitorLimit{2, 0};

SslContextPtr make_context(DemoFault fault, const certs::DemoChain& chain) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()), SslFree{});
  if (!context) throw std::runtime_error("OpenSSL has no memory for a demonstration backend");
  SSL_CTX* raw = context.get();
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_cipher_list(raw, "DEFAULT:@SECLEVEL=0");
  const bool old = fault != DemoFault::intermediate_unsent;
  SSL_CTX_set_min_proto_version(raw, old ? TLS1_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(raw, old ? TLS1_VERSION : TLS1_3_VERSION);
  SSL_CTX_use_certificate(raw, chain.leaf.get());
  SSL_CTX_use_PrivateKey(raw, chain.leaf_key.get());
  if (fault != DemoFault::intermediate_unsent)
    SSL_CTX_add1_chain_cert(raw, chain.intermediate.get());
  SSL_CTX_set_mode(raw, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_options(raw, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  // Otherwise OpenSSL builds the missing part of the chain from what it happens to trust.
  SSL_CTX_set_mode(raw, SSL_MODE_NO_AUTO_CHAIN);
  return context;
}

/// OpenSSL hides empty records: only their headers show that one came. RFC 5246 6.2.1.
void count_data_records(int write, int, int type, const void* bytes, std::size_t length, SSL*,
                        void* count) {
  const bool header = type == SSL3_RT_HEADER && length > 0 && write == 0;
  if (header && *static_cast<const unsigned char*>(bytes) == SSL3_RT_APPLICATION_DATA)
    ++*static_cast<int*>(count);
}

int listen_on_loopback(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || ::bind(listener, generic, length) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, generic, &length) != 0)
    throw std::runtime_error("a demonstration backend can't listen on 127.0.0.1");
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

class DemoBackend::Implementation {
 public:
  Implementation(std::string name, DemoFault fault)
      : name_(std::move(name)),
        fault_(fault),
        chain_(certs::make_demo_chain(name_)),
        context_(make_context(fault, chain_)),
        listener_(listen_on_loopback(port_)),
        stop_(::eventfd(0, EFD_CLOEXEC)),
        thread_([this] { serve(); }) {}

  ~Implementation() {
    const std::uint64_t one = 1;
    if (::write(stop_, &one, sizeof one) == sizeof one) thread_.join();
    ::close(listener_);
    ::close(stop_);
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  [[nodiscard]] Route route() const { return {name_, {"127.0.0.1", port_}}; }
  [[nodiscard]] x509_st* root() const { return chain_.root.get(); }

 private:
  void serve() {
    for (;;) {
      pollfd waits[2] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
      if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
      if (waits[1].revents != 0) return;
      const int visitor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (visitor < 0) continue;
      answer(visitor);
      ::close(visitor);
    }
  }

  /// With one fault, a request counts only whole in the first record, as in servers that read once.
  [[nodiscard]] bool understands(std::string_view request, int records) const {
    if (fault_ != DemoFault::first_record_only) return true;
    return records == 1 && request.find("\r\n\r\n") != std::string_view::npos;
  }

  void answer(int visitor) {
    ::setsockopt(visitor, SOL_SOCKET, SO_RCVTIMEO, &kVisitorLimit, sizeof kVisitorLimit);
    ::setsockopt(visitor, SOL_SOCKET, SO_SNDTIMEO, &kVisitorLimit, sizeof kVisitorLimit);
    const SslPtr ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), visitor) != 1) return;
    int records = 0;
    SSL_set_msg_callback(ssl.get(), count_data_records);
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, &records);
    if (SSL_accept(ssl.get()) == 1) {
      char request[4096];
      const int size = SSL_read(ssl.get(), request, sizeof request);
      if (size > 0 &&
          understands(std::string_view(request, static_cast<std::size_t>(size)), records)) {
        const std::string body = "hello from the demonstration backend " + name_ + "\n";
        const std::string response =
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
        SSL_write(ssl.get(), response.data(), static_cast<int>(response.size()));
      }
      SSL_shutdown(ssl.get());
    }
    ERR_clear_error();
    // Unread bytes at close would send RST: what the visitor still says is heard out, within the
    // limit.
    ::shutdown(visitor, SHUT_WR);
    char rest[512];
    for (int i = 0; i < 64 && ::recv(visitor, rest, sizeof rest, 0) > 0; ++i) continue;
  }

  std::string name_;
  DemoFault fault_;
  certs::DemoChain chain_;
  SslContextPtr context_;
  std::uint16_t port_ = 0;
  int listener_;
  int stop_;
  std::thread thread_;
};

DemoBackend::DemoBackend(std::string name, DemoFault fault)
    : implementation_(std::make_unique<Implementation>(std::move(name), fault)) {}
DemoBackend::~DemoBackend() = default;
Route DemoBackend::route() const { return implementation_->route(); }
x509_st* DemoBackend::root() const { return implementation_->root(); }

std::vector<std::unique_ptr<DemoBackend>> make_demo_backends() {
  std::vector<std::unique_ptr<DemoBackend>> backends;
  backends.push_back(std::make_unique<DemoBackend>("legacy.demo", DemoFault::tls10_only));
  backends.push_back(
      std::make_unique<DemoBackend>("incomplete.demo", DemoFault::intermediate_unsent));
  backends.push_back(std::make_unique<DemoBackend>("split.demo", DemoFault::first_record_only));
  return backends;
}

}  // namespace visavis::proxy

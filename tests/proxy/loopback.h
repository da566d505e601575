#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/wire.h"

namespace visavis::proxy::testing {

/// Loopback is an io_context, on which tasks are run to their end, and TCP connections inside it.
class Loopback {
 public:
  [[nodiscard]] asio::io_context& context() { return context_; }
  [[nodiscard]] Executor executor() { return context_.get_executor(); }

  /// connected returns both ends of a connection; the second is non-blocking, as a Wire needs it.
  std::pair<Socket, Socket> connected() {
    using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
    Acceptor acceptor(executor(), {asio::ip::address_v4::loopback(), 0});
    Socket peer(executor());
    peer.connect(acceptor.local_endpoint());
    Socket own(executor());
    acceptor.accept(own);
    own.non_blocking(true);
    peer.set_option(asio::ip::tcp::no_delay(true));
    return {std::move(peer), std::move(own)};
  }

  /// run runs a task until nothing is left to do, and throws what it throws.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(context_, std::move(task), [&result](std::exception_ptr failed, T value) {
      if (failed) std::rethrow_exception(failed);
      result = std::move(value);
    });
    context_.restart();
    context_.run();
    return std::move(result).value();
  }

 private:
  asio::io_context context_;
};

/// WireEndpoint is a Wire with what it needs, and the socket of its peer.
struct WireEndpoint {
  explicit WireEndpoint(Loopback& loopback) : WireEndpoint(loopback.connected()) {}

  void send(std::string_view text) { asio::write(peer, asio::buffer(text)); }
  /// Closes the peer's end with RST.
  void reset() {
    peer.set_option(asio::socket_base::linger(true, 0));
    peer.close();
  }
  /// Reads at most `size` bytes of what is there.
  std::string read(std::size_t size) {
    std::string text(size, '\0');
    text.resize(wire.read({reinterpret_cast<std::uint8_t*>(text.data()), size}));
    return text;
  }
  /// Waits until something can be read, then reads.
  std::string read_awaited(Loopback& loopback, std::size_t size) {
    return loopback.run(wire.readable()) ? read(size) : "cancelled";
  }

  SessionClock clock;
  inspect::TranscriptBuilder transcript{inspect::LegKind::client_leg};
  Socket peer;
  Wire wire;

 private:
  explicit WireEndpoint(std::pair<Socket, Socket> ends)
      : peer(std::move(ends.first)),
        wire(std::move(ends.second), transcript, clock, inspect::Direction::c2s) {}
};

inline inspect::Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace visavis::proxy::testing

#include "proxy/passthrough_socket.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace visavis::proxy {

Received receive_now(Socket& socket, std::span<std::uint8_t> into) {
  ssize_t count = 0;
  do {
    count = ::recv(socket.native_handle(), into.data(), into.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {static_cast<std::size_t>(count), WireEnd::open};
  if (count == 0) return {0, WireEnd::fin};
  return {0, errno == EAGAIN || errno == EWOULDBLOCK ? WireEnd::open : WireEnd::rst};
}

std::optional<std::size_t> send_now(Socket& socket, inspect::Bytes bytes) {
  ssize_t count = 0;
  do {
    count = ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
  return std::nullopt;
}

bool was_reset(Socket& socket) {
  // SO_ERROR would take the error away from the receive call that is to tell it.
  pollfd looked{socket.native_handle(), 0, 0};
  return ::poll(&looked, 1, 0) == 1 && (looked.revents & POLLERR) != 0;
}

std::size_t undelivered_bytes(Socket& socket) {
  int count = 0;
  if (::ioctl(socket.native_handle(), SIOCOUTQ, &count) != 0 || count < 0) return 0;
  return static_cast<std::size_t>(count);
}

void send_fin(Socket& socket) {
  error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
}

void send_rst(Socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace visavis::proxy

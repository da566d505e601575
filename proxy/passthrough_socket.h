#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "inspect/bytes/byte_reader.h"
#include "proxy/task.h"
#include "proxy/wire.h"

/// The calls on a socket that passing bytes through takes: none of them waits.
namespace visavis::proxy {

/// Received is what one receive call brought.
struct Received {
  std::size_t count = 0;  ///< 0: nothing has arrived, or `end` says that nothing more will
  WireEnd end = WireEnd::open;
};

/// receive_now takes what has arrived, at most `into.size()` bytes. What came before an RST is
/// received before it.
Received receive_now(Socket& socket, std::span<std::uint8_t> into);

/// send_now gives the kernel as much of `bytes` as it takes; nothing: the peer has reset the
/// connection.
std::optional<std::size_t> send_now(Socket& socket, inspect::Bytes bytes);

/// was_reset is true when an RST has come, seen or not by a receive call that was not made yet.
bool was_reset(Socket& socket);

/// undelivered_bytes returns how many bytes the peer's kernel has not acknowledged (SIOCOUTQ). An
/// RST of ours would discard them.
std::size_t undelivered_bytes(Socket& socket);

/// send_fin closes our direction, send_rst the connection.
void send_fin(Socket& socket);
void send_rst(Socket& socket);

}  // namespace visavis::proxy

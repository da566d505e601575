#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace visavis::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

/// Everything of a session runs on one io_context, which one thread runs: the concrete executor
/// spares the type erasure of asio::any_io_executor on every operation.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

/// Timer is a session's own; limits of time are a Deadline's.
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// Task is a coroutine on a session's thread.
template <class T = void>
using Task = asio::awaitable<T, Executor>;

/// kUseTask makes an operation awaitable and gives its error as a value: `auto [error] = co_await
/// ...`.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kUseTask{};

}  // namespace visavis::proxy

#include "proxy/backend_dial.h"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <memory>

namespace visavis::proxy {
namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
using Endpoint = asio::ip::tcp::endpoint;

namespace tcp_note = inspect::tcp_note;

std::string_view note_of(const error_code& error) {
  if (error == asio::error::connection_refused) return tcp_note::kRefused;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable)
    return tcp_note::kNoRoute;
  if (error == asio::error::timed_out) return tcp_note::kNoAnswer;
  return tcp_note::kFailed;
}

/// What connect(2) and socket(2) say of our own machine, before a segment has left it: descriptors,
/// memory, ports or the address family used up or missing, or a local rule that forbids it.
bool is_our_own(const error_code& error) {
  constexpr int kOwn[] = {EMFILE,       ENFILE, ENOBUFS, ENOMEM,    EADDRNOTAVAIL,
                          EAFNOSUPPORT, EACCES, EPERM,   EADDRINUSE};
  return error.category() == boost::system::system_category() &&
         std::find(std::begin(kOwn), std::end(kOwn), error.value()) != std::end(kOwn);
}

std::string describe(const error_code& error, const std::string& address) {
  const std::string_view note = note_of(error);
  if (note == tcp_note::kRefused) return "connection refused by " + address;
  if (note == tcp_note::kNoRoute) return "no route to " + address;
  if (note == tcp_note::kNoAnswer) return "no answer from " + address;
  return address + ": " + error.message();
}

using Results = Resolver::results_type;

/// Lookup outlives the session that waits for it: nothing ends getaddrinfo early, so a limit that
/// passes leaves it behind.
struct Lookup {
  explicit Lookup(Executor executor)
      : resolver(executor), over(executor, std::chrono::steady_clock::time_point::max()) {}
  Resolver resolver;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      over;  ///< cancelled when there is a result, or no more time
  error_code error;
  Results results;
};

Task<std::vector<Endpoint>> resolve(Executor executor, const HostPort& backend, Deadline& deadline,
                                    error_code& error) {
  std::vector<Endpoint> endpoints;
  error_code not_literal;
  const auto literal = asio::ip::make_address(backend.host, not_literal);
  if (!not_literal) {
    endpoints.emplace_back(literal, backend.port);
    co_return endpoints;
  }
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->resolver.async_resolve(backend.host, std::to_string(backend.port),
                                 [lookup](error_code failure, const Results& results) {
                                   lookup->error = failure;
                                   lookup->results = results;
                                   lookup->over.cancel();
                                 });
  deadline.on_expiry = [lookup] { lookup->over.cancel(); };
  (void)co_await lookup->over.async_wait(kUseTask);
  deadline.on_expiry = nullptr;
  error = lookup->error;
  for (const auto& result : lookup->results) endpoints.push_back(result.endpoint());
  co_return endpoints;
}

}  // namespace

Task<Dialled> dial_backend(Executor executor, const HostPort& backend, Deadline& deadline) {
  Dialled dialled{.socket = Socket(executor), .error = {}, .what = {}, .address = {}};
  const auto endpoints = co_await resolve(executor, backend, deadline, dialled.error);
  deadline.on_expiry = nullptr;
  if (endpoints.empty() || dialled.error) {
    if (!dialled.error) dialled.error = asio::error::host_not_found;
    dialled.what = "the name '" + backend.host + "' has no address: " + dialled.error.message();
    if (is_our_own(dialled.error))
      dialled.blamed = inspect::Party::proxy;
    else
      dialled.note = tcp_note::kNameUnknown;
  }
  for (const Endpoint& endpoint : endpoints) {
    if (deadline.expired) break;
    error_code ignored;
    dialled.socket.close(ignored);
    dialled.address = to_string(HostPort{endpoint.address().to_string(), endpoint.port()});
    deadline.on_expiry = [&dialled] {
      error_code none;
      dialled.socket.cancel(none);
    };
    std::tie(dialled.error) = co_await dialled.socket.async_connect(endpoint, kUseTask);
    deadline.on_expiry = nullptr;
    if (!dialled.error) break;
    dialled.what = describe(dialled.error, dialled.address);
    dialled.note = note_of(dialled.error);
    dialled.blamed = is_our_own(dialled.error) ? inspect::Party::proxy : inspect::Party::backend;
  }
  if (deadline.expired) {
    dialled.error = asio::error::timed_out;
    dialled.what = "no answer from " +
                   (dialled.address.empty() ? to_string(backend) : dialled.address) +
                   " within the dial time-out";
    // A name server that keeps silent says nothing of the backend.
    dialled.note = dialled.address.empty() ? tcp_note::kFailed : tcp_note::kNoAnswer;
    dialled.blamed = inspect::Party::backend;
  }
  if (deadline.stopped) {
    dialled.what = "the proxy was stopped";
    dialled.note = tcp_note::kFailed;
    dialled.blamed = inspect::Party::proxy;
  }
  if (!dialled.error) {
    error_code ignored;
    dialled.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    dialled.socket.non_blocking(true, ignored);
  }
  co_return dialled;
}

}  // namespace visavis::proxy

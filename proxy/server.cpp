#include "proxy/server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <stdexcept>
#include <thread>
#include <vector>

#include "proxy/connect_gate.h"
#include "proxy/passthrough_session.h"
#include "proxy/port_holder.h"
#include "proxy/session.h"

namespace visavis::proxy {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Endpoint = asio::ip::tcp::endpoint;

Endpoint resolve_listen_address(asio::io_context& context, const HostPort& listen) {
  error_code error;
  const auto literal = asio::ip::make_address(listen.host, error);
  if (!error) return {literal, listen.port};
  asio::ip::tcp::resolver resolver(context);
  const auto results = resolver.resolve(listen.host, std::to_string(listen.port), error);
  if (error || results.empty())
    throw std::runtime_error("can't listen on " + to_string(listen) + ": the name '" + listen.host +
                             "' has no address");
  return results.begin()->endpoint();
}

template <class AnySession>
Task<void> run_session(std::unique_ptr<AnySession> session) {
  co_await session->run();
}

Task<void> session_task(ThreadServices& services, Socket socket,
                        std::unique_ptr<const ConnectTunnel> tunnel) {
  if (services.shared.options.mode == Mode::passthrough)
    return run_session(
        std::make_unique<PassthroughSession>(services, std::move(socket), std::move(tunnel)));
  return run_session(std::make_unique<Session>(services, std::move(socket), std::move(tunnel)));
}

Task<std::unique_ptr<const ConnectTunnel>> open_tunnel(ThreadServices& services, Socket& socket) {
  ConnectGate gate(services, socket);
  co_return co_await gate.open();
}

/// --connect: the session begins inside the tunnel.
Task<void> run_tunnelled(ThreadServices& services, Socket socket) {
  auto tunnel = co_await open_tunnel(services, socket);
  if (!tunnel) co_return;
  Task<void> session = session_task(services, std::move(socket), std::move(tunnel));
  co_await std::move(session);
}

/// A session ends with an exception only when our own library fails: said, and the next one goes
/// on.
void report_exception(std::exception_ptr exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    spdlog::error("a session was given up: {}", error.what());
  }
}

}  // namespace

struct Server::Worker {
  asio::io_context context{1};  // one thread runs it: no locks inside
  asio::executor_work_guard<Executor> work{context.get_executor()};
  ThreadServices services;

  explicit Worker(Services& shared) : services(shared, context.get_executor()) {}
};

class Server::Implementation {
 public:
  explicit Implementation(Services& services) {
    for (unsigned i = 0; i < std::max(1U, services.options.threads); ++i)
      workers_.push_back(std::make_unique<Worker>(services));
    listen(services.options.listen);
    // Before anyone is told that we listen: whoever ends us from then on finds us prepared.
    signals_.emplace(workers_.front()->context, SIGINT, SIGTERM);
  }

  [[nodiscard]] std::string address() const {
    const Endpoint endpoint = acceptor_->local_endpoint();
    return to_string(HostPort{endpoint.address().to_string(), endpoint.port()});
  }

  void run() {
    signals_->async_wait([this](error_code error, int) {
      error_code ignored;
      signals_->clear(ignored);  // whoever can't wait for the end asks a second time
      if (!error) stop();
    });
    serve();
  }

  void serve() {
    accept_next();
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i)
      threads.emplace_back([&context = workers_[i]->context] { context.run(); });
    workers_.front()->context.run();
    for (std::thread& thread : threads) thread.join();
  }

  void stop_from_elsewhere() {
    asio::post(workers_.front()->context, [this] { stop(); });
  }

 private:
  void listen(const HostPort& address) {
    asio::io_context& context = workers_.front()->context;
    const Endpoint endpoint = resolve_listen_address(context, address);
    acceptor_.emplace(context.get_executor());
    error_code error;
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(4096, error);
    if (!error) return;
    std::string who;
    if (error == asio::error::address_in_use)
      who = port_holder_text(endpoint.address().to_string(), endpoint.port());
    if (error == asio::error::access_denied && endpoint.port() < 1024)
      who = "; ports below 1024 are root's, or need CAP_NET_BIND_SERVICE";
    if (error == boost::system::errc::address_not_available)
      who = "; no interface of this machine has this address";
    throw std::runtime_error("can't listen on " + to_string(address) + ": " + error.message() +
                             who);
  }

  void accept_next() {
    Worker& worker = *workers_[next_worker_++ % workers_.size()];
    acceptor_->async_accept(
        worker.context.get_executor(), [this, &worker](error_code error, Socket socket) {
          if (error == asio::error::operation_aborted) return;
          if (error) return pause_accepting(error);
          asio::dispatch(worker.context, [&worker, moved = std::move(socket)]() mutable {
            start_session(worker, std::move(moved));
          });
          accept_next();
        });
  }

  /// Out of file descriptors, mostly: the next try comes when some may have been given back.
  void pause_accepting(const error_code& error) {
    spdlog::warn("can't accept a connection: {}", error.message());
    auto timer = std::make_shared<asio::steady_timer>(workers_.front()->context, Milliseconds(100));
    timer->async_wait([this, timer](error_code) {
      if (acceptor_->is_open()) accept_next();
    });
  }

  static void start_session(Worker& worker, Socket socket) {
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    ThreadServices& services = worker.services;
    Task<void> session = services.shared.options.connect
                             ? run_tunnelled(services, std::move(socket))
                             : session_task(services, std::move(socket), nullptr);
    asio::co_spawn(worker.context.get_executor(), std::move(session), report_exception);
  }

  void stop() {
    error_code ignored;
    acceptor_->close(ignored);
    for (auto& worker : workers_)
      asio::post(worker->context, [&worker = *worker] {
        worker.services.watchdog.expire_all();
        worker.work.reset();
      });
  }

  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Acceptor> acceptor_;
  std::optional<asio::signal_set> signals_;
  std::size_t next_worker_ = 0;
};

Server::Server(Services& services) : implementation_(std::make_unique<Implementation>(services)) {}
Server::~Server() = default;
std::string Server::address() const { return implementation_->address(); }
void Server::run() { implementation_->run(); }
void Server::serve() { implementation_->serve(); }
void Server::stop() { implementation_->stop_from_elsewhere(); }

}  // namespace visavis::proxy

#pragma once
#include <functional>
#include <memory>
#include <string>

#include "proxy/services.h"

namespace visavis::proxy {

/// Server accepts connections and runs their sessions, one io_context a thread; one acceptor hands
/// the sockets round-robin, and a session stays on its thread.
class Server {
 public:
  /// Listens at once. Throws std::runtime_error, one line that names the address, when it can't.
  explicit Server(Services& services);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// address returns "ip:port", the port that the system chose where 0 was asked for.
  [[nodiscard]] std::string address() const;

  /// run serves until SIGINT or SIGTERM, then ends the sessions in flight, each with its report.
  void run();
  /// serve is run without an eye on signals: until `stop`, which any thread may call.
  void serve();
  void stop();

 private:
  struct Worker;
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace visavis::proxy

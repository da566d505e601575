#pragma once
#include <boost/json/value.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/clients.h"

namespace visavis::testing {

/// Session is one session of the log, as JSON; read it by pointer: at_pointer("/verdict/class").
using Session = boost::json::value;

/// ProxyProcess is `visavis proxy` on a port of its own, with a CA of its own and a log. Options
/// are added to those; a test's certificates are trusted with {"--trust", root}.
class ProxyProcess {
 public:
  explicit ProxyProcess(std::vector<std::string> options);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] std::filesystem::path ca_certificate() const;
  /// visit is how a client gets to us, and trusts our CA.
  [[nodiscard]] Visit visit() const { return {port_, ca_certificate()}; }

  /// sessions waits until the log has `count` sessions, in the order in which they ended; throws
  /// when they do not come, or when there are more.
  [[nodiscard]] std::vector<Session> sessions(std::size_t count,
                                              Milliseconds limit = kPatience) const;
  /// session is the last of `count` sessions.
  [[nodiscard]] Session session(std::size_t count = 1) const { return sessions(count).back(); }
  [[nodiscard]] std::string log_text() const;

  /// stop sends SIGINT and returns the exit code.
  [[nodiscard]] int stop();

 private:
  TemporaryDirectory folder_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
};

/// visavis runs the program to its end.
[[nodiscard]] Ran visavis(std::vector<std::string> words);

}  // namespace visavis::testing

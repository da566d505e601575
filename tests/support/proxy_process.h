#pragma once
#include <boost/json/value.hpp>

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/clients.h"

namespace visavis::testing {

/// Session is one session of the log, as JSON; read it by pointer: at_pointer("/verdict/class").
using Session = boost::json::value;

/// Mode is what visavis does with a connection: it ends the TLS, or passes the bytes on.
enum class Mode { terminate, passthrough };
inline constexpr Mode kBothModes[] = {Mode::terminate, Mode::passthrough};
[[nodiscard]] std::string name(Mode mode);
void PrintTo(Mode mode, std::ostream* out);

/// Among a proxy's options: it captures nothing. For tests that measure the program.
inline const std::string kNotReadBack = "(not read back)";

/// ProxyProcess is `visavis proxy` on a port of its own, with a CA of its own and a log. Options
/// are added to those; a test's certificates are trusted with {"--trust", root}.
///
/// It captures what passes, with secrets, unless options say how to capture. With the object the
/// program is ended, if that was not done before, and every session of the log must be the same as
/// the one that `visavis read` makes of the capture (read_back.h).
class ProxyProcess {
 public:
  explicit ProxyProcess(std::vector<std::string> options);
  /// In front of one backend, whose root is trusted. A client that visits us in passthrough trusts
  /// that root, too: it gets to see the backend's own certificate.
  ProxyProcess(Mode mode, const Backend& backend, const Credentials& credentials,
               std::vector<std::string> more = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] std::filesystem::path ca_certificate() const;
  /// visit is how a client gets to us, and trusts what it will be shown.
  [[nodiscard]] Visit visit() const { return {port_, trusted_}; }

  /// sessions waits until the log has `count` sessions, in the order in which they ended; throws
  /// when they do not come, or when there are more.
  [[nodiscard]] std::vector<Session> sessions(std::size_t count,
                                              Milliseconds limit = kPatience) const;
  /// sessions_as_begun has them in the order in which they began.
  [[nodiscard]] std::vector<Session> sessions_as_begun(std::size_t count) const;
  /// session is the last of `count` sessions.
  [[nodiscard]] Session session(std::size_t count = 1) const { return sessions(count).back(); }
  [[nodiscard]] std::string log_text() const;

  /// stop sends SIGINT and returns the exit code.
  [[nodiscard]] int stop();

 private:
  TemporaryDirectory folder_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
  std::filesystem::path trusted_;
  std::shared_ptr<void> read_back_;  // compares when it goes: before process and folder
};

/// visavis_program is the path of the program under test: this build's, or what the environment
/// variable VISAVIS_PROGRAM names, such as one with sanitizers.
[[nodiscard]] std::string visavis_program();

/// visavis runs the program to its end.
[[nodiscard]] Ran visavis(std::vector<std::string> words);

}  // namespace visavis::testing

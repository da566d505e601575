#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/test_certificates.h"

namespace visavis::testing {

using Milliseconds = std::chrono::milliseconds;

/// kPatience is how long a peer may take for what it does at once on an idle machine. A test that
/// waits so long has failed.
inline constexpr Milliseconds kPatience{10'000};

/// wait_until asks `done` again and again, every few milliseconds, until it says true or `limit`
/// has passed; it returns the last answer.
template <class Question>
[[nodiscard]] bool wait_until(Question done, Milliseconds limit = kPatience);

/// Command is a program with its arguments, what it gets on stdin (nothing: /dev/null), and
/// NAME=VALUE pairs beside a small fixed environment.
struct Command {
  std::vector<std::string> words;
  std::string input = "";
  std::vector<std::string> environment = {};
};

/// Process is a program that runs in a process group of its own, stdout and stderr going to files.
/// With the object, or with the test itself, the whole group is killed.
class Process {
 public:
  /// Throws std::runtime_error when there is no such program: a missing peer fails the test.
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  /// output and errors are what it has written so far.
  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;

  /// wait_for returns the rest of the first line of stdout or stderr that begins with `start`;
  /// throws with all that was said when the process ends or `limit` passes before.
  [[nodiscard]] std::string wait_for(std::string_view start, Milliseconds limit = kPatience);

  void signal(int number) const;
  /// wait returns the exit code, 128 + N after signal N; nothing when it still runs after `limit`.
  std::optional<int> wait(Milliseconds limit = kPatience);
  [[nodiscard]] bool runs() { return !wait(Milliseconds(0)); }
  /// resident_kib is its resident memory.
  [[nodiscard]] long resident_kib() const;
  /// open_files counts its descriptors, sockets included.
  [[nodiscard]] std::size_t open_files() const;

 private:
  TemporaryDirectory folder_;
  std::string name_;
  pid_t id_ = -1;
  std::optional<int> exit_code_;
};

/// Ran is a program that has ended.
struct Ran {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

/// run waits for the program's end; throws std::runtime_error when it takes longer than `limit`.
[[nodiscard]] Ran run(const Command& command, Milliseconds limit = kPatience);

/// python returns the words that start a script of tests/support with the system's Python.
[[nodiscard]] std::vector<std::string> python(std::string_view script,
                                              std::vector<std::string> arguments = {});

/// java returns the words that start a program of tests/support on the JVM, TLS 1.0 and 1.1 on.
[[nodiscard]] std::vector<std::string> java(std::string_view program,
                                            std::vector<std::string> arguments = {});

/// whole_text returns a file's bytes; empty when there is no such file.
[[nodiscard]] std::string whole_text(const std::filesystem::path& file);

void pause_briefly();

template <class Question>
bool wait_until(Question done, Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= end) return done();
    pause_briefly();
  }
  return true;
}

}  // namespace visavis::testing

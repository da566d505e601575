#include "proxy/client_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace visavis::proxy {
namespace {

using Clock = std::chrono::steady_clock;

/// A file descriptor that is closed with its scope.
class File {
 public:
  explicit File(int number = -1) : number_(number) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void set(int number) {
    close();
    number_ = number;
  }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// While it lives, SIGINT and SIGTERM wait to be read from `file` instead of ending this process:
/// the command would stay behind.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    file_.set(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~HeldSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  [[nodiscard]] int file() const { return file_.number(); }
  [[nodiscard]] const sigset_t& before() const { return before_; }
  [[nodiscard]] bool came() const {
    signalfd_siginfo signal;
    return ::read(file_.number(), &signal, sizeof signal) > 0;
  }

 private:
  sigset_t before_{};
  File file_;
};

std::string_view name_of(const std::string& word) {
  return std::string_view(word).substr(0, word.find('='));
}

/// This process's environment with the words put over it.
std::vector<std::string> environment_with(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string word = *each;
    bool replaced = false;
    for (const std::string& ours : words) replaced = replaced || name_of(ours) == name_of(word);
    if (!replaced) all.push_back(word);
  }
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// Returns 0 or the error number.
int spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
          int output, const sigset_t& mask, pid_t& child) {
  std::vector<std::string> words = command;
  std::vector<std::string> variables = environment_with(environment);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // ignored here, which a command would inherit
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawnp(&child, words.front().c_str(), &files, &attributes,
                                   pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

/// Takes what is there. False: the other end is closed.
bool take_output(int file, std::string& output) {
  std::array<char, 4096> bytes;
  const ssize_t count = ::read(file, bytes.data(), bytes.size());
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  const std::size_t room = ClientRun::kMaxOutputBytes - output.size();
  output.append(bytes.data(), std::min(static_cast<std::size_t>(count), room));
  return count > 0;
}

void note_end(int status, ClientRun& run) {
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) run.signal = WTERMSIG(status);
}

/// Waits for the child's end. The process's descriptor wakes us; its output may be held open by a
/// grandchild for longer, and is not waited for.
void wait_for_end(pid_t child, int process, const File& output, const HeldSignals& signals,
                  Milliseconds limit, ClientRun& run) {
  const auto end = Clock::now() + limit;
  std::array<pollfd, 3> files{pollfd{process, POLLIN, 0}, pollfd{signals.file(), POLLIN, 0},
                              pollfd{output.number(), POLLIN, 0}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    run.timed_out = left <= 0;
    run.interrupted = signals.came();
    if (run.timed_out || run.interrupted) break;
    if (::poll(files.data(), files.size(), static_cast<int>(std::min<long>(left, 60'000))) < 0)
      continue;
    if (files[2].revents != 0 && !take_output(output.number(), run.output)) files[2].fd = -1;
    if (files[0].revents != 0) break;
  }
  if (run.timed_out || run.interrupted) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  ::kill(-child, SIGKILL);  // what it left behind
  if (!run.timed_out && !run.interrupted) note_end(status, run);
  while (files[2].fd >= 0 && ::poll(&files[2], 1, 0) > 0 &&
         take_output(output.number(), run.output))
    continue;
}

}  // namespace

ClientRun run_client(const std::vector<std::string>& command,
                     const std::vector<std::string>& environment, Milliseconds limit) {
  ClientRun run;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    run.problem = std::string("no pipe for the command's output: ") + std::strerror(errno);
    return run;
  }
  const File output(ends[0]);
  File input(ends[1]);
  ::fcntl(output.number(), F_SETFL, O_NONBLOCK);
  const HeldSignals signals;
  pid_t child = 0;
  const int error = spawn(command, environment, input.number(), signals.before(), child);
  input.close();
  if (error != 0) {
    run.problem = "can't run '" + command.front() + "': " + std::strerror(error);
    return run;
  }
  const File process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  wait_for_end(child, process.number(), output, signals, limit, run);
  const double seconds = static_cast<double>(limit.count()) / 1000;
  if (run.timed_out)
    run.problem = "'" + command.front() + "' did not end within " +
                  std::to_string(static_cast<long>(seconds)) + " s, and was stopped (--timeout)";
  if (run.interrupted) run.problem = "'" + command.front() + "' was stopped with visavis";
  if (run.signal)
    run.problem = "'" + command.front() + "' was ended by signal " + std::to_string(*run.signal) +
                  " (" + ::strsignal(*run.signal) + ")";
  return run;
}

}  // namespace visavis::proxy

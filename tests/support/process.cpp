#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace visavis::testing {
namespace {

/// What a peer may know of this machine's settings: proxies, CA bundles, key logs and
/// ~/.curlrc of the account that runs the tests must not change what a test means.
std::vector<std::string> environment_of(const Command& command, const std::string& home) {
  std::vector<std::string> variables{"HOME=" + home, "LC_ALL=C", "PYTHONDONTWRITEBYTECODE=1"};
  for (const char* name : {"PATH", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                           "TSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH", "LLVM_PROFILE_FILE"})
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + '=' + value);
  variables.insert(variables.end(), command.environment.begin(), command.environment.end());
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

int open_file(const std::string& file, int flags) {
  const int opened = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
  if (opened < 0) throw std::runtime_error("can't open " + file);
  return opened;
}

/// Runs between fork and exec: nothing here may allocate or lock.
[[noreturn]] void become(char* const* words, char* const* variables, const int (&streams)[3],
                         int failed, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (int i = 0; i < 3; ++i) ::dup2(streams[i], i);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(words[0], words, variables);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(failed, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

void pause_briefly() { std::this_thread::sleep_for(Milliseconds(3)); }

Process::Process(const Command& command) : name_(command.words.at(0)) {
  const std::string folder = folder_.path().string();
  if (!command.input.empty()) (void)folder_.write("input", command.input);
  const int streams[3] = {
      open_file(command.input.empty() ? "/dev/null" : folder + "/input", O_RDONLY),
      open_file(folder + "/output", O_WRONLY | O_CREAT | O_APPEND),
      open_file(folder + "/errors", O_WRONLY | O_CREAT | O_APPEND)};
  std::vector<std::string> words = command.words;
  std::vector<std::string> variables = environment_of(command, folder);
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> variable_pointers = pointers(variables);
  int failed[2];
  if (::pipe2(failed, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ == 0) become(word_pointers.data(), variable_pointers.data(), streams, failed[1], parent);
  for (const int stream : streams) ::close(stream);
  ::close(failed[1]);
  int error = 0;
  const bool started = id_ > 0 && ::read(failed[0], &error, sizeof error) == 0;
  ::close(failed[0]);
  if (id_ > 0) ::setpgid(id_, id_);  // whichever of the two comes first
  if (started) return;
  if (id_ > 0) ::waitpid(id_, nullptr, 0);
  throw std::runtime_error("can't start " + name_ + ": is it installed?");
}

Process::~Process() {
  ::kill(-id_, SIGKILL);  // children that outlive it included
  ::waitpid(id_, nullptr, 0);
}

std::string Process::output() const { return whole_text(folder_.path() / "output"); }
std::string Process::errors() const { return whole_text(folder_.path() / "errors"); }

std::string Process::wait_for(std::string_view start, Milliseconds limit) {
  std::optional<std::string> rest;
  const auto found_in = [&](const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      if (end == std::string::npos) return false;  // the line is not whole yet
      const std::string_view line = std::string_view(text).substr(at, end - at);
      if (line.starts_with(start)) {
        rest = line.substr(start.size());
        return true;
      }
      at = end + 1;
    }
    return false;
  };
  bool ended = false;
  (void)wait_until(
      [&] {
        ended = !runs();  // asked before the last look: what it said in the end counts
        return found_in(output()) || found_in(errors()) || ended;
      },
      limit);
  if (rest) return *rest;
  throw std::runtime_error(name_ + (ended ? " ended" : " said nothing") + " before a line with '" +
                           std::string(start) + "':\n" + output() + errors());
}

void Process::signal(int number) const {
  if (!exit_code_) ::kill(id_, number);
}

std::optional<int> Process::wait(Milliseconds limit) {
  if (exit_code_) return exit_code_;
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  if (handle < 0) throw std::runtime_error("no handle of " + name_);
  pollfd ended{handle, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, static_cast<int>(limit.count()));
  } while (ready < 0 && errno == EINTR);
  ::close(handle);
  if (ready <= 0) return std::nullopt;
  // Left unreaped until the destructor: the number of the group can't become somebody else's.
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOWAIT);
  exit_code_ = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  return exit_code_;
}

long Process::resident_kib() const {
  const std::string status = whole_text("/proc/" + std::to_string(id_) + "/status");
  const std::size_t at = status.find("VmRSS:");
  if (at == std::string::npos) throw std::runtime_error(name_ + " has no memory: it has ended");
  return std::atol(status.c_str() + at + 6);
}

std::size_t Process::open_files() const {
  std::size_t count = 0;
  const std::filesystem::path folder = "/proc/" + std::to_string(id_) + "/fd";
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

Ran run(const Command& command, Milliseconds limit) {
  Process process(command);
  const std::optional<int> code = process.wait(limit);
  if (code) return {*code, process.output(), process.errors()};
  std::string all;
  for (const std::string& word : command.words) all += word + ' ';
  throw std::runtime_error("still running: " + all + '\n' + process.output() + process.errors());
}

std::vector<std::string> python(std::string_view script, std::vector<std::string> arguments) {
  std::vector<std::string> words{"/usr/bin/python3", "-u",
                                 VISAVIS_SOURCE_DIR "/tests/support/" + std::string(script)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::vector<std::string> java(std::string_view program, std::vector<std::string> arguments) {
  // What makes a short life shorter: no second compiler, no threads that collect garbage.
  std::vector<std::string> words{"java",
                                 "-XX:TieredStopAtLevel=1",
                                 "-XX:+UseSerialGC",
                                 "-Djava.security.properties=" VISAVIS_SOURCE_DIR
                                 "/tests/support/old_tls.security",
                                 "-cp",
                                 VISAVIS_JAVA_CLASSES,
                                 std::string(program)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string whole_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace visavis::testing

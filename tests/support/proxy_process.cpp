#include "tests/support/proxy_process.h"

#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace visavis::testing {

namespace {

std::vector<std::string> options_of(Mode mode, const Backend& backend,
                                    const Credentials& credentials, std::vector<std::string> more) {
  std::vector<std::string> options{"--backend", backend.address(), "--trust",
                                   credentials.root.string()};
  if (mode == Mode::passthrough) options.insert(options.end(), {"--mode", "passthrough"});
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace

std::string name(Mode mode) { return mode == Mode::terminate ? "terminate" : "passthrough"; }
void PrintTo(Mode mode, std::ostream* out) { *out << name(mode); }

ProxyProcess::ProxyProcess(Mode mode, const Backend& backend, const Credentials& credentials,
                           std::vector<std::string> more)
    : ProxyProcess(options_of(mode, backend, credentials, std::move(more))) {
  if (mode == Mode::passthrough) trusted_ = credentials.root;
}

ProxyProcess::ProxyProcess(std::vector<std::string> options) {
  const std::string folder = folder_.path().string();
  const std::string ready_file = folder + "/ready";
  std::vector<std::string> words{
      visavis_program(), "proxy",   "--listen", "127.0.0.1:0",  "--ready-file", ready_file, "--log",
      folder + "/log",   "--quiet", "--ca-dir", folder + "/ca", "--threads",    "2"};
  // A twin is a connection of its own at the backend: tests that mean it ask for it.
  if (std::find(options.begin(), options.end(), "--twin") == options.end())
    words.insert(words.end(), {"--twin", "never"});
  words.insert(words.end(), options.begin(), options.end());
  // AddressSanitizer keeps freed memory aside; the limits on the proxy's memory mean its own.
  process_ = std::make_unique<Process>(Command{words, "", {"ASAN_OPTIONS=quarantine_size_mb=1"}});
  std::string address;
  const bool ready = wait_until([&] {
    address = whole_text(ready_file);
    return !address.empty() || !process_->runs();
  });
  if (!ready || address.empty())
    throw std::runtime_error("visavis does not start:\n" + process_->errors());
  port_ = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
  trusted_ = ca_certificate();
}

std::filesystem::path ProxyProcess::ca_certificate() const {
  return folder_.path() / "ca" / "ca.pem";
}

std::string ProxyProcess::log_text() const { return whole_text(folder_.path() / "log"); }

std::vector<Session> ProxyProcess::sessions(std::size_t count, Milliseconds limit) const {
  std::vector<Session> sessions;
  const bool there = wait_until(
      [&] {
        sessions.clear();
        std::istringstream lines(log_text());
        for (std::string line; std::getline(lines, line) && !lines.eof();)
          sessions.push_back(boost::json::parse(line));
        return sessions.size() >= count;
      },
      limit);
  if (there && sessions.size() == count) return sessions;
  throw std::runtime_error(std::to_string(sessions.size()) + " sessions in the log instead of " +
                           std::to_string(count) + "\n" + process_->errors());
}

std::vector<Session> ProxyProcess::sessions_as_begun(std::size_t count) const {
  std::vector<Session> all = sessions(count);
  std::stable_sort(all.begin(), all.end(), [](const Session& left, const Session& right) {
    return left.at("started").as_string() < right.at("started").as_string();
  });
  return all;
}

int ProxyProcess::stop() {
  process_->signal(SIGINT);
  const auto code = process_->wait();
  if (!code) throw std::runtime_error("visavis does not end");
  return *code;
}

std::string visavis_program() {
  const char* const other = std::getenv("VISAVIS_PROGRAM");
  return other == nullptr ? VISAVIS_PROGRAM : other;
}

Ran visavis(std::vector<std::string> words) {
  // compare runs its client several times, and a JVM takes seconds to start on a busy machine.
  constexpr Milliseconds kSeveralRuns{40'000};
  words.insert(words.begin(), visavis_program());
  return run({std::move(words), "", {}}, kSeveralRuns);
}

}  // namespace visavis::testing

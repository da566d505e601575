#include "tests/support/proxy_process.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include "tests/support/read_back.h"

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

namespace {

/// What the reader must be told, too: whom to trust decides its findings.
constexpr std::array<std::string_view, 3> kOfReaderToo{"--trust", "--crl", "--intermediates"};
/// With these the proxy captures otherwise, or does what no capture shows.
constexpr std::array<std::string_view, 3> kNoReadBack{"--capture", "--keylog", "--fetch-aia"};
/// Without any of these it is the demonstration, whose root nobody trusts but itself.
constexpr std::array<std::string_view, 3> kGoesTo{"--backend", "--route", "--connect"};

bool is_in(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Nothing was said on any leg, so that there is nothing to capture; or who said it was not known
/// any more: a client that resets at once leaves a socket without addresses.
bool is_silent(const Session& session) {
  if (session.at("client").as_string().empty()) return true;
  for (const char* name : {"client_leg", "backend_leg", "direct_leg"})
    if (const auto* leg = session.at(name).if_object())
      if (leg->at("records_total") != 0 || !leg->at("raw").at("c2s").as_string().empty())
        return false;
  return true;
}

/// ReadBack holds the log of a proxy against its capture when it goes.
class ReadBack {
 public:
  ReadBack(Process& process, std::filesystem::path folder, const std::vector<std::string>& options)
      : process_(process), folder_(std::move(folder)) {
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (is_in(kOfReaderToo, options[i]))
        words_.insert(words_.end(), {options[i], options[i + 1]});
      if (options[i] == "--log-queries") words_.push_back(options[i]);
    }
  }
  ReadBack(const ReadBack&) = delete;
  ReadBack& operator=(const ReadBack&) = delete;
  ~ReadBack() {
    try {
      compare();
    } catch (const std::exception& error) {
      ADD_FAILURE() << "the capture was not read back: " << error.what();
    }
  }

 private:
  void compare() {
    if (process_.runs()) process_.signal(SIGINT);
    const auto code = process_.wait();
    if (!code) throw std::runtime_error("visavis does not end");
    constexpr int kKilled = 128 + SIGKILL;
    if (*code == kKilled) return;  // the test's own doing
    EXPECT_LT(*code, 128) << "visavis died of a signal";
    std::vector<std::string> words{"read", "--json"};
    words.insert(words.end(), words_.begin(), words_.end());
    words.push_back((folder_ / "capture.pcapng").string());
    const Ran ran = visavis(words);
    if (ran.exit_code > 1) throw std::runtime_error(ran.errors);
    const auto document = boost::json::parse(ran.output);
    std::map<std::string, const Session*> read;
    for (const Session& session : document.at("sessions").as_array())
      read[std::string(session.at("id").as_string())] = &session;
    std::istringstream lines(whole_text(folder_ / "log"));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      const Session live = boost::json::parse(line);
      const std::string id(live.at("id").as_string());
      const auto found = read.find(id);
      if (found == read.end() && is_silent(live)) continue;
      ++count;
      if (found == read.end())
        ADD_FAILURE() << "session " << id << " of " << live.at("client")
                      << " is not in the capture";
      else
        for (const std::string& difference : read_back_differences(live, *found->second))
          ADD_FAILURE() << "session " << id << difference;
    }
    EXPECT_EQ(document.at("sessions").as_array().size(), count) << "sessions in the capture";
  }

  Process& process_;
  std::filesystem::path folder_;
  std::vector<std::string> words_;
};

/// In passthrough there are no secrets of ours.
bool passes_through(const std::vector<std::string>& options) {
  return is_in(options, "passthrough");
}

bool is_read_back(const std::vector<std::string>& options) {
  const auto has = [&](std::string_view word) { return is_in(options, word); };
  return !has(kNotReadBack) && std::none_of(kNoReadBack.begin(), kNoReadBack.end(), has) &&
         std::any_of(kGoesTo.begin(), kGoesTo.end(), has);
}

}  // namespace

ProxyProcess::ProxyProcess(std::vector<std::string> options) {
  const std::string folder = folder_.path().string();
  const std::string ready_file = folder + "/ready";
  std::vector<std::string> words{
      visavis_program(), "proxy",   "--listen", "127.0.0.1:0",  "--ready-file", ready_file, "--log",
      folder + "/log",   "--quiet", "--ca-dir", folder + "/ca", "--threads",    "2"};
  // A twin is a connection of its own at the backend: tests that mean it ask for it.
  if (std::find(options.begin(), options.end(), "--twin") == options.end())
    words.insert(words.end(), {"--twin", "never"});
  if (is_read_back(options)) {
    words.insert(words.end(), {"--capture", folder + "/capture.pcapng"});
    if (!passes_through(options)) words.push_back("--secrets");
  }
  std::copy_if(options.begin(), options.end(), std::back_inserter(words),
               [](const std::string& option) { return option != kNotReadBack; });
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
  if (is_read_back(options))
    read_back_ = std::make_shared<ReadBack>(*process_, folder_.path(), options);
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

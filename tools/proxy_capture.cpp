#include "tools/proxy_capture.h"

#include <charconv>
#include <csignal>
#include <iostream>
#include <limits>

namespace visavis::tools {
namespace {

void refuse(const std::string& problem) { throw std::runtime_error(problem); }

/// SIZE:COUNT.
void parse_rotation(const std::string& word, proxy::CaptureOptions& options) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos) refuse("'" + word + "' is not SIZE:COUNT, such as 100M:5");
  options.rotate_bytes = parse_size(std::string_view(word).substr(0, colon));
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data() + colon + 1, end, options.rotate_files);
  constexpr unsigned kMaxFiles = 10'000;
  if (error != std::errc() || stop != end || options.rotate_files < 1 ||
      options.rotate_files > kMaxFiles)
    refuse("'" + word + "': COUNT is a number of files from 1 to 10000");
  if (options.rotate_bytes < proxy::CaptureFile::kMinRotateBytes)
    refuse("'" + word + "': a file must hold 128K at least, which is the largest packet");
}

/// The first word that goes with --capture only; empty: none is given.
std::string given_without_file(const CaptureWords& words) {
  if (words.secrets) return "--secrets";
  if (words.handshakes_only) return "--handshakes-only";
  if (!words.limit.empty()) return "--capture-limit";
  if (!words.rotate.empty()) return "--capture-rotate";
  return words.snap_session.empty() ? "" : "--snap-session";
}

}  // namespace

std::uint64_t parse_size(std::string_view word) {
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, number);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  unsigned shift = 0;
  if (unit == "K" || unit == "k") shift = 10;
  if (unit == "M" || unit == "m") shift = 20;
  if (unit == "G" || unit == "g") shift = 30;
  if (error != std::errc() || (shift == 0 && !unit.empty()) || number == 0 ||
      number > std::numeric_limits<std::uint64_t>::max() >> (shift + 1))
    refuse("'" + std::string(word) + "' is no size: bytes, or a number with K, M or G");
  return number << shift;
}

proxy::CaptureOptions capture_options(const ProxyWords& words) {
  const CaptureWords& capture = words.capture;
  if (capture.file.empty()) {
    const std::string given = given_without_file(capture);
    if (!given.empty()) refuse(given + ": goes with --capture, which names the file");
  }
  const bool wants_secrets = capture.secrets || !capture.key_log.empty();
  if (words.mode == "passthrough" && wants_secrets)
    refuse(std::string(capture.secrets ? "--secrets" : "--keylog") +
           ": goes with --mode terminate; in passthrough client and backend keep their secrets");
  proxy::CaptureOptions options;
  options.file = capture.file;
  options.secrets = capture.secrets;
  options.handshakes_only = capture.handshakes_only;
  options.key_log = capture.key_log;
  options.version = VISAVIS_VERSION;
  const auto size = [](const char* option, const std::string& word) {
    std::optional<std::uint64_t> bytes;
    if (!word.empty()) bytes = parse_option(option, word, parse_size);
    return bytes;
  };
  options.limit = size("--capture-limit", capture.limit);
  options.snap_session = size("--snap-session", capture.snap_session);
  if (!capture.rotate.empty())
    parse_option("--capture-rotate", capture.rotate, [&](const std::string& word) {
      parse_rotation(word, options);
      return true;
    });
  return options;
}

/// Null when nothing is to be written down. A file that reached the limit of its size is an error
/// of the write, not the end of the process.
std::unique_ptr<proxy::Capture> open_capture(const ProxyWords& words) {
  proxy::CaptureOptions options = capture_options(words);
  if (options.file.empty() && options.key_log.empty()) return nullptr;
  std::signal(SIGXFSZ, SIG_IGN);
  return std::make_unique<proxy::Capture>(std::move(options));
}

void say_capture(const proxy::CaptureOptions& options) {
  if (!options.file.empty())
    std::cerr << "capture " << options.file
              << (options.secrets
                      ? " with the secrets that decrypt it: who has the file reads all\n"
                      : "\n");
  if (!options.key_log.empty())
    std::cerr << "key log " << options.key_log << ": who has it reads all that was captured\n";
}

void add_capture(CLI::App& command, CaptureWords& words) {
  command
      .add_option("--capture", words.file,
                  "write what passes on the wire, encrypted as it is, into this pcapng file; one "
                  "that is there is overwritten")
      ->type_name("FILE");
  command.add_flag("--secrets", words.secrets,
                   "with the secrets in it, so that whoever has the file can decrypt it");
  command.add_flag("--handshakes-only", words.handshakes_only,
                   "of application data only the records' headers are captured");
  command
      .add_option("--snap-session", words.snap_session,
                  "capture so much of each direction of a connection: bytes, or with K, M, G")
      ->type_name("SIZE");
  command.add_option("--capture-limit", words.limit, "then the capture ends; the proxy goes on")
      ->type_name("SIZE");
  command
      .add_option("--capture-rotate", words.rotate,
                  "begin a new file at this size; so many are kept: FILE, and FILE with .1, .2 "
                  "before its ending")
      ->type_name("SIZE:COUNT");
  command
      .add_option("--keylog", words.key_log,
                  "add the secrets of all connections to this file, as SSLKEYLOGFILE has them")
      ->type_name("FILE");
}

}  // namespace visavis::tools

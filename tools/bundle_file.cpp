#include "tools/bundle_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace visavis::tools {
namespace {

namespace fs = std::filesystem;
using Words = inspect::Redaction::Words;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Where the user's files are. That of root says nothing.
Words home_directories() {
  Words words;
  const passwd* const user = ::getpwuid(::getuid());
  for (std::string home : {variable("HOME"), std::string(user == nullptr ? "" : user->pw_dir)}) {
    while (home.ends_with('/')) home.pop_back();
    if (!home.empty() && home != "/root") words.emplace_back(home, "~");
  }
  return words;
}

/// Who and where we are, as words that may stand on a command line.
Words names_of_machine() {
  Words words = home_directories();
  const passwd* const user = ::getpwuid(::getuid());
  for (const std::string& name :
       {variable("USER"), variable("LOGNAME"), std::string(user == nullptr ? "" : user->pw_name)})
    if (!name.empty() && name != "root") words.emplace_back(name, "USER");
  utsname system{};
  if (::uname(&system) == 0 && std::strlen(system.nodename) > 0 &&
      std::strcmp(system.nodename, "localhost") != 0)
    words.emplace_back(system.nodename, "HOST");
  return words;
}

/// A word of the command line with its folders and passwords left out. Split policies have a slash,
/// too.
std::string told(const std::string& word, bool password) {
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
  if (equals != std::string::npos)
    return word.substr(0, equals + 1) +
           told(word.substr(equals + 1), word.substr(0, equals).ends_with("-pass"));
  if (password || word.starts_with("pass:")) return "***";
  if (word == "1/n-1" || word == "0/n" || word.find("://") != std::string::npos) return word;
  const std::size_t name = word.rfind('/');
  if (name == std::string::npos) return word;
  const std::size_t before = word.find('=');  // NAME=FILE
  const bool named = before < word.find('/');
  return (named ? word.substr(0, before + 1) : "") + word.substr(name + 1);
}

std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string words{std::istreambuf_iterator<char>(file), {}};
  std::string line;
  bool password = false;
  for (std::size_t at = 0; at < words.size();) {
    const std::string word = words.substr(at, words.find('\0', at) - at);
    line += (line.empty() ? "" : " ") + told(word, password);
    password = word.ends_with("-pass");
    at += word.size() + 1;
  }
  return line;
}

std::string system_line() {
  utsname system{};
  if (::uname(&system) != 0) return "not known";
  return std::string(system.sysname) + " " + system.release + ", " + system.machine;
}

}  // namespace

void add_bundle_contents(CLI::App& command, BundleWords& words) {
  command.add_flag("--include-secrets", words.include_secrets,
                   "with the secrets that decrypt the bundle's capture: nothing in there is "
                   "masked then that was encrypted");
  command.add_flag("--mask-addresses", words.mask_addresses,
                   "the addresses of clients and of the proxy are masked, too");
}

inspect::BundleOptions bundle_options(const BundleWords& words) {
  inspect::BundleOptions options;
  if (RAND_bytes(options.key.data(), static_cast<int>(options.key.size())) != 1)
    throw std::runtime_error("no random numbers can be had to mask with");
  options.include_secrets = words.include_secrets;
  options.mask_addresses = words.mask_addresses;
  options.private_words = home_directories();
  options.now_s = std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
  return options;
}

std::string environment_text(const std::vector<std::string>& facts) {
  std::string text = "visavis " VISAVIS_VERSION "\n";
  text += std::string(OpenSSL_version(OPENSSL_VERSION)) + "\n";
  text += "system: " + system_line() + "\n";
  text += "command line: " + command_line() + "\n";
  text += "system's trust store: " + std::string(X509_get_default_cert_dir()) + "\n";
  text +=
      "our TLS library, at its security level 0, speaks TLS 1.0 to 1.3: no SSL 2.0 or 3.0, no "
      "export and no RC4 suites\n";
  for (const std::string& fact : facts) text += fact + "\n";
  for (const auto& [word, instead] : names_of_machine()) inspect::replace_all(text, word, instead);
  return text;
}

std::string file_label(const std::string& file) { return fs::path(file).filename().string(); }

void check_bundle_file(const char* option, const std::string& file) {
  const auto refuse = [&](const std::string& why) {
    throw std::runtime_error(std::string(option) + ": " + file + ": " + why);
  };
  std::error_code error;
  if (fs::is_directory(file, error)) refuse("it is a directory");
  const fs::path folder = fs::absolute(file, error).parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    refuse(std::string("its directory: ") + std::strerror(errno));
}

std::string left_out_words(std::uint64_t count) {
  if (count == 0) return {};
  return "; " + std::to_string(count) +
         " more than a bundle holds are left out, first those that did not fail";
}

void write_bundle(const std::string& file, const std::string& archive) {
  const std::string unfinished = file + ".tmp";
  const auto refuse = [&] {
    const std::string why = std::strerror(errno);
    (void)::unlink(unfinished.c_str());
    throw std::runtime_error(file + ": " + why);
  };
  const int out =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (out < 0) refuse();
  std::size_t done = 0;
  while (done < archive.size()) {
    const ssize_t count = ::write(out, archive.data() + done, archive.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  const bool closed = ::close(out) == 0;
  if (done < archive.size() || !closed || std::rename(unfinished.c_str(), file.c_str()) != 0)
    refuse();
}

}  // namespace visavis::tools

#include "tools/output_files.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "tools/proxy_capture.h"

namespace visavis::tools {
namespace {

namespace fs = std::filesystem;

bool is_shareable(const std::string& file) {
  std::error_code error;
  const fs::file_status what = fs::status(file, error);
  return fs::exists(what) && !fs::is_regular_file(what);
}

/// One name for all that lead to the same place; the file itself need not be there.
std::string place_of(const std::string& file) {
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(file, error), error);
  return error ? file : place.string();
}

/// Two names of the same file that no path tells of: hard links.
bool are_linked(const std::string& one, const std::string& other) {
  std::error_code error;
  return fs::equivalent(one, other, error) && !error;
}

[[noreturn]] void refuse(const NamedFile& one, const NamedFile& other) {
  throw std::runtime_error(one.option + ": " + one.file + " is the " + other.option +
                           " file; one would destroy the other");
}

void add(std::vector<NamedFile>& files, const char* option, const std::vector<std::string>& names) {
  for (const std::string& name : names) files.push_back({option, name});
}

/// "NAME=FILE" or "FILE".
std::string file_of_trust(const std::string& word) {
  std::error_code error;
  const std::size_t equals = word.find('=');
  return equals == std::string::npos || fs::exists(word, error) ? word : word.substr(equals + 1);
}

}  // namespace

void refuse_shared_files(const std::vector<NamedFile>& written,
                         const std::vector<NamedFile>& read) {
  std::vector<NamedFile> others;  // `read`, and those of `written` that were checked
  for (const NamedFile& each : read)
    if (!each.file.empty()) others.push_back(each);
  for (const NamedFile& each : written) {
    if (each.file.empty() || is_shareable(each.file)) continue;
    const std::string place = place_of(each.file);
    for (const NamedFile& other : others)
      if (place_of(other.file) == place || are_linked(each.file, other.file)) refuse(each, other);
    others.push_back(each);
  }
}

void refuse_shared_files(const ProxyWords& words) {
  std::vector<NamedFile> read;
  for (const std::string& word : words.trust) read.push_back({"--trust", file_of_trust(word)});
  add(read, "--crl", words.crls);
  add(read, "--cert", words.served.certificates);
  add(read, "--key", words.served.keys);
  add(read, "--client-cert", words.client.certificates);
  add(read, "--client-key", words.client.keys);
  add(read, "--ca-cert", {words.ca_certificate});
  add(read, "--ca-key", {words.ca_key});
  std::vector<NamedFile> written{{"--log", words.log},
                                 {"--ready-file", words.ready_file},
                                 {"--keylog", words.capture.key_log},
                                 {"--har", words.har},
                                 {"--bundle-on-exit", words.bundle.file},
                                 {"--capture", words.capture.file}};
  refuse_shared_files(written, read);
  // A rotation renames the capture onto these, whatever is there.
  const proxy::CaptureOptions capture = capture_options(words);
  if (capture.rotate_files < 2) return;
  written.pop_back();
  std::set<std::string> rotated;
  for (unsigned number = 1; number < capture.rotate_files; ++number)
    rotated.insert(place_of(proxy::CaptureFile::rotated_name(capture.file, number).string()));
  written.insert(written.end(), read.begin(), read.end());
  for (const NamedFile& each : written)
    if (!each.file.empty() && rotated.count(place_of(each.file)) > 0)
      throw std::runtime_error("--capture-rotate: " + each.file + " is the " + each.option +
                               " file; the capture would be renamed onto it");
}

}  // namespace visavis::tools

#include "proxy/client_words.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace visavis::proxy {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

Values values_of(const ClientPlace& place) {
  const std::string address = place.listener.host;
  const std::string port = std::to_string(place.listener.port);
  const std::string host = place.name.empty() ? address : place.name;
  const HostPort named{host, place.listener.port};
  return {{"{host}", host},
          {"{port}", port},
          {"{url}", "https://" + to_string(named) + "/"},
          {"{address}", address},
          {"{resolve}", host + ":" + port + ":" + address},
          {"{ca}", place.ca_file.string()}};
}

/// What is put in is not looked at again: a name may hold braces.
std::string filled(const std::string& word, const Values& values) {
  std::string text;
  for (std::size_t i = 0; i < word.size();) {
    const std::string* value = nullptr;
    std::size_t taken = 1;
    for (const auto& [mark, with] : values) {
      if (word.compare(i, mark.size(), mark) != 0) continue;
      value = &with;
      taken = mark.size();
    }
    if (value != nullptr)
      text += *value;
    else
      text += word[i];
    i += taken;
  }
  return text;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("can't write " + file.string());
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// The settings that curl would have read without us.
std::string own_curlrc() {
  for (const char* name : {"CURL_HOME", "XDG_CONFIG_HOME", "HOME"}) {
    const std::string folder = variable(name);
    if (folder.empty()) continue;
    const bool config = std::string_view(name) == "XDG_CONFIG_HOME";
    const std::string text =
        text_of(std::filesystem::path(folder) / (config ? "curlrc" : ".curlrc"));
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace

std::vector<std::string> fill_words(const std::vector<std::string>& command,
                                    const ClientPlace& place) {
  const Values values = values_of(place);
  std::vector<std::string> words;
  words.reserve(command.size());
  for (const std::string& word : command) words.push_back(filled(word, values));
  return words;
}

std::vector<std::string> client_environment(const ClientPlace& place) {
  if (place.name.empty() || is_address(place.name)) return {};
  const std::string curl =
      "resolve = \"" + fill_words({"{resolve}"}, place).front() + "\"\n" + own_curlrc();
  write(place.folder / ".curlrc", curl);
  const std::filesystem::path hosts = place.folder / "hosts";
  write(hosts, place.listener.host + " " + place.name + "\n");
  std::string java = variable("JDK_JAVA_OPTIONS");
  java += (java.empty() ? "" : " ") + std::string("-Djdk.net.hosts.file=") + hosts.string();
  return {"CURL_HOME=" + place.folder.string(), "JDK_JAVA_OPTIONS=" + java};
}

}  // namespace visavis::proxy

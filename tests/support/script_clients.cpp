// Clients that say what they saw as one line of JSON a visit.
#include <boost/json.hpp>

#include <sstream>
#include <stdexcept>

#include "tests/support/clients.h"

namespace visavis::testing {
namespace {

Spoken spoken_of(const boost::json::value& found) {
  const auto text = [&found](const char* key) {
    const boost::json::value* value = found.as_object().if_contains(key);
    return value == nullptr || value->is_null() ? std::string() : std::string(value->as_string());
  };
  Spoken spoken;
  spoken.errors = text("error");
  spoken.exit_code = spoken.errors.empty() ? 0 : 1;
  spoken.version = version_number(text("version"));
  spoken.suite = suite_name(text("cipher"));
  spoken.group = text("group");
  spoken.alpn = text("alpn");
  spoken.body = text("body");
  return spoken;
}

/// One process that reads the calls from stdin; the clock runs for each of them.
std::vector<Spoken> run_all(std::vector<std::string> words, const std::vector<std::string>& lines) {
  std::string input;
  for (const std::string& line : lines) input += line + '\n';
  const Ran ran = run({std::move(words), input, {"OPENSSL_CONF=/dev/null"}},
                      kPatience * (1 + static_cast<int>(lines.size())));
  std::vector<Spoken> spoken;
  std::istringstream answers(ran.output);
  for (std::string line; std::getline(answers, line);)
    spoken.push_back(spoken_of(boost::json::parse(line)));
  if (ran.exit_code != 0 || spoken.size() != lines.size())
    throw std::runtime_error("not every visit was made:\n" + ran.output + ran.errors);
  return spoken;
}

Spoken run_script(const std::string& script, const Visit& visit,
                  const std::vector<std::string>& options) {
  std::vector<std::string> arguments{
      "--port", std::to_string(visit.port), "--name", visit.host, "--path", visit.path};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Ran ran = run({python(script, arguments), "", {"OPENSSL_CONF=/dev/null"}});
  if (ran.exit_code != 0) throw std::runtime_error(script + ": " + ran.errors);
  Spoken spoken = spoken_of(boost::json::parse(ran.output));
  spoken.body = body_of(spoken.body);
  return spoken;
}

}  // namespace

std::string call_line(const Call& call) {
  std::string line = "port=" + std::to_string(call.visit.port) +
                     " ca=" + call.visit.trusted.string() + " name=" + call.visit.host +
                     " path=" + call.visit.path + " versions=";
  for (const Version& version : call.versions)
    line += (version == call.versions.front() ? "" : ",") + version;
  if (!call.alpn.empty()) line += " alpn=" + call.alpn;
  return line;
}

std::vector<Spoken> node_client(const std::vector<std::string>& lines) {
  return run_all({"node", VISAVIS_SOURCE_DIR "/tests/support/tls_client.js"}, lines);
}

std::vector<Spoken> java_client(const std::vector<std::string>& lines) {
  return run_all(java("TlsClient"), lines);
}

Spoken python_client(const Visit& visit, std::vector<std::string> options) {
  options.insert(options.begin(), {"--ca", visit.trusted.string()});
  return run_script("tls_client.py", visit, options);
}

Spoken unsorting_client(const Visit& visit, std::vector<std::string> options) {
  options.insert(options.begin(), {"--ca", visit.trusted.string()});
  return run_script("unsorting_client.py", visit, options);
}

Spoken odd_client(const Visit& visit, std::vector<std::string> options) {
  return run_script("odd_client.py", visit, options);
}

}  // namespace visavis::testing

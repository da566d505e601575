#include "tests/support/comparisons.h"

#include <boost/json/parse.hpp>

#include <stdexcept>

namespace visavis::testing {
namespace {

Compared compared_by(const std::vector<std::string>& words) {
  const Ran ran = visavis(words);
  Compared compared;
  compared.exit_code = ran.exit_code;
  compared.errors = ran.errors;
  boost::system::error_code error;
  compared.document = boost::json::parse(ran.output, error);
  if (error) compared.document = nullptr;
  return compared;
}

}  // namespace

std::vector<std::string> Compared::connections() const {
  std::vector<std::string> lines;
  for (const auto& connection : document.at("connections").as_array())
    lines.push_back(std::string(connection.at_pointer("/verdict/class").as_string()) + " by " +
                    std::string(connection.at("matched_by").as_string()));
  return lines;
}

std::vector<std::string> Compared::unmatched() const {
  std::vector<std::string> lines;
  for (const auto& session : document.at("unmatched").as_array())
    lines.push_back(std::string(session.at("end").as_string()) + " " +
                    std::string(session.at("id").as_string()));
  return lines;
}

std::vector<std::string> Compared::runs() const {
  std::vector<std::string> lines;
  for (const auto& run : document.at("runs").as_array()) {
    std::string line(run.at("name").as_string());
    line += run.at("ok").as_bool() ? ": ok" : ": failed";
    if (run.at("exit_code").is_int64())
      line += " " + std::to_string(run.at("exit_code").as_int64());
    lines.push_back(line);
  }
  return lines;
}

const Session& Compared::session(const std::string& name) const {
  for (const auto& run : document.at("runs").as_array())
    if (run.at("name").as_string() == name) return run.at("session");
  throw std::runtime_error("no run " + name);
}

std::vector<std::string> Compared::differing() const {
  std::vector<std::string> aspects;
  for (const auto& difference : document.at("differences").as_array())
    aspects.emplace_back(difference.at("aspect").as_string());
  return aspects;
}

std::string Compared::text(const std::string& pointer) const { return word(document, pointer); }

Compared compare(const std::string& target, std::vector<std::string> options,
                 const std::vector<std::string>& command) {
  const TemporaryDirectory folder;
  std::vector<std::string> words{"compare", target, "--json", "--ca-dir",
                                 (folder.path() / "ca").string()};
  words.insert(words.end(), options.begin(), options.end());
  if (!command.empty()) words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return compared_by(words);
}

Compared compare_files(const std::filesystem::path& first, const std::filesystem::path& second,
                       const std::vector<std::string>& options) {
  std::vector<std::string> words{"compare", first.string(), second.string(), "--json"};
  words.insert(words.end(), options.begin(), options.end());
  return compared_by(words);
}

}  // namespace visavis::testing

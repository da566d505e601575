#include "tools/saved_sessions.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "inspect/report/json_reader.h"

namespace visavis::tools {
namespace {

struct Place {
  std::string file;
  std::string id;  ///< empty: the last session
};

/// A file whose own name holds a # is taken as it is.
Place place_of(const std::string& word) {
  std::error_code ignored;
  const std::size_t mark = word.rfind('#');
  if (mark == std::string::npos || std::filesystem::exists(word, ignored)) return {word, {}};
  return {word.substr(0, mark), word.substr(mark + 1)};
}

}  // namespace

bool is_saved_session(const std::string& word) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(place_of(word).file, ignored);
}

inspect::SessionReport saved_session(const std::string& word) {
  const Place place = place_of(word);
  std::ifstream stream(place.file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + place.file);
  std::optional<inspect::SessionReport> found;
  std::string line;
  std::size_t number = 0;
  std::size_t sessions = 0;
  while (std::getline(stream, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::string problem;
    auto session = inspect::read_session_json(line, &problem);
    if (!session)
      throw std::runtime_error(place.file + " line " + std::to_string(number) + ": " + problem);
    ++sessions;
    if (place.id.empty() || session->id == place.id) found = std::move(session);
  }
  if (!found)
    throw std::runtime_error(place.file + (place.id.empty()
                                               ? " holds no session"
                                               : " holds no session with the id " + place.id));
  if (place.id.empty() && sessions > 1)
    spdlog::info("{} holds {} sessions: the last one is taken ({}#ID takes another)", place.file,
                 sessions, place.file);
  return std::move(*found);
}

}  // namespace visavis::tools

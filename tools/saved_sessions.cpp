#include "tools/saved_sessions.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "inspect/report/json_reader.h"
#include "inspect/report/text_capture.h"
#include "tools/captured_reports.h"
#include "tools/key_log_files.h"

namespace visavis::tools {
namespace {

struct Place {
  std::string file;
  std::string id;  ///< empty: all sessions
};

/// A file whose own name holds a # is taken as it is.
Place place_of(const std::string& word) {
  std::error_code ignored;
  const std::size_t mark = word.rfind('#');
  if (mark == std::string::npos || std::filesystem::exists(word, ignored)) return {word, {}};
  return {word.substr(0, mark), word.substr(mark + 1)};
}

/// Kept collects the sessions that are wanted, the last ones of too many.
class Kept {
 public:
  Kept(const Place& place, SavedSessions& saved) : place_(place), saved_(saved) {}

  void take(inspect::SessionReport session) {
    if (!place_.id.empty() && session.id != place_.id) return;
    auto& sessions = saved_.sessions;
    if (place_.id.empty() && sessions.size() < kMaxSavedSessions)
      return sessions.push_back(std::move(session));
    if (sessions.empty()) sessions.emplace_back();
    if (!place_.id.empty()) {
      sessions.front() = std::move(session);  // the last one with the id
      return;
    }
    sessions[oldest_] = std::move(session);
    oldest_ = (oldest_ + 1) % kMaxSavedSessions;
    ++saved_.left_out;
  }

  void finish() {
    auto& sessions = saved_.sessions;
    std::rotate(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(oldest_),
                sessions.end());
  }

 private:
  const Place& place_;
  SavedSessions& saved_;
  std::size_t oldest_ = 0;
};

/// A log's lines are JSON objects. What is neither that nor a capture is named by the capture's
/// reader.
bool is_log(std::ifstream& stream) {
  stream >> std::ws;
  const int first = stream.peek();
  stream.clear();
  stream.seekg(0);
  return first == std::ifstream::traits_type::eof() || first == '{';
}

void read_log(std::ifstream& stream, const Place& place, Kept& kept) {
  std::string line;
  std::size_t number = 0;
  while (std::getline(stream, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::string problem;
    auto session = inspect::read_session_json(line, &problem);
    if (!session)
      throw std::runtime_error(place.file + " line " + std::to_string(number) + ": " + problem);
    kept.take(std::move(*session));
  }
}

}  // namespace

bool SavedSessionReader::is_file(const std::string& word) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(place_of(word).file, ignored);
}

SavedSessions SavedSessionReader::read(const std::string& word) const {
  const Place place = place_of(word);
  std::ifstream stream(place.file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + place.file);
  SavedSessions saved;
  saved.file = place.file;
  saved.chosen = !place.id.empty();
  Kept kept(place, saved);
  if (is_log(stream)) {
    read_log(stream, place, kept);
  } else {
    const proxy::ProxyOptions options;
    CapturedReports reports(stores_, options);
    reports.mark_streams();
    read_key_logs(reports.secrets(), key_logs_);
    saved.problem = reports.read(
        {place.file}, [&kept](const inspect::SessionReport& session) { kept.take(session); });
  }
  kept.finish();
  if (saved.sessions.empty()) {
    if (saved.problem) throw std::runtime_error(inspect::problem_line(*saved.problem));
    throw std::runtime_error(place.file + (place.id.empty()
                                               ? " holds no session"
                                               : " holds no session with the id " + place.id));
  }
  return saved;
}

}  // namespace visavis::tools

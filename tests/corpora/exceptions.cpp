#include "tests/corpora/exceptions.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace visavis::corpora {
namespace {

namespace json = boost::json;

template <class List, class Item>
bool holds(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool covers(const Exception& exception, const Difference& difference) {
  return exception.file == difference.file && holds(exception.streams, difference.stream) &&
         (holds(exception.fields, difference.field) || holds(exception.fields, "*"));
}

/// What an entry names without need.
std::vector<std::string> unused_of(const Exception& exception,
                                   const std::vector<Difference>& differences) {
  std::vector<std::string> unused;
  const auto needed = [&](const auto& condition) {
    return std::any_of(differences.begin(), differences.end(), [&](const Difference& difference) {
      return covers(exception, difference) && condition(difference);
    });
  };
  for (const std::int64_t stream : exception.streams)
    if (!needed([&](const Difference& difference) { return difference.stream == stream; }))
      unused.push_back(exception.file + ": stream " + std::to_string(stream));
  for (const std::string& field : exception.fields)
    if (field != "*" &&
        !needed([&](const Difference& difference) { return difference.field == field; }))
      unused.push_back(exception.file + ": field " + field);
  return unused;
}

}  // namespace

std::vector<Exception> read_exceptions(const std::filesystem::path& file) {
  std::ifstream stream(file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  std::vector<Exception> exceptions;
  const json::value list = json::parse(text);
  for (const json::value& value : list.as_array()) {
    const json::object& entry = value.as_object();
    Exception exception;
    exception.file = entry.at("file").as_string();
    exception.reason = entry.at("reason").as_string();
    exception.streams = json::value_to<std::vector<std::int64_t>>(entry.at("streams"));
    exception.fields = json::value_to<std::vector<std::string>>(entry.at("fields"));
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

Excused apply_exceptions(const std::vector<Exception>& exceptions,
                         const std::vector<Difference>& differences,
                         const std::vector<std::string>& files) {
  Excused excused;
  for (const Difference& difference : differences) {
    const bool known =
        std::any_of(exceptions.begin(), exceptions.end(),
                    [&](const Exception& exception) { return covers(exception, difference); });
    if (!known) excused.unexplained.push_back(difference);
  }
  for (const Exception& exception : exceptions) {
    if (!holds(files, exception.file)) continue;
    ++excused.applied;
    for (std::string& unused : unused_of(exception, differences))
      excused.unused.push_back(std::move(unused));
  }
  return excused;
}

}  // namespace visavis::corpora

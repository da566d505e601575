#include "tools/capture_parts.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "inspect/capture/capture_reader.h"

namespace visavis::tools {
namespace {

/// Only regular files can be looked into before they are read.
std::optional<inspect::CapturePart> part_of(const std::string& file) {
  std::error_code ignored;
  if (file == "-" || !std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  try {
    inspect::ByteStream stream{std::filesystem::path(file)};
    inspect::CaptureReader reader(stream);
    inspect::CapturedPacket first;
    (void)reader.next(first);
    return reader.part();
  } catch (const inspect::FileError&) {
    return std::nullopt;  // who reads it says so
  }
}

struct Part {
  inspect::CapturePart part;
  std::string file;
};

}  // namespace

std::vector<std::vector<std::string>> put_together(const std::vector<std::string>& files) {
  std::vector<std::optional<inspect::CapturePart>> parts;
  std::map<std::string, std::vector<Part>> captures;
  for (const std::string& file : files) {
    parts.push_back(files.size() > 1 ? part_of(file) : std::nullopt);
    if (parts.back()) captures[parts.back()->capture].push_back({*parts.back(), file});
  }
  std::vector<std::vector<std::string>> together;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!parts[i]) {
      together.push_back({files[i]});
      continue;
    }
    std::vector<Part> capture = std::exchange(captures[parts[i]->capture], {});
    std::stable_sort(capture.begin(), capture.end(), [](const Part& left, const Part& right) {
      return left.part.number < right.part.number;
    });
    for (std::size_t k = 0; k < capture.size(); ++k) {
      if (k == 0 || !capture[k - 1].part.goes_on_in(capture[k].part)) together.emplace_back();
      together.back().push_back(capture[k].file);
    }
  }
  return together;
}

}  // namespace visavis::tools

#include "inspect/codepoint/name.h"

#include <mutex>
#include <unordered_set>

namespace visavis::inspect {

std::string_view Name::intern(std::string_view text) {
  if (text.empty()) return {};
  static std::mutex mutex;
  static std::unordered_set<std::string> names;  // its nodes never move
  const std::lock_guard lock(mutex);
  return *names.emplace(text).first;
}

}  // namespace visavis::inspect

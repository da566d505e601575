#include "inspect/http/request_target.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// A target may be as long as a header section, and is kept for every exchange that is listed.
constexpr std::size_t kMaxListedTargetBytes = 2048;
constexpr std::string_view kMask = "***";

void append_masked_query(std::string& shown, std::string_view query) {
  while (true) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view part = query.substr(0, end);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos) shown.append(part.substr(0, equals + 1));
    if (!part.empty()) shown.append(kMask);
    if (end == query.size()) return;
    shown.push_back(query[end]);
    query.remove_prefix(end + 1);
  }
}

/// Cut after `most` bytes, and marked as cut.
std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  text.resize(most);
  return text.append("...");
}

std::string printable(std::string_view text, unsigned char first = 0x21) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string shown;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= first && byte < 0x7f) {
      shown.push_back(character);
    } else {
      shown.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return shown;
}

}  // namespace

std::string listed_target(std::string_view target, bool log_queries) {
  const std::size_t path = target.find('?');
  std::string shown;
  if (log_queries || path == std::string_view::npos) {
    shown = target.substr(0, kMaxListedTargetBytes + 1);
  } else {
    shown = target.substr(0, path + 1);
    append_masked_query(shown, target.substr(path + 1));
  }
  shown = printable(std::string_view(shown).substr(0, kMaxListedTargetBytes + 1));
  return shortened(std::move(shown), kMaxListedTargetBytes);
}

std::optional<std::string> listed_host(std::string_view host) {
  if (host.empty()) return std::nullopt;
  return shortened(printable(host.substr(0, limits::kMaxListedHostBytes + 1)),
                   limits::kMaxListedHostBytes);
}

std::optional<std::string> listed_media_type(std::string_view content_type) {
  if (content_type.empty()) return std::nullopt;
  return shortened(printable(content_type.substr(0, limits::kMaxListedHostBytes + 1), ' '),
                   limits::kMaxListedHostBytes);
}

}  // namespace visavis::inspect

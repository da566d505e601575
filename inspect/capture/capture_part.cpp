#include "inspect/capture/capture_part.h"

#include <charconv>

namespace visavis::inspect {
namespace {

constexpr std::string_view kFile = "file ";
constexpr std::string_view kOf = " of the rotated capture ";

}  // namespace

std::string text(const CapturePart& part) {
  return std::string(kFile) + std::to_string(part.number) + std::string(kOf) + part.capture;
}

std::optional<CapturePart> parse_capture_part(std::string_view comment) {
  if (!comment.starts_with(kFile)) return std::nullopt;
  comment.remove_prefix(kFile.size());
  CapturePart part;
  const char* const end = comment.data() + comment.size();
  const auto [rest, error] = std::from_chars(comment.data(), end, part.number);
  if (error != std::errc{} || part.number == 0) return std::nullopt;
  comment.remove_prefix(static_cast<std::size_t>(rest - comment.data()));
  if (!comment.starts_with(kOf)) return std::nullopt;
  part.capture = comment.substr(kOf.size());
  if (part.capture.empty() || part.capture.size() > kMaxCaptureIdBytes) return std::nullopt;
  return part;
}

}  // namespace visavis::inspect

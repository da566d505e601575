#pragma once
#include <optional>
#include <vector>

#include "inspect/codepoint/code_point.h"
#include "inspect/handshake/extension.h"

namespace visavis::inspect {

/// code_points turns numbers of the wire into those of a report.
template <class T>
std::vector<CodePoint> code_points(const std::vector<T>& values) {
  std::vector<CodePoint> points;
  points.reserve(values.size());
  for (const T value : values) points.push_back(code_point(value));
  return points;
}

template <class T>
std::optional<std::vector<CodePoint>> code_points(const std::optional<std::vector<T>>& values) {
  if (!values) return std::nullopt;
  return code_points(*values);
}

/// extension_types returns what a list of extensions holds.
inline std::vector<CodePoint> extension_types(const std::vector<Extension>& extensions) {
  std::vector<CodePoint> points;
  points.reserve(extensions.size());
  for (const Extension& extension : extensions) points.push_back(code_point(extension.type));
  return points;
}

}  // namespace visavis::inspect

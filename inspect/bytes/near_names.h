#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace visavis::inspect {

/// near_names returns at most `most` of `names` that are like what somebody typed, best first:
/// those that hold it, then those that a few changed letters make equal to it. Only letters and
/// digits count, capital or not: "Java 8" is near java_8u161. Of what was typed the first 64
/// characters are read.
std::vector<std::string_view> near_names(std::string_view typed,
                                         std::span<const std::string_view> names, std::size_t most);

}  // namespace visavis::inspect

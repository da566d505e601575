#pragma once
#include <boost/json/value.hpp>

#include <string>
#include <vector>

namespace visavis::testing {

/// read_back_differences compares the report of a live session with the one that `visavis read`
/// makes of its capture, and returns a line for each field that is not the same; empty: they are
/// equal. What cannot be equal, with its reason, stands in read_back.cpp and nowhere else.
[[nodiscard]] std::vector<std::string> read_back_differences(const boost::json::value& live,
                                                             const boost::json::value& read);

}  // namespace visavis::testing

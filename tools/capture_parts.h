#pragma once
#include <string>
#include <vector>

namespace visavis::tools {

/// put_together returns the files, each by itself; but those of one rotated capture of ours that
/// follow on each other stand together, oldest first, where the first of them was named: they are
/// read as one. What can't be read, or is standard input, is by itself.
std::vector<std::vector<std::string>> put_together(const std::vector<std::string>& files);

}  // namespace visavis::tools

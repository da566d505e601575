#pragma once
#include <string>
#include <vector>

#include "inspect/decrypt/key_log.h"

namespace visavis::tools {

/// read_key_logs adds the --keylog files to `key_log`. One that holds no secrets is a warning on
/// stderr. Throws std::runtime_error, one line with option and file, where a file can't be read.
void read_key_logs(inspect::KeyLog& key_log, const std::vector<std::string>& files);

}  // namespace visavis::tools

#pragma once
#include <string>
#include <vector>

#include "tools/proxy_words.h"

namespace visavis::tools {

/// NamedFile is a file that an option names: "--log", "sessions.jsonl".
struct NamedFile {
  std::string option;
  std::string file;
};

/// refuse_shared_files throws std::runtime_error, one line, when one of `written` is another of
/// them, or one of `read`: by whatever name (links). What is no regular file, such as /dev/null,
/// may be shared, and an empty name is no file.
void refuse_shared_files(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read);

/// refuse_shared_files does so for the files that `visavis proxy` is told of.
void refuse_shared_files(const ProxyWords& words);

}  // namespace visavis::tools

#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "tests/corpora/truth_comparison.h"

namespace visavis::corpora {

/// Exception is a disagreement that is known, with the reason why it is not ours to mend.
struct Exception {
  std::string file;
  std::vector<std::int64_t> streams;
  std::vector<std::string> fields;  ///< "*" is any
  std::string reason;
};

std::vector<Exception> read_exceptions(const std::filesystem::path& file);

/// Excused is a run's differences, sorted out.
struct Excused {
  std::vector<Difference> unexplained;
  std::vector<std::string> unused;  ///< exceptions for one of `files` that nothing needed
  std::size_t applied = 0;          ///< entries that were needed
};

/// apply_exceptions needs every stream and every field of an entry to differ somewhere; entries of
/// files that were not compared are left aside.
Excused apply_exceptions(const std::vector<Exception>& exceptions,
                         const std::vector<Difference>& differences,
                         const std::vector<std::string>& files);

}  // namespace visavis::corpora

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/corpora/exceptions.h"

/// The corpora as oracle: what we read out of real captures equals what others read out of them.
namespace visavis::corpora {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const fs::path kSource = VISAVIS_SOURCE_DIR;

/// What each set held when it was last looked at, so that no run compares less without notice. A
/// changed number needs a reason in the commit that changes it.
constexpr Counts kSmallSet{.files = 20,
                           .files_without_tls = 1,
                           .streams = 21,
                           .streams_with_loss = 0,
                           .other_streams = 1,
                           .client_hellos = 22,
                           .server_hellos = 21,
                           .certificates = 21,
                           .alerts = 12,
                           .handshakes = 109,
                           .records = 276,
                           .fields = 1783,
                           .healthy = 18,
                           .alarms = 5};
constexpr Counts kSharedSet{.files = 265,
                            .files_without_tls = 21,
                            .streams = 1019,
                            .streams_with_loss = 18,
                            .other_streams = 251,
                            .client_hellos = 941,
                            .server_hellos = 914,
                            .certificates = 949,
                            .alerts = 650,
                            .handshakes = 5335,
                            .records = 14337,
                            .fields = 84101,
                            .healthy = 501,
                            .alarms = 94};
constexpr std::size_t kExceptions = 19;

json::value parse_file(const fs::path& file) {
  std::ifstream stream(file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return json::parse(text);
}

std::vector<fs::path> truth_files(const fs::path& set) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(set / "truth"))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void print(const char* name, const Counts& counts, std::size_t exceptions) {
  std::cout << name << ": " << counts.files << " files (" << counts.files_without_tls
            << " without TLS), " << counts.streams << " TLS streams (" << counts.streams_with_loss
            << " with lost bytes), " << counts.other_streams << " other streams, "
            << counts.client_hellos << " ClientHellos, " << counts.server_hellos
            << " ServerHellos, " << counts.certificates << " certificates, " << counts.alerts
            << " alerts, " << counts.handshakes << " handshake messages, " << counts.records
            << " records; " << counts.fields << " fields compared, " << exceptions
            << " exceptions; " << counts.healthy << " healthy streams judged, " << counts.alarms
            << " alarms\n";
}

/// Compares all captures of a set; `piece` as in TruthComparison.
Counts compare_set(const char* name, const fs::path& set, std::size_t piece) {
  TruthComparison comparison;
  std::vector<std::string> names;
  for (const fs::path& file : truth_files(set)) {
    const json::value truth = parse_file(file);
    names.emplace_back(truth.at("file").as_string());
    comparison.compare_file(set / "pcap" / names.back(), truth.as_object(), piece);
  }
  const Excused excused = apply_exceptions(
      read_exceptions(kSource / "tests/corpora/exceptions.json"), comparison.differences(), names);
  for (const Difference& difference : excused.unexplained)
    ADD_FAILURE() << difference.file << ", stream " << difference.stream << ", " << difference.field
                  << ": " << difference.what;
  for (const std::string& unused : excused.unused)
    ADD_FAILURE() << "an exception that nothing needs: " << unused;
  print(name, comparison.counts(), excused.applied);
  return comparison.counts();
}

void expect_counts(const Counts& seen, const Counts& expected) {
  EXPECT_EQ(seen.files, expected.files);
  EXPECT_EQ(seen.files_without_tls, expected.files_without_tls);
  EXPECT_EQ(seen.streams, expected.streams);
  EXPECT_EQ(seen.streams_with_loss, expected.streams_with_loss);
  EXPECT_EQ(seen.other_streams, expected.other_streams);
  EXPECT_EQ(seen.client_hellos, expected.client_hellos);
  EXPECT_EQ(seen.server_hellos, expected.server_hellos);
  EXPECT_EQ(seen.certificates, expected.certificates);
  EXPECT_EQ(seen.alerts, expected.alerts);
  EXPECT_EQ(seen.handshakes, expected.handshakes);
  EXPECT_EQ(seen.records, expected.records);
  EXPECT_EQ(seen.fields, expected.fields);
  EXPECT_EQ(seen.healthy, expected.healthy);
  EXPECT_EQ(seen.alarms, expected.alarms);
}

/// Where the large set is; empty when it is not there. VISAVIS_CORPORA must be right when it is
/// set.
fs::path shared_set() {
  if (const char* directory = std::getenv("VISAVIS_CORPORA")) return directory;
  const fs::path usual = kSource / "../shared/corpora";
  return fs::is_directory(usual / "truth") ? usual : fs::path();
}

TEST(Corpora, TheRepositorysOwnSetEqualsItsTruth) {
  expect_counts(compare_set("own set", kSource / "tests/data/captures", 0), kSmallSet);
}

TEST(Corpora, BytesInPiecesGiveTheSame) {
  compare_set("own set, byte by byte", kSource / "tests/data/captures", 1);
  compare_set("own set, in pieces of 7", kSource / "tests/data/captures", 7);
}

TEST(Corpora, TheSharedSetEqualsItsTruth) {
  const fs::path set = shared_set();
  if (set.empty()) {
    std::cout << "the shared set is not there: the repository's own stands for it\n";
    return;
  }
  expect_counts(compare_set("shared set", set, 0), kSharedSet);
  compare_set("shared set, in pieces of 5", set, 5);
}

TEST(Corpora, ExceptionsAreFewAndGiveAReason) {
  const auto exceptions = read_exceptions(kSource / "tests/corpora/exceptions.json");
  EXPECT_EQ(exceptions.size(), kExceptions);
  for (const Exception& exception : exceptions) {
    EXPECT_TRUE(exception.reason.ends_with('.')) << exception.file;
    EXPECT_FALSE(exception.streams.empty() || exception.fields.empty()) << exception.file;
  }
}

}  // namespace
}  // namespace visavis::corpora

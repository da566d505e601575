#include "inspect/experiment/profiles/client_profiles.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace visavis::inspect {

/// The data file's lines; made by CMake from client_profiles.tsv.
extern const std::string_view kClientProfileLines[];
extern const std::size_t kClientProfileCount;

namespace {

constexpr std::size_t kFields = 7;

ClientProfile profile_of(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (std::string_view& field : fields) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    field = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return {fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]};
}

std::vector<ClientProfile> read_profiles() {
  std::vector<ClientProfile> profiles;
  profiles.reserve(kClientProfileCount);
  for (std::size_t i = 0; i < kClientProfileCount; ++i)
    profiles.push_back(profile_of(kClientProfileLines[i]));
  return profiles;
}

std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

/// The letters and digits alone: "Java 8" means java_8u161.
std::string normalized(std::string_view typed) {
  std::string text;
  for (const char c : typed.substr(0, 64)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text += c;
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Levenshtein's distance: letters put in, left out or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::uint8_t> ClientProfile::hello() const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(hello_hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hello_hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(hello_hex[i]) << 4 | digit(hello_hex[i + 1])));
  return bytes;
}

const std::vector<ClientProfile>& client_profiles() {
  static const std::vector<ClientProfile> profiles = read_profiles();
  return profiles;
}

const ClientProfile* find_profile(std::string_view id) {
  const auto& all = client_profiles();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [id](const ClientProfile& each) { return each.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> near_profiles(std::string_view typed, std::size_t most) {
  const std::string wanted = normalized(typed);
  struct Candidate {
    std::size_t rank;
    std::string_view id;
  };
  std::vector<Candidate> candidates;
  for (const ClientProfile& each : client_profiles()) {
    // Whoever types a part of an id means it more surely than whoever types something similar.
    const std::string id = normalized(each.id);
    const bool holds = !wanted.empty() && id.find(wanted) != std::string::npos;
    const std::size_t rank = holds ? 0 : distance(wanted, id);
    if (holds || rank <= std::max<std::size_t>(2, id.size() / 4))
      candidates.push_back({rank, each.id});
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
  std::vector<std::string_view> ids;
  for (const Candidate& each : candidates) {
    if (ids.size() == most) break;
    ids.push_back(each.id);
  }
  return ids;
}

}  // namespace visavis::inspect

#include "inspect/experiment/profiles/client_profiles.h"

#include <algorithm>
#include <array>

#include "inspect/bytes/near_names.h"

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
  std::vector<std::string_view> ids;
  for (const ClientProfile& each : client_profiles()) ids.push_back(each.id);
  return near_names(typed, ids, most);
}

}  // namespace visavis::inspect

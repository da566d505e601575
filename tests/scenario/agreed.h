#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tests/scenario/story.h"

namespace visavis::testing {

/// agreed lists "LEG: VERSION SUITE" of every leg of the session that came about.
[[nodiscard]] inline std::vector<std::string> agreed(const Session& session) {
  std::vector<std::string> lines;
  for (const std::string leg : {"client_leg", "backend_leg", "direct_leg"}) {
    const std::string established = '/' + leg + "/established";
    const std::string version = word(session, established + "/version/name");
    if (version != "absent")
      lines.push_back(leg + ": " + version + ' ' + word(session, established + "/cipher/name"));
  }
  return lines;
}

/// agreed_by_all is what agreed says where every leg of this mode has this version and suite.
[[nodiscard]] inline std::vector<std::string> agreed_by_all(Mode mode, const std::string& what) {
  std::vector<std::string> lines;
  for (const std::string& leg : legs_of(mode)) lines.push_back(leg + ": " + what);
  return lines;
}

/// expect_data asserts that bytes of the application went both ways (`flowed`), or none at all. A
/// passed connection counts what was passed on: nothing but the handshake's bytes, of which the
/// last are not when the other side has closed already.
inline void expect_data(const Session& session, bool flowed) {
  const bool passed = word(session, "/mode") == "passthrough";
  const std::pair<std::string, std::string> directions[] = {{"c2s", "/bytes/client_to_backend"},
                                                            {"s2c", "/bytes/backend_to_client"}};
  for (const auto& [name, counted] : directions) {
    const std::size_t bytes = std::stoul(word(session, counted));
    const std::size_t raw = word(session, "/direct_leg/raw/" + name).size() / 2;
    const std::size_t handshake = passed ? raw : 0;
    if (flowed)
      EXPECT_GT(bytes, handshake) << counted;
    else
      EXPECT_LE(bytes, handshake) << counted;
  }
}

}  // namespace visavis::testing

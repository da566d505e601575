#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/legs.h"

namespace visavis::testing {

/// Passage is `visavis proxy --mode passthrough` with a witness on either side of it: client ->
/// front -> proxy -> rear -> backend.
struct Passage {
  explicit Passage(std::uint16_t backend, const std::vector<std::string>& options = {})
      : rear(backend), proxy(options_for(rear, options)), front(proxy.port()) {}

  static std::vector<std::string> options_for(const Recorder& rear,
                                              const std::vector<std::string>& more) {
    std::vector<std::string> options{"--mode", "passthrough", "--backend", rear.address()};
    options.insert(options.end(), more.begin(), more.end());
    return options;
  }
  /// expect_untouched asserts that connection `number` had the same bytes and the same ends before
  /// and behind the proxy, and that the session counts them.
  void expect_untouched(int number, const Session& session) const {
    for (const std::string direction : {"c2s", "s2c"}) {
      EXPECT_TRUE(front.bytes(number, direction) == rear.bytes(number, direction)) << direction;
      const bool request = direction == "c2s";
      EXPECT_EQ(word(session, request ? "/bytes/client_to_backend" : "/bytes/backend_to_client"),
                std::to_string(rear.bytes(number, direction).size()));
      // A reset by the other side may overtake this side's end on its way.
      const std::string other = request ? "s2c rst" : "c2s rst";
      if (has_end(front, number, other) || has_end(rear, number, other)) continue;
      EXPECT_EQ(first_end(front, number, direction), first_end(rear, number, direction));
    }
    EXPECT_EQ(word(session, "/mode"), "passthrough");
    EXPECT_EQ(word(session, "/client_leg"), "null");
    EXPECT_EQ(word(session, "/backend_leg"), "null");
    EXPECT_EQ(word(session, "/direct_leg/endpoints/to"), rear.address());
    EXPECT_EQ(word(session, "/backend_address"), rear.address());
    EXPECT_EQ(word(session, "/direct_leg/endpoints/from"), word(session, "/client"));
    EXPECT_EQ(word(session, "/http"), "[]");
  }
  static std::string first_end(const Recorder& recorder, int number, const std::string& direction) {
    for (const std::string& end : recorder.ends(number))
      if (end.starts_with(direction)) return end;
    return "none";
  }
  static bool has_end(const Recorder& recorder, int number, const std::string& end) {
    const auto ends = recorder.ends(number);
    return std::find(ends.begin(), ends.end(), end) != ends.end();
  }

  Recorder rear;
  ProxyProcess proxy;
  Recorder front;
};

}  // namespace visavis::testing

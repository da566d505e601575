#include "inspect/capture/leg_label.h"

#include <gtest/gtest.h>

namespace visavis::inspect {
namespace {

TEST(LegLabels, ReadBackAsTheyAreWritten) {
  for (const LegKind leg : {LegKind::client_leg, LegKind::backend_leg, LegKind::direct_leg})
    for (const bool again : {false, true}) {
      const LegLabel label{"0badcafe-000017", leg, again};
      const auto alone = parse_leg_label(text(label));
      ASSERT_TRUE(alone);
      EXPECT_EQ(alone->label, label);
      EXPECT_FALSE(alone->concluded);
      const auto held = parse_leg_label(text(label) + "; its first bytes came 200 ms before");
      ASSERT_TRUE(held);
      EXPECT_FALSE(held->concluded);
      const auto last = parse_leg_label(text(label) + ": healthy: works");
      ASSERT_TRUE(last);
      EXPECT_EQ(last->label, label);
      EXPECT_TRUE(last->concluded);
      EXPECT_EQ(leg_of_interface(interface_name(leg)), leg);
    }
  EXPECT_EQ(text(LegLabel{"ab-1", LegKind::backend_leg, true}),
            "session ab-1, backend leg (dialled again)");
}

TEST(LegLabels, OfOthersAreNone) {
  const std::string label = text(LegLabel{"0badcafe-000017", LegKind::client_leg, false});
  for (std::size_t length = 0; length < label.size(); ++length)
    EXPECT_FALSE(parse_leg_label(label.substr(0, length))) << length;
  for (const std::string& comment :
       {label + " ", label + "s", std::string("session , client leg"),
        std::string("session AB, client leg"), std::string("session a\nb, client leg"),
        std::string("session ab,client leg"), std::string("session ab, server leg"),
        "session " + std::string(kMaxSessionIdBytes + 1, 'a') + ", client leg"})
    EXPECT_FALSE(parse_leg_label(comment)) << comment;
  EXPECT_TRUE(parse_leg_label("session " + std::string(kMaxSessionIdBytes, 'a') + ", client leg"));
  for (const std::string_view name : {"", "client", "client_leg", "eth0"})
    EXPECT_FALSE(leg_of_interface(name)) << name;
}

}  // namespace
}  // namespace visavis::inspect

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inspect/findings/late_refusal.h"
#include "tests/inspect/judged_session.h"

namespace visavis::inspect {
namespace {

using ::testing::HasSubstr;

constexpr std::uint8_t kData = 23;
// TLS_AES_128_GCM_SHA256: the message, a byte of type and 16 of tag. RFC 8446 5.2.
constexpr std::uint16_t kFinished = 4 + 32 + 17;
constexpr std::uint16_t kEmptyCertificate = 8 + 17;
constexpr std::uint16_t kAlert = 2 + 17;

LegScript passed(const std::vector<std::uint16_t>& client,
                 const std::vector<std::uint16_t>& backend, std::uint16_t version = 0x0304) {
  LegScript leg = LegScript::direct_leg();
  leg.hello({0x1301}, {0x0304}).server_hello(version, 0x1301).established();
  for (const std::uint16_t length : client) {
    leg.record(true, kData, length);
    leg->events.back().length = length;
  }
  for (const std::uint16_t length : backend) {
    leg.record(false, kData, length);
    leg->events.back().length = length;
  }
  leg.close("backend", "fin");
  return leg;
}

std::string found(const LegScript& leg) {
  return line(find_late_refusal(passed_session(leg.leg())));
}

const std::string kFound = "client error likely backend-alert";

TEST(FindingLateRefusal, NoneWasSent) {
  const LegScript leg = passed({kEmptyCertificate, kFinished, 130}, {kAlert});
  EXPECT_EQ(lines(passed_session(leg.leg())),
            (Lines{"client-certificate-wanted client error likely"}));
  EXPECT_EQ(found(passed({kEmptyCertificate + kFinished - 17, 130}, {kAlert})), kFound)
      << "in one record";
  EXPECT_EQ(found(passed({kEmptyCertificate, kFinished}, {kAlert})), kFound) << "no request yet";
}

TEST(FindingLateRefusal, OneWasSentAndIsNotAccepted) {
  const SessionReport session = passed_session(passed({900, 280, kFinished, 130}, {kAlert}).leg());
  const auto finding = find_late_refusal(session);
  EXPECT_EQ(line(finding), kFound);
  EXPECT_THAT(finding->title, HasSubstr("does not seem to accept"));
  EXPECT_EQ(finding->presented, "one that the backend refuses");
}

TEST(FindingLateRefusal, NearMisses) {
  EXPECT_EQ(found(passed({kFinished, 130}, {kAlert})), "none") << "nobody asked";
  EXPECT_EQ(found(passed({kEmptyCertificate, kFinished, 130}, {500, 900, kAlert})), "none")
      << "an answer, and close_notify";
  EXPECT_EQ(found(passed({kEmptyCertificate, kFinished, 130}, {})), "none") << "no alert";
  EXPECT_EQ(found(passed({kEmptyCertificate, kFinished, kAlert}, {kAlert})), "none")
      << "the client said goodbye first";
  EXPECT_EQ(found(passed({kEmptyCertificate, kFinished, 130}, {kAlert}, 0x0303)), "none");
  LegScript early = passed({kEmptyCertificate, kFinished, 130}, {kAlert});
  early->client_hello->extensions.push_back({42, "early_data"});
  EXPECT_EQ(found(early), "none");
}

}  // namespace
}  // namespace visavis::inspect

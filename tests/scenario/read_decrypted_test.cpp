// `visavis read` with secrets: out of the capture itself, or from --keylog.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/legs.h"

namespace visavis::testing {
namespace {

using ::testing::HasSubstr;

/// TLS 1.3 with both sides' certificates, its secrets in a Decryption Secrets Block. tshark's words
/// for it are in tests/data/captures/truth.
const std::string kCapture =
    std::string(VISAVIS_SOURCE_DIR) + "/tests/data/captures/pcap/derived__dsb-mTLS1_3_RSA.pcapng";

struct Parted {
  std::string capture;  ///< without its secrets
  std::string key_log;
};

/// Takes the secrets out of a pcapng file of this machine's byte order: block type 10, its length,
/// type and length of the secrets, the secrets, padding, length.
Parted parted() {
  std::ifstream stream(kCapture, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(stream), {});
  const auto number = [&whole](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i > 0; --i)
      value = value << 8 | static_cast<std::uint8_t>(whole.at(at + i - 1));
    return value;
  };
  Parted parts;
  for (std::size_t at = 0; at < whole.size(); at += number(at + 4)) {
    if (number(at) == 10)
      parts.key_log += whole.substr(at + 16, number(at + 12));
    else
      parts.capture += whole.substr(at, number(at + 4));
  }
  return parts;
}

boost::json::value session_of(const Ran& ran) {
  const auto document = boost::json::parse(ran.output);
  EXPECT_TRUE(document.at("problems").as_array().empty());
  EXPECT_EQ(document.at("sessions").as_array().size(), 1U);
  return document.at("sessions").at(0);
}

TEST(ReadDecrypted, EmbeddedSecretsShowBothCertificates) {
  const auto session = session_of(visavis({"read", "--json", kCapture}));
  const auto& leg = session.at("direct_leg");
  EXPECT_EQ(leg.at("outcome"), "established");
  // By tshark: server.rsa and its issuer.
  ASSERT_FALSE(leg.at("certificates").as_array().empty());
  EXPECT_EQ(leg.at("certificates").at(0).at("sha256"),
            "cd814dde408b22d3b401335362d27502d49a25ad18edbf7e75ceb8e517f564d0");
  EXPECT_FALSE(leg.at("certificate_request").is_null());
  EXPECT_EQ(leg.at("history"), "CsiorxyfIXYFtDt||");
  // By tshark's `follow,tls`: 514 bytes are the first write.
  bool found = false;
  for (const auto& record : leg.at("records").as_array()) found = found || record.at(5) == 514;
  EXPECT_TRUE(found);
}

TEST(ReadDecrypted, AKeyLogBesideGivesTheSameReport) {
  const Parted parts = parted();
  ASSERT_FALSE(parts.key_log.empty());
  const TemporaryDirectory folder;
  const std::string capture = folder.write("capture.pcapng", parts.capture);
  const std::string key_log = folder.write("keys.log", parts.key_log);

  const auto closed = session_of(visavis({"read", "--json", capture}));
  EXPECT_TRUE(closed.at("direct_leg").at("certificates").as_array().empty());
  const Ran ran = visavis({"read", "--json", "--keylog", key_log, capture});
  EXPECT_EQ(ran.errors, "");
  EXPECT_EQ(session_of(ran), session_of(visavis({"read", "--json", kCapture})));
  // No secret leaves the process.
  for (std::size_t at = 0; at + 64 <= parts.key_log.size(); ++at)
    if (parts.key_log.find_first_not_of("0123456789abcdef", at) >= at + 64) {
      const std::string secret = parts.key_log.substr(at, 64);
      const bool is_random = parts.key_log.at(at + 64) == ' ';
      EXPECT_TRUE(is_random || ran.output.find(secret) == std::string::npos);
      at += 63;
    }
}

TEST(ReadDecrypted, KeyLogsThatAreNone) {
  const TemporaryDirectory folder;
  const Ran missing = visavis({"read", "--keylog", "/nowhere/keys.log", kCapture});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.errors, HasSubstr("--keylog: /nowhere/keys.log: No such file or directory"));
  EXPECT_EQ(missing.output, "");
  const std::string other = folder.write("readme.txt", "no secrets here\n");
  const Ran wrong = visavis({"read", "--json", "--keylog", other, kCapture});
  EXPECT_THAT(wrong.errors, HasSubstr("--keylog: " + other + ": no secret of a TLS session"));
  EXPECT_EQ(session_of(wrong).at("direct_leg").at("outcome"), "established");
}

}  // namespace
}  // namespace visavis::testing

#include "tests/support/legs.h"

#include <boost/json.hpp>

#include <algorithm>

namespace visavis::testing {
namespace {

constexpr int kApplicationData = 23;

const boost::json::value* find(const Session& session, const std::string& pointer) {
  boost::json::error_code error;
  return session.find_pointer(pointer, error);
}

}  // namespace

std::string word(const Session& session, const std::string& pointer) {
  const boost::json::value* value = find(session, pointer);
  if (value == nullptr) return "absent";
  return value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
}

std::vector<std::string> findings(const Session& session) {
  std::vector<std::string> lines;
  for (const auto& finding : session.at("findings").as_array())
    lines.push_back(word(finding, "/id") + ' ' + word(finding, "/side") + ' ' +
                    word(finding, "/severity") + ' ' + word(finding, "/confidence"));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string verdict(const Session& session) {
  return word(session, "/verdict/class") + " proxied " + word(session, "/verdict/proxied") +
         " direct " + word(session, "/verdict/direct") + " by " +
         word(session, "/verdict/direct_known_by");
}

std::string ending(const Session& session, const std::string& leg) {
  const std::string start = '/' + leg;
  if (word(session, start) == "null") return "no leg";
  return word(session, start + "/outcome") + ' ' + word(session, start + "/reached") +
         (word(session, start + "/close") == "null"
              ? ", not closed"
              : ", closed by " + word(session, start + "/close/by") + ' ' +
                    word(session, start + "/close/how"));
}

std::vector<std::string> alerts(const Session& session, const std::string& leg) {
  std::vector<std::string> lines;
  if (const auto* list = find(session, '/' + leg + "/alerts"))
    for (const auto& alert : list->as_array())
      lines.push_back(word(alert, "/sent_by") + ' ' + word(alert, "/level") + ' ' +
                      word(alert, "/description/id"));
  return lines;
}

std::vector<std::string> unmirrored_features(const Session& session) {
  std::vector<std::string> lines;
  for (const auto& feature : session.at_pointer("/mirror/unmirrored").as_array())
    lines.push_back(word(feature, "/leg") + ' ' + word(feature, "/feature"));
  return lines;
}

std::string comparison_row(const Session& session, std::string_view aspect) {
  for (const auto& row : session.at("comparison").as_array())
    if (row.at("aspect").as_string() == aspect)
      return word(row, "/client") + " | " + word(row, "/backend") + ' ' + word(row, "/relation") +
             ' ' + word(row, "/origin");
  return "absent";
}

std::vector<std::int64_t> plaintext_lengths(const Session& session, const std::string& leg,
                                            std::string_view direction) {
  std::vector<std::int64_t> lengths;
  for (const auto& record : session.at(leg).at("records").as_array()) {
    const auto& row = record.as_array();
    if (row[1].as_string() != direction || row[2].as_int64() != kApplicationData) continue;
    if (row[5].is_null()) continue;  // TLS 1.3's encrypted handshake, alerts, tickets
    lengths.push_back(row[5].as_int64());
  }
  return lengths;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::vector<std::string> legs_of(Mode mode) {
  if (mode == Mode::passthrough) return {"direct_leg"};
  return {"client_leg", "backend_leg"};
}

std::string healthy(Mode mode) {
  return mode == Mode::passthrough ? "healthy proxied none direct ok by passthrough"
                                   : "healthy proxied ok direct ok by offer";
}

void expect_as_direct(const Session& session, const Spoken& direct, const Spoken& proxied) {
  EXPECT_EQ(proxied.exit_code, direct.exit_code) << proxied.errors;
  EXPECT_EQ(proxied.version, direct.version);
  EXPECT_EQ(proxied.suite, direct.suite);
  EXPECT_EQ(proxied.group, direct.group);
  EXPECT_EQ(proxied.alpn, direct.alpn);
  const bool passed = word(session, "/mode") == "passthrough";
  const auto legs = legs_of(passed ? Mode::passthrough : Mode::terminate);
  for (const std::string name : {"client_leg", "backend_leg", "direct_leg"}) {
    SCOPED_TRACE(name);
    if (!passed && name == "direct_leg") continue;  // the direct twin's, once per shape of hello
    const bool there = std::find(legs.begin(), legs.end(), name) != legs.end();
    ASSERT_EQ(word(session, '/' + name) != "null", there);
    if (!there) continue;
    const std::string established = '/' + name + "/established";
    EXPECT_EQ(word(session, established + "/version/id"), std::to_string(direct.version));
    EXPECT_EQ(word(session, established + "/cipher/name"), direct.suite);
    // In TLS 1.3 the answer to ALPN is encrypted: whoever does not end the TLS can't know it.
    const bool hidden = passed && direct.version == 0x0304;
    EXPECT_EQ(word(session, established + "/alpn"),
              direct.alpn.empty() || hidden ? "null" : direct.alpn);
  }
  if (passed) return;
  EXPECT_EQ(word(session, "/client_leg/established/group"),
            word(session, "/backend_leg/established/group"));
}

}  // namespace visavis::testing

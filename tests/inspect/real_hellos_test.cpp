#include "inspect/handshake/client_hello.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>

#include "inspect/compare/leg_summary.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/record/record_reader.h"
#include "inspect/transcript/transcript_builder.h"
#include "tests/support/hello_builder.h"

/// Hellos of real clients against what another parser says of them (tests/data/README.md).
namespace visavis::inspect {
namespace {

namespace json = boost::json;
using test::ByteVector;

json::object expected_hellos() {
  std::ifstream file(std::string(VISAVIS_SOURCE_DIR) + "/tests/data/hellos/expected.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return json::parse(text).as_object();
}

struct Collector {
  MessageAssembler& assembler;
  RecordHeader first{};
  void fragment(const RecordHeader& header, Bytes bytes) {
    first = header;
    assembler.add(bytes);
  }
  void record(const RecordHeader&) {}
};

ClientHello read_hello(const ByteVector& wire) {
  RecordReader reader;
  MessageAssembler assembler(65536);
  Collector collector{assembler};
  reader.feed(wire, collector);
  auto message = assembler.next();
  EXPECT_TRUE(message.ok());
  auto hello = parse_client_hello(message->raw);
  EXPECT_TRUE(hello.ok());
  hello->record_version = collector.first.version;
  return *hello;
}

json::value ids(const std::vector<CodePoint>& points) {
  json::array list;
  for (const CodePoint& point : points) list.emplace_back(point.id);
  return list;
}
json::value ids(const std::optional<std::vector<CodePoint>>& points) {
  return points ? ids(*points) : json::value(nullptr);
}
json::value plain(const std::vector<int>& values) {
  json::array list;
  for (const int value : values) list.emplace_back(static_cast<std::uint64_t>(value));
  return list;
}
json::value plain(const std::optional<std::vector<int>>& values) {
  return values ? plain(*values) : json::value(nullptr);
}
json::value plain(const std::optional<std::vector<std::string>>& values) {
  if (!values) return nullptr;
  return json::array(values->begin(), values->end());
}

json::object facts_of(const ClientHelloReport& hello) {
  return {{"record_version", hello.record_version.id},
          {"length", hello.length},
          {"legacy_version", hello.legacy_version.id},
          {"session_id_length", hello.session_id.size() / 2},
          {"ciphers", ids(hello.ciphers)},
          {"compression", plain(hello.compression)},
          {"extensions", ids(hello.extensions)},
          {"sni", hello.sni ? json::value(*hello.sni) : json::value(nullptr)},
          {"supported_versions", ids(hello.supported_versions)},
          {"groups", ids(hello.groups)},
          {"sig_algs", ids(hello.sig_algs)},
          {"ec_point_formats", plain(hello.ec_point_formats)},
          {"alpn", plain(hello.alpn)},
          {"key_share_groups", ids(hello.key_share_groups)},
          {"ja3_full", hello.ja3_full},
          {"ja3", hello.ja3},
          {"ja4", hello.ja4}};
}

TEST(RealHellos, SayWhatAnotherParserSays) {
  const json::object expected = expected_hellos();
  ASSERT_GE(expected.size(), 12U);
  for (const auto& [name, facts] : expected) {
    const ClientHello hello = read_hello(test::data_file("hellos/" + std::string(name)));
    EXPECT_TRUE(hello.extension_problems.empty()) << name;
    const json::object found = facts_of(summarize_hello(hello));
    for (const auto& [key, value] : facts.as_object())
      EXPECT_EQ(found.at(key), value) << name << ": " << key;
  }
}

TEST(RealHellos, TruncatedAtEveryByteOrWithAnyByteChangedNothingBreaks) {
  for (const auto& [name, facts] : expected_hellos()) {
    const ByteVector wire = test::data_file("hellos/" + std::string(name));
    const Bytes message = Bytes(wire).subspan(kRecordHeaderBytes);
    for (std::size_t count = 0; count < message.size(); ++count)
      EXPECT_FALSE(parse_client_hello(message.first(count)).ok()) << name << " cut to " << count;
    for (std::size_t at = 0; at < message.size(); ++at) {
      ByteVector changed(message.begin(), message.end());
      changed[at] ^= 0x81;
      const auto hello = parse_client_hello(changed);
      if (!hello.ok()) {
        EXPECT_LE(hello.error().offset, changed.size());
        continue;
      }
      for (const Extension& extension : hello->extensions)
        EXPECT_LE(extension.offset + extension.length, changed.size());
      for (const ParseError& problem : hello->extension_problems)
        EXPECT_LE(problem.offset, changed.size());
    }
  }
}

TEST(RealHellos, RecordVersionIsReadOffTheWire) {
  TranscriptBuilder builder(LegKind::direct_leg);
  const ByteVector wire = test::data_file("hellos/openjdk_17");
  builder.observe_wire(5, Direction::c2s, wire);
  builder.observe_message(6, Direction::c2s, Bytes(wire).subspan(kRecordHeaderBytes));
  EXPECT_EQ(builder.transcript().client_hello->record_version, kTls12);
}

}  // namespace
}  // namespace visavis::inspect

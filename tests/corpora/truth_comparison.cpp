#include "tests/corpora/truth_comparison.h"

#include <algorithm>

#include "tests/corpora/false_alarms.h"
#include "tests/corpora/truth_text.h"

namespace visavis::corpora {
namespace {

namespace json = boost::json;

std::string shortened(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() > 160) text = text.substr(0, 160) + " ...";
  return text;
}

bool has_endpoints(const test::CapturedStream& stream, const json::object& truth) {
  const std::string_view client = truth.at("client").as_string();
  const std::string_view server = truth.at("server").as_string();
  return (stream.first == client && stream.second == server) ||
         (stream.first == server && stream.second == client);
}

/// The stream that the truth speaks of: tshark's number, where that is the same connection, else
/// the only one between its endpoints (tshark counts connections inside of ICMP packets too).
const test::CapturedStream* find_stream(const std::vector<test::CapturedStream>& streams,
                                        const json::object& truth) {
  const auto number = static_cast<std::size_t>(truth.at("stream").as_int64());
  if (number < streams.size() && has_endpoints(streams[number], truth)) return &streams[number];
  const auto same = [&](const test::CapturedStream& stream) {
    return has_endpoints(stream, truth);
  };
  if (std::count_if(streams.begin(), streams.end(), same) != 1) return nullptr;
  return &*std::find_if(streams.begin(), streams.end(), same);
}

/// Bytes before TLS; null: the truth found no beginning of TLS in this direction.
std::size_t bytes_before_tls(const json::object& truth, const char* direction) {
  const json::object& bytes = truth.at("pre_tls_bytes").as_object();
  const json::value* count = bytes.if_contains(direction);
  return count == nullptr || count->is_null() ? 0 : static_cast<std::size_t>(count->as_int64());
}

json::array truth_items(const json::object& truth, const char* list, const char* direction) {
  json::array items;
  for (const json::value& item : truth.at(list).as_array())
    if (is_of_direction(item, direction)) items.push_back(plain_item(list, item));
  return items;
}

json::array digests_of(const json::object& truth, const char* direction) {
  json::array digests;
  for (const json::value& item : truth.at("certificates").as_array())
    if (is_of_direction(item, direction)) digests.push_back(item.as_object().at("sha256"));
  return digests;
}

/// The records that the oracle's own walk over the bytes found, where they are not tshark's.
const json::array* second_opinion(const json::object& truth, const char* direction) {
  const json::value* walks = truth.if_contains("records_walk");
  const json::value* walk = walks == nullptr ? nullptr : walks->as_object().if_contains(direction);
  return walk == nullptr ? nullptr : &walk->as_array();
}

bool is_sslv2_session(const json::object& truth) { return truth.at("version") == 2; }

}  // namespace

void TruthComparison::differ(const std::string& field, const std::string& what) {
  differences_.push_back({file_, stream_, field, what});
}

void TruthComparison::compare_value(const std::string& field, const json::value& truth,
                                    const json::value& ours) {
  ++counts_.fields;
  if (truth != ours) differ(field, "truth " + shortened(truth) + ", ours " + shortened(ours));
}

void TruthComparison::compare_item(const std::string& field, std::size_t index,
                                   const json::value& truth, const json::value& ours) {
  const std::string place = '[' + std::to_string(index) + "] ";
  if (!truth.is_object()) {
    ++counts_.fields;
    if (truth != ours)
      differ(field, place + "truth " + shortened(truth) + ", ours " + shortened(ours));
    return;
  }
  for (const auto& [name, value] : truth.as_object()) {
    ++counts_.fields;
    const json::value* own = ours.as_object().if_contains(name);
    if (own == nullptr || *own != value)
      differ(field + '.' + std::string(name), place + "truth " + shortened(value) + ", ours " +
                                                  (own == nullptr ? "nothing" : shortened(*own)));
  }
}

void TruthComparison::compare_list(const json::object& truth, const Observed& ours,
                                   const char* list, const char* direction, std::size_t& count) {
  json::array theirs = truth_items(truth, list, direction);
  const json::array& own = ours.facts.at(list).as_object().at(direction).as_array();
  const std::string field = std::string(list) + '.' + direction;
  const bool records = std::string_view(list) == "records";
  if (const json::array* walk = records ? second_opinion(truth, direction) : nullptr)
    if (own == *walk) theirs = *walk;
  const bool truth_cut = records && (truth.contains("records_cut") || is_sslv2_session(truth));
  const bool lost = *direction == 'c' ? ours.c2s_lost : ours.s2c_lost;
  const bool same_length = own.size() == theirs.size() || (lost && own.size() < theirs.size()) ||
                           (truth_cut && own.size() > theirs.size());
  ++counts_.fields;
  if (!same_length)
    differ(field, "truth has " + std::to_string(theirs.size()) + ", we have " +
                      std::to_string(own.size()));
  const std::size_t common = std::min(own.size(), theirs.size());
  for (std::size_t i = 0; i < common; ++i) compare_item(field, i, theirs[i], own[i]);
  count += common;
}

/// What the transcript itself says: the summary that reports are made of.
void TruthComparison::compare_transcript(const json::object& truth, const Observed& ours) {
  const bool lost = ours.c2s_lost || ours.s2c_lost;
  const json::object& facts = ours.facts;
  if (!ours.s2c_lost || !facts.at("version").is_null()) {
    compare_value("version", truth.at("version"), facts.at("version"));
    compare_value("cipher", truth.at("cipher"), facts.at("cipher"));
  }
  if (lost) return;
  compare_value("chain", digests_of(truth, "s2c"), facts.at("chain"));
  compare_value("client_chain", digests_of(truth, "c2s"), facts.at("client_chain"));
  const json::value* segments = truth.if_contains("client_hello_segments");
  if (segments != nullptr && *segments != 0 && !in_pieces_)  // 0: it could not tell
    compare_value("hello_segments", *segments, facts.at("hello_segments"));
  if (const auto established = expected_established(truth))
    compare_value("established", *established, facts.at("established"));
  if (facts.at("established") == true)
    compare_value("resumed", expected_resumed(truth), facts.at("resumed"));
  if (!is_sslv2_session(truth) && !truth.contains("records_walk"))
    compare_value("records_total", truth.at("records_total"), facts.at("records_total"));
}

void TruthComparison::expect_no_false_alarm(const json::object& truth, const Observed& ours) {
  if (ours.c2s_lost || ours.s2c_lost || in_pieces_ || !is_healthy(ours.transcript)) return;
  ++counts_.healthy;
  for (const inspect::FindingReport& alarm : alarms(ours.transcript)) {
    ++counts_.alarms;
    if (!borne_out(alarm.id, truth, ours.transcript))
      differ("alarm", alarm.id + " without a cause: " + alarm.title);
  }
}

void TruthComparison::compare_stream(const json::object& truth, const test::CapturedStream& stream,
                                     std::size_t piece) {
  const Observed ours =
      observe_stream(stream, truth.at("client").as_string(), bytes_before_tls(truth, "c2s"),
                     bytes_before_tls(truth, "s2c"), piece);
  ++counts_.streams;
  if (ours.c2s_lost || ours.s2c_lost) ++counts_.streams_with_loss;
  for (const char* direction : {"c2s", "s2c"}) {
    compare_list(truth, ours, "client_hellos", direction, counts_.client_hellos);
    compare_list(truth, ours, "server_hellos", direction, counts_.server_hellos);
    compare_list(truth, ours, "certificates", direction, counts_.certificates);
    compare_list(truth, ours, "alerts", direction, counts_.alerts);
    compare_list(truth, ours, "handshakes", direction, counts_.handshakes);
    compare_list(truth, ours, "records", direction, counts_.records);
  }
  compare_transcript(truth, ours);
  expect_no_false_alarm(truth, ours);
}

void TruthComparison::compare_file(const std::filesystem::path& capture, const json::object& truth,
                                   std::size_t piece) {
  file_ = truth.at("file").as_string();
  in_pieces_ = piece > 0;
  const std::vector<test::CapturedStream> read = test::read_streams(capture);
  ++counts_.files;
  const json::array& streams = truth.at("streams").as_array();
  if (streams.empty()) ++counts_.files_without_tls;
  std::vector<const test::CapturedStream*> known;
  for (const json::value& value : streams) {
    stream_ = value.as_object().at("stream").as_int64();
    known.push_back(find_stream(read, value.as_object()));
    if (known.back() == nullptr)
      differ("stream", "not found in the capture");
    else
      compare_stream(value.as_object(), *known.back(), piece);
  }
  stream_ = -1;
  for (const test::CapturedStream& stream : read) {
    if (std::find(known.begin(), known.end(), &stream) != known.end()) continue;
    ++counts_.other_streams;
    if (observe_stream(stream, stream.first, 0, 0, piece).saw_tls)
      differ("other_streams", "TLS between " + stream.first + " and " + stream.second);
  }
}

}  // namespace visavis::corpora

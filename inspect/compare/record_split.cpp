#include "inspect/compare/record_split.h"

#include <algorithm>
#include <vector>

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

/// The smallest size that full records are agreed to have: RFC 6066 4.
constexpr std::uint16_t kSmallestFullRecord = 512;

struct DataRecord {
  const RecordRow* row = nullptr;
  bool after_peer = false;  ///< the peer sent application data since the record before
  bool small = false;       ///< may be the first half of a split
};

std::vector<DataRecord> data_records(const LegReport& leg, bool c2s) {
  std::vector<DataRecord> data;
  bool after_peer = false;
  for (const RecordRow& record : leg.records) {
    if (!is_data(*leg.established, record)) continue;
    if (record.c2s == c2s)
      data.push_back({&record, after_peer, may_be_small_half(*leg.established, record)});
    after_peer = record.c2s != c2s;
  }
  return data;
}

/// The length of the smallest record that a CBC suite makes under TLS 1.0, with 0 or 1 byte in it:
/// one block with the MAC's 16 or 20 bytes and padding, or, with encrypt-then-MAC, a block and the
/// MAC behind it. RFC 2246 6.2.3.2, RFC 7366 3.
std::uint32_t smallest_record(const EstablishedReport& agreed) {
  const std::string_view suite = agreed.cipher.name;
  const auto names = [&suite](std::string_view word) {
    return suite.find(word) != std::string::npos;
  };
  const bool short_block = names("DES") || names("RC2") || names("IDEA") || names("FORTEZZA_CBC");
  const std::uint32_t mac = suite.ends_with("_MD5") ? 16 : 20;
  if (agreed.encrypt_then_mac) return (short_block ? 8 : 16) + mac;
  return short_block ? 24 : 32;
}

/// True when `at` is the small half of one write and the record behind it the rest: the peer had no
/// say between. One of several small records on end is no sign: who writes byte by byte and then
/// more looks the same.
bool is_pair(const std::vector<DataRecord>& data, std::size_t at) {
  if (at > 0 && data[at - 1].small && !data[at].after_peer) return false;
  return at + 1 < data.size() && data[at].small && !data[at + 1].small && !data[at + 1].after_peer;
}

bool is_empty(const RecordRow& record) { return record.plaintext_length == 0U; }

/// 0/n: no application sends empty records, so one is enough.
bool has_empty_half(const std::vector<DataRecord>& data) {
  for (std::size_t i = 0; i + 1 < data.size(); ++i)
    if (is_empty(*data[i].row) && !is_empty(*data[i + 1].row) && !data[i + 1].after_peer)
      return true;
  return false;
}

/// Writes counts how often a direction split a write and how often it did not. A write surely
/// begins where the peer has spoken before and the last record was not full: long writes take
/// several full records.
struct Writes {
  std::size_t split = 0;
  std::size_t whole = 0;
  bool first_whole = false;
};

Writes count_writes(const std::vector<DataRecord>& data) {
  std::uint16_t fullest = kSmallestFullRecord;
  for (const DataRecord& record : data) fullest = std::max(fullest, record.row->length);
  Writes writes;
  writes.first_whole = !data.front().small;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (is_pair(data, i))
      ++writes.split;
    else if (i > 0 && !data[i].small && data[i].after_peer && data[i - 1].row->length < fullest)
      ++writes.whole;
  }
  return writes;
}

}  // namespace

bool needs_split(const EstablishedReport& agreed) {
  return agreed.version.id <= kTls10.value &&
         agreed.cipher.name.view().find("_CBC_") != std::string_view::npos;
}

bool is_data(const EstablishedReport& agreed, const RecordRow& record) {
  return record.content_type == kApplicationData.value &&
         (record.plaintext_length || agreed.version.id < kTls13.value);
}

bool may_be_small_half(const EstablishedReport& agreed, const RecordRow& record) {
  if (record.plaintext_length) return *record.plaintext_length <= 1;
  return needs_split(agreed) && record.length == smallest_record(agreed);
}

bool splits_writes(const LegReport& leg, bool c2s) {
  const std::vector<DataRecord> data = data_records(leg, c2s);
  if (data.empty()) return false;
  const Writes writes = count_writes(data);
  return writes.split > writes.whole;
}

std::string split_kind(const LegReport& leg, bool c2s) {
  if (!leg.established) return "n/a";
  const std::vector<DataRecord> data = data_records(leg, c2s);
  if (data.empty()) return "n/a";
  if (!needs_split(*leg.established)) return "none";
  if (has_empty_half(data)) return "0/n";
  const Writes writes = count_writes(data);
  if (writes.split == 0 || writes.whole >= writes.split) return "none";
  const bool lengths_known = std::all_of(data.begin(), data.end(), [](const DataRecord& record) {
    return record.row->plaintext_length.has_value();
  });
  if (!lengths_known) return "split-unknown";
  // Java leaves the first application record after the handshake whole and splits every later
  // write.
  return writes.first_whole ? "1/n-1-after-first" : "1/n-1";
}

}  // namespace visavis::inspect

#include "inspect/compare/record_split.h"

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

struct DataRecord {
  std::uint16_t length = 0;
  std::optional<std::uint32_t> plaintext_length;
  bool after_peer = false;  ///< the peer sent application data since the record before
};

bool is_application_data(const RecordRow& record, bool tls13) {
  // Without a plaintext length, TLS 1.3's may as well be an encrypted handshake message.
  return record.content_type == kApplicationData.value && (record.plaintext_length || !tls13);
}

/// The first records with application data of a direction: enough to see a habit.
std::vector<DataRecord> data_records(const LegReport& leg, bool c2s) {
  const bool tls13 = leg.established->version.id >= kTls13.value;
  std::vector<DataRecord> data;
  bool after_peer = false;
  for (const RecordRow& record : leg.records) {
    if (data.size() >= 16) break;
    if (!is_application_data(record, tls13)) continue;
    if (record.c2s == c2s) data.push_back({record.length, record.plaintext_length, after_peer});
    after_peer = record.c2s != c2s;
  }
  return data;
}

/// The length of the smallest record that a CBC suite makes under TLS 1.0, with 0 or 1 byte in it:
/// one block with the MAC's 16 or 20 bytes and padding, or, with encrypt-then-MAC, a block and the
/// MAC behind it.
std::uint32_t smallest_record(const EstablishedReport& agreed) {
  const std::string_view suite = agreed.cipher.name;
  const auto names = [&suite](std::string_view word) {
    return suite.find(word) != std::string::npos;
  };
  const bool short_block = names("DES") || names("RC2") || names("IDEA");
  const std::uint32_t mac = suite.ends_with("_MD5") ? 16 : 20;
  if (agreed.encrypt_then_mac) return (short_block ? 8 : 16) + mac;
  return short_block ? 24 : 32;
}

/// True when `at` is the small half of one write and the record behind it the rest: the peer had no
/// say between.
bool is_pair(const std::vector<DataRecord>& data, std::size_t at, std::uint32_t small_length) {
  return at + 1 < data.size() && !data[at + 1].after_peer &&
         data[at].plaintext_length == small_length && data[at + 1].plaintext_length.value_or(0) > 0;
}

}  // namespace

std::string split_kind(const LegReport& leg, bool c2s) {
  if (!leg.established) return "n/a";
  const std::vector<DataRecord> data = data_records(leg, c2s);
  if (data.empty()) return "n/a";
  const bool cbc = leg.established->cipher.name.view().find("_CBC_") != std::string_view::npos;
  if (leg.established->version.id > kTls10.value || !cbc) return "none";
  bool lengths_known = true;
  for (const DataRecord& record : data) lengths_known = lengths_known && record.plaintext_length;
  if (!lengths_known) {
    // The smallest record that the suite can make holds 0 or 1 bytes alike.
    const std::uint32_t smallest = smallest_record(*leg.established);
    for (std::size_t i = 0; i + 1 < data.size(); ++i)
      if (data[i].length == smallest && data[i + 1].length > smallest && !data[i + 1].after_peer)
        return "split-unknown";
    return "none";
  }
  if (is_pair(data, 0, 0)) return "0/n";
  if (is_pair(data, 0, 1)) return "1/n-1";
  // Java leaves the first application record after the handshake whole and splits every later
  // write.
  for (std::size_t i = 1; i + 1 < data.size(); ++i)
    if (is_pair(data, i, 1)) return "1/n-1-after-first";
  return "none";
}

}  // namespace visavis::inspect

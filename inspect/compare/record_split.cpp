#include "inspect/compare/record_split.h"

#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/protocol_version.h"

namespace visavis::inspect {
namespace {

/// True when `small` is followed by a larger record of the same direction: the two halves of one
/// write.
bool is_pair(const RecordRow& small, const RecordRow& next, std::uint32_t small_length) {
  return small.plaintext_length == small_length && next.plaintext_length.value_or(0) > 0;
}

}  // namespace

std::string split_kind(const LegReport& leg, bool c2s) {
  if (!leg.established) return "n/a";
  std::vector<RecordRow> data;
  bool lengths_known = true;
  for (const RecordRow& record : leg.records) {
    if (record.c2s != c2s || record.content_type != kApplicationData.value) continue;
    if (!record.plaintext_length) {
      if (leg.established->version.id >= kTls13.value) continue;  // an encrypted handshake message
      lengths_known = false;
    }
    data.push_back(record);
    if (data.size() >= 16) break;  // enough to see a habit
  }
  if (data.empty()) return "n/a";
  const bool cbc = leg.established->cipher.name.find("_CBC_") != std::string::npos;
  if (leg.established->version.id > kTls10.value || !cbc) return "none";
  if (data.size() < 2) return "none";
  if (!lengths_known) {
    // The smallest record that the suite can make holds 0 or 1 bytes alike.
    return data[0].length <= 36 && data[1].length > data[0].length ? "split-unknown" : "none";
  }
  if (is_pair(data[0], data[1], 0)) return "0/n";
  if (is_pair(data[0], data[1], 1)) return "1/n-1";
  // Java leaves the first application record after the handshake whole and splits every later
  // write.
  for (std::size_t i = 1; i + 1 < data.size(); ++i)
    if (is_pair(data[i], data[i + 1], 1)) return "1/n-1-after-first";
  return "none";
}

}  // namespace visavis::inspect

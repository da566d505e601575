#include "inspect/compare/record_habits.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/codepoint/handshake_type.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/record_split.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

/// Fewer records than this show no habit of size.
constexpr std::size_t kEnoughRecords = 8;
/// Records with no more plaintext than this are tiny.
constexpr std::uint32_t kTinyBytes = 16;
/// A full record's plaintext. RFC 8446 5.1.
constexpr std::uint32_t kFullRecordBytes = 1U << 14;
/// An encrypted record of TLS 1.3, at most: RFC 8446 5.2. Older versions allow
/// limits::kMaxRecordLength, RFC 5246 6.2.3.
constexpr std::uint32_t kMaxTls13RecordLength = (1U << 14) + 256;

bool is_tiny(std::uint32_t plaintext) { return plaintext <= kTinyBytes; }

/// Packing is how the handshake messages in clear were put into records.
struct Packing {
  HandshakeType most_cut;         ///< the message that lies in most records
  std::size_t records = 0;        ///< how many those are
  std::size_t messages = 0;       ///< most messages that begin in one record
  std::size_t empty_records = 0;  ///< of type handshake: not allowed, RFC 5246 6.2.1
};

/// PackingReader walks over the records of one direction, as far as they are in clear.
class PackingReader {
 public:
  Packing read(Bytes raw) {
    while (raw.size() >= kRecordHeaderBytes) {
      const std::size_t length = (std::size_t{raw[3]} << 8U) + raw[4];
      const bool in_clear = raw[0] == kHandshake.value && raw[1] == 3;
      if (!in_clear || raw.size() < kRecordHeaderBytes + length) break;
      add_record(raw.subspan(kRecordHeaderBytes, length));
      raw = raw.subspan(kRecordHeaderBytes + length);
    }
    return packing_;
  }

 private:
  void add_record(Bytes body) {
    if (body.empty()) ++packing_.empty_records;
    std::size_t begun = 0;
    bool in_message = header_read_ > 0;  // of the record before
    if (in_message && !body.empty()) ++records_;
    while (!body.empty()) {
      if (!in_message) {
        in_message = true;
        ++begun;
        records_ = 1;
      }
      body = body.subspan(take(body));
      if (header_read_ == kHeaderBytes && left_ == 0) {
        end_message();
        in_message = false;
      }
    }
    packing_.messages = std::max(packing_.messages, begun);
  }

  /// The rest of the message's header, or of its body, as far as it is here.
  std::size_t take(Bytes body) {
    if (header_read_ == kHeaderBytes) {
      const std::size_t count = std::min(left_, body.size());
      left_ -= count;
      return count;
    }
    if (header_read_ == 0)
      type_ = HandshakeType{body[0]};
    else
      left_ = (left_ << 8U) + body[0];
    ++header_read_;
    return 1;
  }

  void end_message() {
    if (records_ > packing_.records) {
      packing_.records = records_;
      packing_.most_cut = type_;
    }
    header_read_ = 0;
  }

  static constexpr std::size_t kHeaderBytes = 4;  // type and length, RFC 8446 4

  Packing packing_;
  HandshakeType type_;
  std::size_t header_read_ = 0;  // bytes of the message's header that were read
  std::size_t left_ = 0;         // of its body; while the header is read: the length so far
  std::size_t records_ = 0;      // that the message lies in
};

/// DirectionHabits gathers the lines of one direction.
class DirectionHabits {
 public:
  DirectionHabits(const LegReport& leg, bool c2s, std::vector<std::string>& lines)
      : leg_(leg), c2s_(c2s), lines_(lines) {}

  void add_packing(const Packing& packing) {
    if (packing.records > 1)
      add(name(packing.most_cut) + " over " + std::to_string(packing.records) + " records");
    if (packing.messages > 1)
      add(std::to_string(packing.messages) + " handshake messages in one record");
    if (packing.empty_records > 0)
      add(std::to_string(packing.empty_records) + " empty handshake records");
  }

  void add_oversized() {
    const bool tls13 = leg_.established && leg_.established->version.id >= kTls13.value;
    std::uint32_t longest = 0;
    for (const RecordRow& record : leg_.records)
      if (record.c2s == c2s_) longest = std::max<std::uint32_t>(longest, record.length);
    const std::uint32_t limit =
        tls13 ? kMaxTls13RecordLength : std::uint32_t{limits::kMaxRecordLength};
    if (longest > limit)
      add("a record of " + std::to_string(longest) + " bytes, more than the " +
          std::to_string(limit) + " that are allowed");
  }

  void add_data() {
    if (!leg_.established) return;
    std::size_t empty = 0;
    std::vector<std::uint32_t> lengths;
    for (const RecordRow& record : leg_.records) {
      if (record.c2s != c2s_ || !is_data(*leg_.established, record)) continue;
      if (!record.plaintext_length) return;
      if (*record.plaintext_length == 0)
        ++empty;
      else
        lengths.push_back(*record.plaintext_length);
    }
    if (needs_split(*leg_.established)) {  // what is small and empty there is the split
      std::erase(lengths, 1U);
    } else {
      if (empty > 0) add(std::to_string(empty) + " empty records of application data");
      const bool all_tiny = std::all_of(lengths.begin(), lengths.end(), is_tiny);
      if (!all_tiny && splits_writes(leg_, c2s_))
        add("one byte and then the rest, as in a 1/n-1 split, though " +
            leg_.established->version.name + " needs none");
    }
    add_sizes(lengths);
  }

 private:
  void add_sizes(const std::vector<std::uint32_t>& lengths) {
    if (lengths.size() < kEnoughRecords) return;
    const std::uint32_t most = *std::max_element(lengths.begin(), lengths.end());
    const auto of_most = std::count(lengths.begin(), lengths.end(), most);
    if (is_tiny(most))
      add("application data in tiny records, " + std::to_string(most) + " bytes at most");
    else if (most < kFullRecordBytes && 2 * static_cast<std::size_t>(of_most) >= lengths.size())
      add("application data in records of " + std::to_string(most) + " bytes");
  }

  void add(const std::string& habit) { lines_.push_back((c2s_ ? "c2s: " : "s2c: ") + habit); }

  const LegReport& leg_;
  bool c2s_;
  std::vector<std::string>& lines_;
};

}  // namespace

std::vector<std::string> record_habits(const LegReport& leg, Bytes raw_c2s, Bytes raw_s2c) {
  std::vector<std::string> lines;
  for (const bool c2s : {true, false}) {
    DirectionHabits habits(leg, c2s, lines);
    habits.add_packing(PackingReader().read(c2s ? raw_c2s : raw_s2c));
    habits.add_oversized();
    habits.add_data();
  }
  return lines;
}

}  // namespace visavis::inspect

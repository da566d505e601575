#include "inspect/compare/record_habits.h"

#include <algorithm>
#include <span>

#include "inspect/bytes/limits.h"
#include "inspect/codepoint/protocol_version.h"
#include "inspect/compare/message_packing.h"
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

/// Records further apart than this are taken for writes of their own: whoever types is slower, and
/// so is a keyboard that repeats a key held down, some 30 times a second.
constexpr std::int64_t kPauseUs = 20'000;
/// The smallest record size that peers can agree on, RFC 8449 4: below it, nobody cuts to size.
constexpr std::uint32_t kSmallestAgreedBytes = 64;
/// A program that writes byte by byte makes records like these: a letter, or a line's end.
constexpr std::uint32_t kByteWiseBytes = 2;
/// Records at one instant that are more than an HTTP/2 client's opening: the preface, SETTINGS,
/// WINDOW_UPDATE, six PRIORITY frames as Firefox sent them, and HEADERS, each in one of its own.
constexpr std::size_t kBurstRecords = 16;

/// Data is a direction's application data: the records that are not empty, and what is between.
struct Data {
  struct Piece {
    const RecordRow* row = nullptr;
    bool goes_on = false;  ///< right after the one before: no word of the peer, no pause
    [[nodiscard]] std::uint32_t plaintext() const { return *row->plaintext_length; }
  };
  std::vector<Piece> pieces{};
  std::size_t empty = 0;
  bool known = true;  ///< the plaintext lengths of all are
};

Data data_of(const LegReport& leg, bool c2s) {
  Data data;
  const RecordRow* before = nullptr;
  for (const RecordRow& record : leg.records) {
    if (!is_data(*leg.established, record)) continue;
    if (record.c2s != c2s) {
      before = nullptr;
      continue;
    }
    if (!record.plaintext_length) data.known = false;
    if (!data.known) return data;
    if (*record.plaintext_length == 0) {
      ++data.empty;
      continue;
    }
    data.pieces.push_back({&record, before && record.t_us - before->t_us <= kPauseUs});
    before = &record;
  }
  return data;
}

using Pieces = std::span<const Data::Piece>;

/// The longest stretch of pieces of which `belongs` is true and each goes on from the one before.
template <class Predicate>
Pieces longest_run(Pieces pieces, Predicate belongs) {
  Pieces longest;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!belongs(pieces[i])) {
      begin = i + 1;
      continue;
    }
    if (!pieces[i].goes_on) begin = i;
    if (i + 1 - begin > longest.size()) longest = pieces.subspan(begin, i + 1 - begin);
  }
  return longest;
}

std::uint32_t longest_of(Pieces pieces) {
  std::uint32_t most = 0;
  for (const Data::Piece& piece : pieces) most = std::max(most, piece.plaintext());
  return most;
}

/// Burst is what came, or went, at one instant: in one receive call, in one packet of a capture.
struct Burst {
  std::size_t records = 0;
  std::size_t plaintext = 0;
  std::size_t wire = 0;
  /// More than half of it is not what was to be said, and one record would have held it all.
  [[nodiscard]] bool wasteful() const {
    return records >= kBurstRecords && plaintext <= kFullRecordBytes && 2 * plaintext < wire;
  }
};

/// `split`: single bytes are what a countermeasure puts before the rest, and not counted.
Burst largest_burst(Pieces pieces, bool split) {
  Burst largest;
  Burst burst;
  const RecordRow* before = nullptr;
  for (const Data::Piece& piece : pieces) {
    if (!before || !piece.goes_on || before->t_us != piece.row->t_us) burst = {};
    before = piece.row;
    if (split && piece.plaintext() == 1) continue;
    ++burst.records;
    burst.plaintext += piece.plaintext();
    burst.wire += kRecordHeaderBytes + piece.row->length;
    if (burst.wasteful() && burst.records > largest.records) largest = burst;
  }
  return largest;
}

bool is_tiny(const Data::Piece& piece) { return piece.plaintext() <= kTinyBytes; }
bool is_bytewise(const Data::Piece& piece) { return piece.plaintext() <= kByteWiseBytes; }

/// DirectionHabits gathers the lines of one direction.
class DirectionHabits {
 public:
  DirectionHabits(const LegReport& leg, bool c2s, std::vector<std::string>& lines)
      : leg_(leg), c2s_(c2s), lines_(lines) {}

  void add_packing(const MessagePacking& clear, const MessagePacking& encrypted) {
    const MessagePacking& cut = encrypted.records > clear.records ? encrypted : clear;
    if (cut.records > 1) add(cut.most_cut + " over " + std::to_string(cut.records) + " records");
    const std::size_t messages = std::max(clear.messages, encrypted.messages);
    if (messages > 1) add(std::to_string(messages) + " handshake messages in one record");
    if (clear.empty_records > 0)
      add(std::to_string(clear.empty_records) + " empty handshake records");
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
    const Data data = data_of(leg_, c2s_);
    if (!data.known) return;
    split_ = needs_split(*leg_.established);
    const bool tiny = add_tiny(data.pieces);
    if (!split_) {  // what is small and empty there is the split
      if (data.empty > 0) add(std::to_string(data.empty) + " empty records of application data");
      const bool all_tiny = std::all_of(data.pieces.begin(), data.pieces.end(), is_tiny);
      if (!tiny && !all_tiny && splits_writes(leg_, c2s_))
        add("one byte and then the rest, as in a 1/n-1 split, though " +
            leg_.established->version.name + " needs none");
    }
    if (tiny) return;
    add_sizes(data.pieces);
    add_burst(data.pieces);
  }

 private:
  /// All of it in tiny records, or some of it byte by byte. A 1/n-1 split alternates.
  bool add_tiny(Pieces pieces) {
    const Pieces run = longest_run(pieces, is_bytewise);
    const bool all = std::all_of(pieces.begin(), pieces.end(), is_tiny) &&
                     longest_run(pieces, is_tiny).size() >= kEnoughRecords;
    if (all)
      add("application data in tiny records, " + bytes(longest_of(pieces)) + " at most");
    else if (run.size() >= kEnoughRecords)
      add(std::to_string(run.size()) + " records of application data in a row with " +
          bytes(longest_of(run)) + " each" + (longest_of(run) > 1 ? " at most" : ""));
    return all || run.size() >= kEnoughRecords;
  }

  /// Records of one size, that is not TLS's own.
  void add_sizes(Pieces pieces) {
    const Pieces run = longest_run(pieces, [](const Data::Piece&) { return true; });
    const std::uint32_t most = longest_of(run);
    const auto count = [&run](auto predicate) {
      return static_cast<std::size_t>(std::count_if(run.begin(), run.end(), predicate));
    };
    const std::size_t of_most = count([&](const auto& piece) { return piece.plaintext() == most; });
    const std::size_t all =
        count([&](const auto& piece) { return !split_ || piece.plaintext() > 1; });
    if (all < kEnoughRecords || 2 * of_most < all) return;
    if (most >= kSmallestAgreedBytes && most < kFullRecordBytes)
      add("application data in records of " + bytes(most));
  }

  void add_burst(Pieces pieces) {
    const Burst burst = largest_burst(pieces, split_);
    if (burst.records > 0)
      add(std::to_string(burst.records) + " records at one instant for " + bytes(burst.plaintext) +
          " of application data, where one would do");
  }

  static std::string bytes(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " byte" : " bytes");
  }

  void add(const std::string& habit) { lines_.push_back((c2s_ ? "c2s: " : "s2c: ") + habit); }

  const LegReport& leg_;
  bool c2s_;
  bool split_ = false;  // the version and suite are what the BEAST countermeasure is for
  std::vector<std::string>& lines_;
};

}  // namespace

std::vector<std::string> record_habits(const LegReport& leg, Bytes raw_c2s, Bytes raw_s2c) {
  std::vector<std::string> lines;
  for (const bool c2s : {true, false}) {
    DirectionHabits habits(leg, c2s, lines);
    habits.add_packing(packing_in_clear(c2s ? raw_c2s : raw_s2c), packing_encrypted(leg, c2s));
    habits.add_oversized();
    habits.add_data();
  }
  return lines;
}

}  // namespace visavis::inspect

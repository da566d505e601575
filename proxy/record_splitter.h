#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspect/bytes/byte_reader.h"
#include "proxy/mirror_policy.h"

namespace visavis::proxy {

/// split_policy_name is the policy as the command line and reports spell it: "keep", "none",
/// "1/n-1", "0/n", "max:512".
std::string split_policy_name(const SplitPolicy& policy);
/// split_segments_name is "keep", "one" or "two".
std::string split_segments_name(SplitSegments segments);

/// RecordArrival says how a record came. It is all that shows of an empty record: OpenSSL swallows
/// it.
struct RecordArrival {
  bool after_empty = false;  ///< behind an empty record (0/n)
  bool apart = false;        ///< it began in a later receive call than the record before it
};

/// OutgoingRecord is a record that is to be written; its bytes live until the splitter's next call.
struct OutgoingRecord {
  inspect::Bytes plaintext;
  bool starts_segment = false;    ///< what is queued leaves before it, in a segment of its own
  bool ends_segment = false;      ///< what follows leaves in a segment of its own
  bool cut_behind_empty = false;  ///< an empty record that OpenSSL puts before it leaves by itself
};

/// RecordSplitter decides how plaintext that came as records leaves as records (SplitPolicy), and
/// which of them share a TCP segment (SplitSegments). No I/O: two sends make two segments as long
/// as the connection is not held up.
///
/// A record of one byte may be the first half of a split. Policies that put the halves together
/// again hold it: then `waits` is true until something follows or the owner's patience is over
/// (`settle`). 1/n-1 and 0/n take the halves for one write, and cut each write anew; the empty
/// record of 0/n is OpenSSL's doing. Holds less than two records.
class RecordSplitter {
 public:
  RecordSplitter(SplitPolicy policy, SplitSegments segments)
      : policy_(policy), segments_(segments) {}

  /// add takes the next record, of at most 2^14 bytes, once `next` has nothing more.
  void add(inspect::Bytes plaintext, RecordArrival arrival);
  /// next gives a record that is due; nothing when there is none (now).
  std::optional<OutgoingRecord> next();
  /// waits is true while what is held, or was given last, waits for what belongs to it.
  [[nodiscard]] bool waits() const;
  /// settle makes all that is held due: nothing follows, or not soon.
  void settle() { settled_ = true; }

 private:
  [[nodiscard]] bool joins() const;
  [[nodiscard]] std::size_t left() const { return held_.size() - taken_; }
  [[nodiscard]] bool in_two() const;
  std::optional<OutgoingRecord> next_joined();
  OutgoingRecord next_kept();
  OutgoingRecord next_of_write();
  OutgoingRecord take(std::size_t count);

  SplitPolicy policy_;
  SplitSegments segments_;
  std::vector<std::uint8_t> held_;
  std::size_t taken_ = 0;      // bytes of held_ that were given out
  bool tiny_ = false;          // all that came since the last write is one record of one byte
  bool settled_ = false;       // what is held waits for nothing
  bool after_empty_ = false;   // the record added last came behind an empty one
  bool halves_apart_ = false;  // it is the second half of a split, and came apart from the first
  bool write_begun_ = false;   // 1/n-1: the first byte of the write has been given out
};

}  // namespace visavis::proxy

#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "inspect/bytes/byte_reader.h"

struct nghttp2_hd_inflater;

namespace visavis::inspect {

/// Http2Fields are the fields of a header block that an exchange is told by, pseudo-header fields
/// (RFC 9113 8.3) but for one; an empty one was not there. Nothing else of a block is kept.
struct Http2Fields {
  std::string method;
  std::string path;
  std::string authority;
  int status = 0;
  std::string content_type{};
};

/// Http2HeaderReader reads the header blocks of one direction, one after the other, in any pieces.
/// HPACK has a memory (RFC 7541 2.3.2), so every block of the direction must come by, also those
/// that nobody asks about. Bounded by limits::kMaxHttp2HeaderBlockBytes and kMaxHpackTableBytes;
/// before the first block there is no memory, between blocks there is the table.
class Http2HeaderReader {
 public:
  Http2HeaderReader();
  ~Http2HeaderReader();
  Http2HeaderReader(const Http2HeaderReader&) = delete;
  Http2HeaderReader& operator=(const Http2HeaderReader&) = delete;

  /// allow_table: whoever reads this direction said SETTINGS_HEADER_TABLE_SIZE. The largest that
  /// was ever said counts, from the next block on: the sender makes its table smaller in the blocks
  /// themselves (RFC 7541 4.2), and what it may use when is not for us to judge.
  void allow_table(std::uint32_t bytes);

  /// add takes the next bytes of a block. False: it can't be read, or is beyond a limit; all blocks
  /// that follow are lost with it.
  [[nodiscard]] bool add(Bytes bytes);
  /// finish ends the block and returns its fields; nothing when that was not its end.
  [[nodiscard]] std::optional<Http2Fields> finish();

  /// release lets go of all memory; no block can be read after it.
  void release();

 private:
  struct Free {
    void operator()(nghttp2_hd_inflater* inflater) const;
  };

  [[nodiscard]] bool begin();
  [[nodiscard]] bool inflate(Bytes bytes, bool last);
  [[nodiscard]] bool keep(std::string_view name, std::string_view value);

  std::unique_ptr<nghttp2_hd_inflater, Free> inflater_;
  Http2Fields fields_;
  std::size_t block_bytes_ = 0;
  std::uint32_t table_bytes_;
  bool in_block_ = false;
};

}  // namespace visavis::inspect

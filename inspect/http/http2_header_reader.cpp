#include "inspect/http/http2_header_reader.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "inspect/bytes/limits.h"

namespace visavis::inspect {
namespace {

/// RFC 9113 6.5.2: the value before any SETTINGS.
constexpr std::uint32_t kInitialTableBytes = 4096;

std::string_view as_text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// Three digits (RFC 9110 15); 0 for anything else.
int status_of(std::string_view text) {
  const auto digit = [](char each) { return each >= '0' && each <= '9'; };
  if (text.size() != 3 || !std::all_of(text.begin(), text.end(), digit)) return 0;
  return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

}  // namespace

void Http2HeaderReader::Free::operator()(nghttp2_hd_inflater* inflater) const {
  nghttp2_hd_inflate_del(inflater);
}

Http2HeaderReader::Http2HeaderReader() : table_bytes_(kInitialTableBytes) {}
Http2HeaderReader::~Http2HeaderReader() = default;

void Http2HeaderReader::allow_table(std::uint32_t bytes) {
  constexpr auto kMost = static_cast<std::uint32_t>(limits::kMaxHpackTableBytes);
  table_bytes_ = std::max(table_bytes_, std::min(bytes, kMost));
}

bool Http2HeaderReader::begin() {
  fields_ = {};
  block_bytes_ = 0;
  in_block_ = true;
  if (!inflater_) {
    nghttp2_hd_inflater* inflater = nullptr;
    if (nghttp2_hd_inflate_new(&inflater) != 0) return false;
    inflater_.reset(inflater);
  }
  return nghttp2_hd_inflate_change_table_size(inflater_.get(), table_bytes_) == 0;
}

bool Http2HeaderReader::add(Bytes bytes) {
  if (!in_block_ && !begin()) return false;
  block_bytes_ += bytes.size();
  return block_bytes_ <= limits::kMaxHttp2HeaderBlockBytes && inflate(bytes, false);
}

std::optional<Http2Fields> Http2HeaderReader::finish() {
  if (!in_block_ && !begin()) return std::nullopt;
  in_block_ = false;
  if (!inflate({}, true) || nghttp2_hd_inflate_end_headers(inflater_.get()) != 0)
    return std::nullopt;
  return std::exchange(fields_, {});
}

bool Http2HeaderReader::inflate(Bytes bytes, bool last) {
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t taken = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, bytes.data(),
                                                 bytes.size(), last ? 1 : 0);
    if (taken < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(taken));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      if (!keep(as_text(field.name, field.namelen), as_text(field.value, field.valuelen)))
        return false;
    } else if (bytes.empty()) {
      return !last || (flags & NGHTTP2_HD_INFLATE_FINAL) != 0;
    }
  }
}

/// A pseudo-header field that stands there twice is malformed (RFC 9113 8.3), and could be made to
/// cost us a copy of 64 KiB for each byte.
bool Http2HeaderReader::keep(std::string_view name, std::string_view value) {
  if (name == "content-type") {
    if (fields_.content_type.empty()) fields_.content_type = value;
    return true;
  }
  if (!name.starts_with(':')) return true;
  if (name == ":status") {
    if (fields_.status != 0) return false;
    fields_.status = status_of(value);
    return fields_.status != 0;
  }
  std::string* into = nullptr;
  if (name == ":method") into = &fields_.method;
  if (name == ":path") into = &fields_.path;
  if (name == ":authority") into = &fields_.authority;
  if (into == nullptr) return true;
  if (!into->empty()) return false;
  *into = value;
  return true;
}

void Http2HeaderReader::release() {
  inflater_.reset();
  fields_ = {};
}

}  // namespace visavis::inspect

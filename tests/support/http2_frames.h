#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct nghttp2_hd_deflater;

namespace visavis::testing {

/// http2_frame is one frame of HTTP/2 (RFC 9113 4.1).
[[nodiscard]] std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                                      std::string_view payload = {});

/// http2_number is `value` in `bytes` bytes, big-endian.
[[nodiscard]] std::string http2_number(std::uint32_t value, int bytes);

/// http2_settings is a SETTINGS frame with one setting; without arguments it is empty.
[[nodiscard]] std::string http2_settings();
[[nodiscard]] std::string http2_settings(std::uint16_t id, std::uint32_t value);

/// padded is a payload with its pad length before and `count` zeros behind.
[[nodiscard]] std::string http2_padded(std::string_view payload, std::uint8_t count);

/// unhexed reads hex; blanks count for nothing.
[[nodiscard]] std::string unhexed(std::string_view hex);

/// HeaderList is the fields of a header section, in order.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// Http2Encoder is nghttp2's own HPACK encoder of one direction.
class Http2Encoder {
 public:
  Http2Encoder();
  ~Http2Encoder();
  Http2Encoder(const Http2Encoder&) = delete;
  Http2Encoder& operator=(const Http2Encoder&) = delete;

  /// block is the header block, ready for a frame.
  [[nodiscard]] std::string block(const HeaderList& fields);
  /// set_table changes the table's size, as after the peer's SETTINGS_HEADER_TABLE_SIZE.
  void set_table(std::size_t bytes);

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

/// Http2Peers are a client and a server of nghttp2, joined by what they say to each other.
class Http2Peers {
 public:
  /// Turn is what one side has sent at once.
  struct Turn {
    bool client;
    std::string bytes;
  };

  /// ask makes the client ask, with a body of `body_bytes`; the server will answer with `status`
  /// and as many bytes.
  void ask(const std::string& method, const std::string& path, std::size_t body_bytes,
           const std::string& status, std::size_t answer_bytes);
  /// talk lets both speak until nothing more is to be said.
  [[nodiscard]] std::vector<Turn> talk();

 private:
  struct Request {
    std::string method, path, status;
    std::size_t body_bytes, answer_bytes;
  };
  std::vector<Request> requests_;
};

}  // namespace visavis::testing

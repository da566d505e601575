#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "inspect/bytes/byte_reader.h"

namespace visavis::inspect {

template <bool is_request>
class Http1Parser;

/// Http1Head is what a header section says; of one that could not be read, what was understood
/// until then.
struct Http1Head {
  std::string method;  ///< requests only
  std::string target;  ///< requests only, as sent
  int version = 0;     ///< 10, 11; 0: the start line could not be read
  int status = 0;      ///< responses only
  std::string host{};  ///< requests only: the first Host, as sent
  std::string content_type{};  ///< responses only: the first Content-Type, as sent
};

/// Http1Step is what one call of Http1Reader::read came to.
struct Http1Step {
  enum class Kind : std::uint8_t {
    need_more,  ///< every byte given was taken
    head,       ///< a header section ended
    complete,   ///< a message ended
    failed,     ///< these bytes are not HTTP/1, or more than our limits allow; read no further
  };
  Kind kind = Kind::need_more;
  std::uint64_t body_bytes = 0;  ///< body bytes passed in this call, without chunk framing
};

/// Http1Reader reads one direction of a connection, message after message, and keeps no body.
///
/// A body with a Content-Length, or one that lasts until the close, is counted and not looked at: a
/// call costs the same for one byte and for a gigabyte. Between messages no memory is held. Source:
/// RFC 9112.
template <bool is_request>
class Http1Reader {
 public:
  Http1Reader();
  ~Http1Reader();
  Http1Reader(const Http1Reader&) = delete;
  Http1Reader& operator=(const Http1Reader&) = delete;

  /// read takes bytes from the front of `bytes` up to the next step; call again until need_more.
  /// `head` is filled at the steps head and failed.
  Http1Step read(Bytes& bytes, Http1Head& head);
  /// skip_body, after the step head: no body follows, whatever the header section says (HEAD).
  void skip_body();
  /// ended: no more bytes will come. True when that completes the message.
  bool ended();

  /// release lets go of all memory; between messages none is held.
  void release();

  [[nodiscard]] bool between_messages() const;
  /// unfinished: a header section, or a body of known length or in chunks, has begun and not ended.
  [[nodiscard]] bool unfinished() const;

 private:
  enum class State : std::uint8_t { head, no_body, length_body, chunked_body, until_close };

  Http1Step read_head(Bytes& bytes, Http1Head& head);
  Http1Step parse_head(std::string_view text, Http1Head& head);
  Http1Step read_chunks(Bytes& bytes);
  Http1Step skip_bytes(Bytes& bytes);
  Http1Step complete(std::uint64_t body_bytes);

  std::string held_;  ///< the beginning of a header section, a chunk's header or the trailers
  std::unique_ptr<Http1Parser<is_request>> parser_;  ///< while a chunked body lasts
  std::uint64_t body_left_ = 0;
  State state_ = State::head;
};

extern template class Http1Reader<true>;
extern template class Http1Reader<false>;

}  // namespace visavis::inspect

#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "inspect/bytes/limits.h"
#include "inspect/http/http1_reader.h"

namespace visavis::inspect {

/// Http1Parser is Beast's parser with counters in place of a message: it copies nothing but the
/// start line, Host and Content-Type.
template <bool is_request>
class Http1Parser final : public boost::beast::http::basic_parser<is_request> {
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

 public:
  explicit Http1Parser(Http1Head& head) : head_(&head) {
    this->body_limit(boost::none);
    this->header_limit(limits::kMaxHttpHeaderBytes);
  }

  /// parse_head takes a whole header section. False: it can't be understood.
  bool parse_head(std::string_view text) {
    Error error;
    const std::size_t taken = this->put(boost::asio::buffer(text), error);
    head_ = nullptr;
    return !error && taken == text.size() && this->is_header_done();
  }

  /// parse_chunks returns how much of `text` it took. What is left needs more bytes, or belongs to
  /// the next message, or, with `failed` set, is no chunk.
  std::size_t parse_chunks(std::string_view text, bool& failed) {
    std::size_t taken = 0;
    while (!this->is_done() && can_parse(text.size() - taken)) {
      Error error;
      taken += this->put(boost::asio::buffer(text.substr(taken)), error);
      if (error == boost::beast::http::error::need_more) break;
      failed = static_cast<bool>(error);
      if (failed) break;
    }
    return taken;
  }

  [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  /// Beast (1.81) asserts that a last chunk is seen again with 5 bytes or more: "0\r\n" followed by
  /// "\r" would stop a debug build. No chunk header that ends a message is shorter.
  [[nodiscard]] bool can_parse(std::size_t size) const {
    return chunk_left_ != 0 ? size != 0 : size >= 5;
  }

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version,
                       Error&) override {
    *head_ = {std::string(method), std::string(target), version, 0};
  }
  void on_response_impl(int status, Text, int version, Error&) override {
    *head_ = {{}, {}, version, status};
  }
  /// Trailers come when the head is away.
  void on_field_impl(boost::beast::http::field name, Text, Text value, Error&) override {
    constexpr auto kKept =
        is_request ? boost::beast::http::field::host : boost::beast::http::field::content_type;
    if (name != kKept || head_ == nullptr) return;
    std::string& into = is_request ? head_->host : head_->content_type;
    if (into.empty()) into = std::string(value);
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(Text body, Error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t size, Text, Error&) override { chunk_left_ = size; }
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override {
    chunk_left_ -= body.size();
    body_bytes_ += body.size();
    return body.size();
  }
  void on_finish_impl(Error&) override {}

  Http1Head* head_;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace visavis::inspect

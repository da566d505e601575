#include "proxy/hello_peek.h"

#include <array>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/record/record_reader.h"
#include "proxy/tcp_segments.h"

namespace visavis::proxy {
namespace {

using inspect::Bytes;
using inspect::ParseError;
using inspect::ParseErrorCode;

/// HelloCollector is fed by the record reader until the first handshake message is whole.
class HelloCollector {
 public:
  void fragment(const inspect::RecordHeader& header, Bytes bytes) {
    if (!version_) version_ = header.version;
    if (header.type != inspect::kHandshake && !wrong_type_) wrong_type_ = true;
    if (header.sslv2)
      sslv2_body_.insert(sslv2_body_.end(), bytes.begin(), bytes.end());
    else
      assembler_.add(bytes);
  }
  void record(const inspect::RecordHeader& header) { sslv2_done_ = header.sslv2; }

  /// The hello, not yet, or why not.
  inspect::StreamResult<inspect::ClientHello> hello() {
    if (wrong_type_) return ParseError{ParseErrorCode::bad_value, "record type", 0};
    if (!sslv2_body_.empty()) return sslv2_hello();
    auto message = assembler_.next();
    if (message.needs_more()) return inspect::NeedMore{message.missing_bytes()};
    if (message.failed()) return message.error();
    auto parsed = inspect::parse_client_hello(message->raw);
    if (!parsed.ok()) return parsed.error();
    parsed->record_version = *version_;
    return std::move(parsed).value();
  }

 private:
  inspect::StreamResult<inspect::ClientHello> sslv2_hello() {
    if (!sslv2_done_) return inspect::NeedMore{1};
    auto parsed = inspect::parse_sslv2_client_hello(sslv2_body_);
    if (!parsed.ok()) return parsed.error();
    parsed->record_version = inspect::kSsl2;
    return std::move(parsed).value();
  }

  inspect::MessageAssembler assembler_{inspect::limits::kMaxClientHelloBytes};
  std::vector<std::uint8_t> sslv2_body_;
  std::optional<inspect::ProtocolVersion> version_;
  bool sslv2_done_ = false;
  bool wrong_type_ = false;
};

/// Where a receive call puts its bytes until they are copied: never held across a wait.
thread_local std::array<std::uint8_t, 16384> chunk;

PeekFailure failure(PeekEnd end) { return {end, inspect::Protocol::unknown, {}}; }

PeekFailure malformed(const ParseError& error) {
  return {PeekEnd::malformed, inspect::Protocol::unknown, error};
}

}  // namespace

Task<std::variant<PeekedHello, PeekFailure>> peek_hello(
    Wire& wire, std::optional<std::uint32_t> segments_before) {
  PeekedHello peeked;
  inspect::RecordReader reader;
  HelloCollector collector;
  for (;;) {
    const std::size_t count = wire.receive(chunk);
    if (count == 0) {
      if (wire.end() != WireEnd::open) co_return failure(PeekEnd::closed);
      if (!co_await wire.readable()) co_return failure(PeekEnd::cancelled);
      continue;
    }
    const Bytes bytes = Bytes(chunk).first(count);
    peeked.bytes.insert(peeked.bytes.end(), bytes.begin(), bytes.end());
    if (peeked.segments.size() < inspect::limits::kMaxHelloSegments)
      peeked.segments.push_back(static_cast<std::uint32_t>(count));
    reader.feed(bytes, collector);
    if (reader.error() && reader.offset() <= inspect::kRecordHeaderBytes) {
      const auto found = inspect::detect_first_bytes(peeked.bytes);
      if (found.needs_more() && peeked.bytes.size() < 24) {
        if (!co_await wire.readable()) co_return failure(PeekEnd::cancelled);
        reader = {};  // no TLS, that is certain; what it is, a banner in small pieces tells later
        continue;
      }
      co_return PeekFailure{PeekEnd::not_tls, found.ok() ? *found : inspect::Protocol::unknown, {}};
    }
    auto hello = collector.hello();
    if (hello.ok()) {
      peeked.hello = std::move(*hello);
      peeked.segments_exact =
          segments_before && received_data_segments(wire.socket().native_handle()) ==
                                 *segments_before + peeked.segments.size();
      co_return peeked;
    }
    if (hello.failed()) co_return malformed(hello.error());
    if (reader.error()) co_return malformed(*reader.error());
    if (peeked.bytes.size() > inspect::limits::kMaxClientHelloBytes)
      co_return malformed({ParseErrorCode::too_large, "ClientHello", peeked.bytes.size()});
  }
}

std::optional<inspect::ParseError> malformed_hello(Bytes bytes) {
  inspect::RecordReader reader;
  HelloCollector collector;
  reader.feed(bytes, collector);
  if (reader.error() && reader.offset() <= inspect::kRecordHeaderBytes) return std::nullopt;
  const auto hello = collector.hello();
  if (hello.ok()) return std::nullopt;
  if (hello.failed()) return hello.error();
  if (reader.error()) return *reader.error();
  return std::nullopt;
}

}  // namespace visavis::proxy

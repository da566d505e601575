#include "inspect/capture/tls_finder.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/capture/file_number.h"
#include "inspect/codepoint/content_type.h"
#include "inspect/record/record.h"

namespace visavis::inspect {
namespace {

/// Of a hello: record header, handshake header, version.
constexpr std::size_t kHelloSignatureBytes = 11;
/// A hello has a version, a random, a session id, one suite and one compression method at least.
constexpr std::size_t kMinHelloBytes = 38;
constexpr std::size_t kSslv2SignatureBytes = 11;

bool is_version(Bytes bytes, std::size_t at) { return bytes[at] == 3 && bytes[at + 1] <= 4; }

/// The beginning of a hello in a record: what ciphertext does not look like in 2^50 cases.
std::optional<TlsBegins> hello_at(Bytes bytes) {
  if (bytes.size() < kHelloSignatureBytes) return std::nullopt;
  if (bytes[0] != kHandshake.value || !is_version(bytes, 1) || !is_version(bytes, 9))
    return std::nullopt;
  const std::size_t record = number16(bytes, 3, true);
  const std::size_t message = std::size_t{bytes[6]} << 16 | number16(bytes, 7, true);
  if (record < 4 || record > limits::kMaxRecordLength || message < kMinHelloBytes ||
      message > limits::kMaxHandshakeMessageBytes)
    return std::nullopt;
  if (bytes[5] == 1) return TlsBegins::client_hello;
  if (bytes[5] == 2) return TlsBegins::server_hello;
  return std::nullopt;
}

/// An SSL 2.0 hello, whose own lengths have to add up: RFC 5246 E.2.
bool sslv2_hello_at(Bytes bytes) {
  if (bytes.size() < kSslv2SignatureBytes || (bytes[0] & 0x80U) == 0 || bytes[2] != 1) return false;
  const bool version = (bytes[3] == 3 && bytes[4] <= 4) || (bytes[3] == 0 && bytes[4] == 2);
  const std::size_t length = number16(bytes, 0, true) & 0x7fffU;
  const std::size_t suites = number16(bytes, 5, true);
  const std::size_t session = number16(bytes, 7, true);
  const std::size_t challenge = number16(bytes, 9, true);
  return version && suites > 0 && suites % 3 == 0 && (session == 0 || session == 16) &&
         challenge >= 16 && challenge <= 32 && length == 9 + suites + session + challenge;
}

TlsBegins kind_of_record(Bytes bytes) {
  if (const auto hello = hello_at(bytes)) return *hello;
  if (bytes[0] == kHandshake.value && bytes.size() > kRecordHeaderBytes) {
    if (bytes[5] == 1) return TlsBegins::client_hello;
    if (bytes[5] == 2) return TlsBegins::server_hello;
  }
  return bytes[0] == kAlert.value ? TlsBegins::alert : TlsBegins::other_record;
}

/// Records one behind the other that end with the segment.
bool records_fill(Bytes segment) {
  while (begins_like_record(segment)) {
    const std::size_t whole = kRecordHeaderBytes + number16(segment, 3, true);
    if (whole == segment.size()) return true;
    if (whole > segment.size()) return false;
    segment = segment.subspan(whole);
  }
  return false;
}

}  // namespace

bool begins_like_record(Bytes bytes) {
  if (bytes.size() < kRecordHeaderBytes) return false;
  const bool type = bytes[0] >= kChangeCipherSpec.value && bytes[0] <= 24;
  return type && is_version(bytes, 1) && number16(bytes, 3, true) <= limits::kMaxRecordLength;
}

std::optional<TlsPlace> TlsFinder::add(Bytes segment) {
  static_assert(kTailBytes == kHelloSignatureBytes - 1);
  tail_ = next_tail_;
  passed_ += last_bytes_;
  last_bytes_ = segment.size();
  const std::size_t count = std::min(kHeadBytes - head_bytes_, segment.size());
  std::copy_n(segment.begin(), count, head_.data() + head_bytes_);
  head_bytes_ += count;
  if (opening_)
    if (const auto place = at_opening(segment)) return place;
  // A hello may begin in the bytes before.
  std::array<std::uint8_t, kTailBytes + kHelloSignatureBytes> held{};
  std::copy_n(tail_.bytes.begin(), tail_.count, held.begin());
  const std::size_t begun = std::min(segment.size(), kHelloSignatureBytes);
  std::copy_n(segment.begin(), begun, held.data() + tail_.count);
  const Bytes joint = Bytes(held).first(tail_.count + begun);
  for (std::size_t i = 0; i < tail_.count; ++i)
    if (const auto hello = hello_at(joint.subspan(i)))
      return TlsPlace{*hello,
                      static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(tail_.count)};
  for (auto at = segment.begin();; ++at) {
    at = std::find(at, segment.end(), kHandshake.value);
    if (at == segment.end()) break;
    if (const auto hello = hello_at({at, segment.end()}))
      return TlsPlace{*hello, at - segment.begin()};
  }
  if (sslv2_hello_at(segment)) return TlsPlace{TlsBegins::client_hello, 0};
  if (!opening_ && records_fill(segment)) return TlsPlace{kind_of_record(segment), 0};
  next_tail_.count = std::min(joint.size(), kTailBytes);
  const Bytes last = segment.size() >= next_tail_.count ? segment : joint;
  std::copy(last.end() - static_cast<std::ptrdiff_t>(next_tail_.count), last.end(),
            next_tail_.bytes.begin());
  return std::nullopt;
}

/// The stream's first byte may come with less than a record's header.
std::optional<TlsPlace> TlsFinder::at_opening(Bytes segment) {
  const auto before = static_cast<std::ptrdiff_t>(passed_);
  // The byte behind a handshake record's header says who speaks.
  const Bytes begun = head();
  const bool cut = begun.size() == kRecordHeaderBytes && begun[0] == kHandshake.value;
  if (begins_like_record(begun) && !cut) return TlsPlace{kind_of_record(begun), -before};
  if (sslv2_hello_at(begun)) return TlsPlace{TlsBegins::client_hello, -before};
  opening_ = passed_ + segment.size() < kHelloSignatureBytes;
  return std::nullopt;
}

void TlsFinder::lost() {
  tail_ = next_tail_ = {};
  opening_ = false;
}

}  // namespace visavis::inspect

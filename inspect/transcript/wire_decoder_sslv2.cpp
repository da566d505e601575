#include <utility>

#include "inspect/transcript/history.h"
#include "inspect/transcript/wire_decoder.h"

/// SSL 2.0 sessions, and the hello in that form that opens a later one.
/// Source: draft-hickman-netscape-ssl-00.
namespace visavis::inspect {
namespace {

/// An encrypted record has a MAC of 16 bytes: one as short as this is an ERROR in clear.
constexpr std::size_t kErrorBytes = 3;

}  // namespace

/// In clear are the hellos, the client's key message (the first record behind its hello, unless it
/// resumes a session), and errors.
bool WireDecoder::sslv2_in_clear(Direction direction, const RecordHeader& header) const {
  if (header.type == kHandshake || header.length == kErrorBytes) return true;
  return direction == Direction::c2s && sides_.c2s.sslv2_records == 0 &&
         !transcript_.transcript().sslv2_cipher;
}

void WireDecoder::sslv2_record(std::int64_t at, Direction direction, const RecordHeader& header) {
  Side& side = sides_[direction];
  const std::vector<std::uint8_t> body = std::exchange(side.sslv2_body, {});
  if (body.size() > header.padding &&
      sslv2_clear_message(at, direction, Bytes(body).first(body.size() - header.padding)))
    return;
  ++side.sslv2_records;
  // CLIENT-FINISHED; SERVER-VERIFY and SERVER-FINISHED.
  const Transcript& seen = transcript_.transcript();
  if (seen.established || sides_.c2s.sslv2_records < 1 || sides_.s2c.sslv2_records < 2) return;
  transcript_.observe_established(
      at, seen.sslv2_server_hello && seen.sslv2_server_hello->session_id_hit);
}

bool WireDecoder::sslv2_clear_message(std::int64_t at, Direction direction, Bytes body) {
  const bool client = direction == Direction::c2s;
  const auto length = static_cast<std::uint32_t>(body.size());
  if (const auto error = parse_sslv2_error(body); error.ok()) {
    transcript_.observe_sslv2_message(at, direction, sslv2_error_note(*error), kAlertLetter,
                                      length);
    return true;
  }
  if (client && body[0] == kClientHello.value && !transcript_.transcript().client_hello) {
    client_hello(at, parse_sslv2_client_hello(body), kSsl2);
    return true;
  }
  if (client) {
    const auto cipher = parse_sslv2_client_master_key(body);
    if (!cipher.ok()) return false;
    transcript_.transcript().sslv2_cipher = *cipher;
    transcript_.observe_sslv2_message(at, direction, "SSL 2.0 ClientMasterKey",
                                      history_letter(kClientKeyExchange), length);
    return true;
  }
  auto hello = parse_sslv2_server_hello(body);
  if (hello.ok())
    transcript_.observe_sslv2_hello(at, std::move(hello).value(), length);
  else
    transcript_.observe_malformed(at, direction, kServerHello, hello.error());
  return true;
}

}  // namespace visavis::inspect

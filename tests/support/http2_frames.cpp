#include "tests/support/http2_frames.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace visavis::testing {
namespace {

nghttp2_nv field(const std::string& name, const std::string& value) {
  // The library does not write to them.
  const auto bytes = [](const std::string& text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::vector<nghttp2_nv> fields_of(const HeaderList& list) {
  std::vector<nghttp2_nv> fields;
  fields.reserve(list.size());
  for (const auto& [name, value] : list) fields.push_back(field(name, value));
  return fields;
}

void check(std::ptrdiff_t result) {
  if (result < 0) throw std::runtime_error(nghttp2_strerror(static_cast<int>(result)));
}

/// How much of each stream's body is still to be sent.
struct Bodies {
  std::map<std::int32_t, std::size_t> left;
  std::map<std::int32_t, HeaderList> answers;  // the server's
};

ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* into, std::size_t room,
                  std::uint32_t* flags, nghttp2_data_source* source, void*) {
  std::size_t& left = static_cast<Bodies*>(source->ptr)->left[stream];
  const std::size_t count = std::min(left, room);
  std::fill_n(into, count, std::uint8_t{'x'});
  left -= count;
  if (left == 0) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

nghttp2_data_provider provider(Bodies& bodies) {
  nghttp2_data_provider body{};
  body.source.ptr = &bodies;
  body.read_callback = read_body;
  return body;
}

/// The server answers when the request has ended.
int answer(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  const bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (!ended || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
  auto& bodies = *static_cast<Bodies*>(user);
  const auto found = bodies.answers.find(frame->hd.stream_id);
  if (found == bodies.answers.end()) return 0;
  const std::vector<nghttp2_nv> fields = fields_of(found->second);
  const nghttp2_data_provider body = provider(bodies);
  return nghttp2_submit_response(session, frame->hd.stream_id, fields.data(), fields.size(), &body);
}

using Session = std::unique_ptr<nghttp2_session, decltype(&nghttp2_session_del)>;

Session make_session(bool client, Bodies& bodies) {
  nghttp2_session_callbacks* callbacks = nullptr;
  check(nghttp2_session_callbacks_new(&callbacks));
  if (!client) nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, answer);
  nghttp2_session* session = nullptr;
  check(client ? nghttp2_session_client_new(&session, callbacks, &bodies)
               : nghttp2_session_server_new(&session, callbacks, &bodies));
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry table{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, client ? 65536U : 8192U};
  check(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, &table, 1));
  return {session, nghttp2_session_del};
}

std::string said(nghttp2_session* session) {
  std::string bytes;
  const std::uint8_t* data = nullptr;
  for (;;) {
    const ssize_t count = nghttp2_session_mem_send(session, &data);
    check(count);
    if (count == 0) return bytes;
    bytes.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(count));
  }
}

void hear(nghttp2_session* session, const std::string& bytes) {
  check(nghttp2_session_mem_recv(session, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                 bytes.size()));
}

}  // namespace

std::string http2_number(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return text;
}

std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                        std::string_view payload) {
  return http2_number(static_cast<std::uint32_t>(payload.size()), 3) + http2_number(type, 1) +
         http2_number(flags, 1) + http2_number(stream, 4) + std::string(payload);
}

std::string http2_settings() { return http2_frame(4, 0, 0); }

std::string http2_settings(std::uint16_t id, std::uint32_t value) {
  return http2_frame(4, 0, 0, http2_number(id, 2) + http2_number(value, 4));
}

std::string http2_padded(std::string_view payload, std::uint8_t count) {
  return http2_number(count, 1) + std::string(payload) + std::string(count, '\0');
}

std::string unhexed(std::string_view hex) {
  std::string digits;
  for (const char each : hex)
    if (each != ' ') digits.push_back(each);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

Http2Encoder::Http2Encoder() { check(nghttp2_hd_deflate_new(&deflater_, 1U << 20)); }
Http2Encoder::~Http2Encoder() { nghttp2_hd_deflate_del(deflater_); }

std::string Http2Encoder::block(const HeaderList& list) {
  const std::vector<nghttp2_nv> fields = fields_of(list);
  std::string bytes(nghttp2_hd_deflate_bound(deflater_, fields.data(), fields.size()), '\0');
  const ssize_t size =
      nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(),
                            fields.data(), fields.size());
  check(size);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

void Http2Encoder::set_table(std::size_t bytes) {
  check(nghttp2_hd_deflate_change_table_size(deflater_, bytes));
}

void Http2Peers::ask(const std::string& method, const std::string& path, std::size_t body_bytes,
                     const std::string& status, std::size_t answer_bytes) {
  requests_.push_back({method, path, status, body_bytes, answer_bytes});
}

std::vector<Http2Peers::Turn> Http2Peers::talk() {
  Bodies asked;
  Bodies answered;
  const Session client = make_session(true, asked);
  const Session server = make_session(false, answered);
  for (const Request& request : requests_) {
    const HeaderList list{{":method", request.method},
                          {":scheme", "https"},
                          {":authority", "localhost"},
                          {":path", request.path},
                          {"user-agent", "nghttp2 in a test"}};
    const std::vector<nghttp2_nv> fields = fields_of(list);
    const nghttp2_data_provider body = provider(asked);
    const std::int32_t stream =
        nghttp2_submit_request(client.get(), nullptr, fields.data(), fields.size(),
                               request.body_bytes > 0 ? &body : nullptr, nullptr);
    check(stream);
    asked.left[stream] = request.body_bytes;
    answered.left[stream] = request.answer_bytes;
    answered.answers[stream] = {{":status", request.status}, {"server", "nghttp2 in a test"}};
  }
  std::vector<Turn> turns;
  for (std::size_t silent = 0; silent < 2;) {
    const bool from_client = turns.size() % 2 == 0;
    turns.push_back({from_client, said(from_client ? client.get() : server.get())});
    hear(from_client ? server.get() : client.get(), turns.back().bytes);
    silent = turns.back().bytes.empty() ? silent + 1 : 0;
  }
  return turns;
}

}  // namespace visavis::testing

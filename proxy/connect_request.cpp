#include "proxy/connect_request.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/http/request_target.h"
#include "inspect/record/first_bytes.h"

namespace visavis::proxy {
namespace {

using inspect::Protocol;
namespace limits = inspect::limits;

std::string_view reason_phrase(int status) {
  if (status == 405) return "Method Not Allowed";
  if (status == 408) return "Request Timeout";
  if (status == 431) return "Request Header Fields Too Large";
  return "Bad Request";
}

/// What a registered name may be written with, and no user information before it (RFC 3986 3.2.2,
/// RFC 9112 3.2.3).
bool is_name_character(char character) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=%";
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') || kMarks.find(character) != std::string_view::npos;
}

ConnectReader::Result bad_authority(const std::string& why) {
  return ConnectRefusal{400, "HTTP CONNECT: " + why};
}

ConnectReader::Result read_authority(const std::string& text) {
  if (text.size() > limits::kMaxConnectAuthorityBytes)
    return bad_authority("HOST:PORT of " + std::to_string(text.size()) +
                         " bytes, and no name is so long");
  const std::string shown = inspect::listed_target(text, true);
  if (shown != text) return bad_authority("'" + shown + "' has characters that no host has");
  HostPort address;
  try {
    address = parse_host_port(text);
  } catch (const std::exception& error) {
    return bad_authority(error.what());
  }
  if (address.port == 0) return bad_authority("port 0 of '" + text + "' can't be dialled");
  const bool v6 = text.front() == '[';
  const bool named =
      !v6 && std::all_of(address.host.begin(), address.host.end(), is_name_character);
  const bool valid =
      v6 ? address.host.find(':') != std::string::npos && is_address(address.host) : named;
  if (!valid) return bad_authority("'" + text + "' has no valid host");
  return address;
}

}  // namespace

ConnectReader::Result judge_connect(const inspect::Http1Head& head) {
  if (head.method != "CONNECT")
    return ConnectRefusal{405, head.method + " was sent, and only CONNECT is served here: an " +
                                   "https:// URL through this proxy, or a client that tunnels " +
                                   "everything (curl: --proxytunnel)"};
  return read_authority(head.target);
}

void ConnectReader::keep_first(inspect::Bytes bytes) {
  const std::size_t count = std::min(bytes.size(), first_.size() - first_size_);
  std::copy_n(bytes.begin(), count, first_.begin() + first_size_);
  first_size_ += count;
}

std::size_t ConnectReader::read(inspect::Bytes bytes) {
  if (result_ || bytes.empty()) return 0;
  keep_first(bytes);
  inspect::Bytes left = bytes;
  inspect::Http1Head head;
  const inspect::Http1Step step = reader_.read(left, head);
  const bool failed = step.kind == inspect::Http1Step::Kind::failed;
  const std::size_t taken = failed ? bytes.size() : bytes.size() - left.size();
  read_bytes_ += taken;
  if (step.kind == inspect::Http1Step::Kind::head) result_ = judge_connect(head);
  if (failed) result_ = why_not_understood(head);
  if (result_) reader_.release();
  return taken;
}

ConnectRefusal ConnectReader::why_not_understood(const inspect::Http1Head& head) const {
  if (read_bytes_ >= limits::kMaxHttpHeaderBytes)
    return {431, "the request has more than " + std::to_string(limits::kMaxHttpHeaderBytes) +
                     " bytes of header fields"};
  if (head.version != 0)
    return {400, "the header fields of the " + head.method + " request can't be read"};
  const auto found = inspect::detect_first_bytes(inspect::Bytes(first_).first(first_size_));
  const Protocol protocol = found.ok() ? *found : Protocol::unknown;
  if (protocol == Protocol::tls || protocol == Protocol::sslv2_hello)
    return {400,
            "the client began TLS at once: it does not use this as a proxy, which wants HTTP "
            "CONNECT first (or start visavis without --connect)"};
  if (protocol == Protocol::http_request) return {400, "the request's first line can't be read"};
  if (protocol == Protocol::unknown) return {400, "what came is no HTTP request"};
  return {400, "what came is no HTTP CONNECT, but: " + std::string(name(protocol))};
}

ConnectTunnel connect_tunnel(HostPort asked, const std::vector<Route>& routes,
                             const std::optional<HostPort>& fixed) {
  const HostPort* renamed = choose_backend(routes, fixed ? &*fixed : nullptr, asked.host);
  ConnectTunnel tunnel;
  tunnel.backend = renamed != nullptr ? *renamed : asked;
  tunnel.asked = std::move(asked);
  return tunnel;
}

std::string refusal_response(const ConnectRefusal& refusal) {
  const std::string body = "visavis: " + refusal.reason + "\n";
  std::string text = "HTTP/1.1 " + std::to_string(refusal.status) + " ";
  text += reason_phrase(refusal.status);
  if (refusal.status == 405) text += "\r\nAllow: CONNECT";
  return text + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace visavis::proxy

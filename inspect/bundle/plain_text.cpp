#include "inspect/bundle/plain_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace visavis::inspect {
namespace {

/// Fields whose values say something of the message or of the software. RFC 9110, RFC 9111, RFC
/// 9112, RFC 9113, RFC 6797, RFC 7838.
constexpr std::array<std::string_view, 25> kHarmlessFields{"host",
                                                           "user-agent",
                                                           "server",
                                                           "date",
                                                           "accept",
                                                           "accept-encoding",
                                                           "accept-charset",
                                                           "accept-ranges",
                                                           "connection",
                                                           "upgrade",
                                                           "http2-settings",
                                                           "proxy-connection",
                                                           "keep-alive",
                                                           "content-type",
                                                           "content-length",
                                                           "expect",
                                                           "transfer-encoding",
                                                           "te",
                                                           "trailer",
                                                           "vary",
                                                           "cache-control",
                                                           "alt-svc",
                                                           "max-forwards",
                                                           "strict-transport-security",
                                                           "content-encoding"};

constexpr std::array<std::string_view, 6> kSchemes{"basic", "bearer",    "digest",
                                                   "ntlm",  "negotiate", "kerberos"};

/// What clients say before a STARTTLS, and servers answer with, that names nobody.
constexpr std::array<std::string_view, 28> kVerbs{
    "EHLO", "HELO", "LHLO",   "STARTTLS",   "STLS", "AUTH", "AUTHENTICATE",
    "USER", "PASS", "LOGIN",  "CAPABILITY", "CAPA", "QUIT", "NOOP",
    "FEAT", "RSET", "LOGOUT", "HELP",       "OK",   "+OK",  "-ERR",
    "NO",   "BAD",  "BYE",    "PREAUTH",    "TLS",  "SSL",  "PROXY"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return out;
}

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_digits(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string blank(std::string_view text) { return std::string(text.size(), 'x'); }

/// One line of a text, with its end.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
  rest.remove_prefix(line.size());
  return line;
}

/// Parts a line into what it says and its end.
std::string_view take_end(std::string_view& line) {
  std::size_t size = line.size();
  if (size > 0 && line[size - 1] == '\n') --size;
  if (size > 0 && line[size - 1] == '\r') --size;
  const std::string_view end = line.substr(size);
  line = line.substr(0, size);
  return end;
}

bool is_method(std::string_view word) {
  return word.size() >= 3 && word.size() <= 16 &&
         std::all_of(word.begin(), word.end(),
                     [](char letter) { return (letter >= 'A' && letter <= 'Z') || letter == '-'; });
}

bool is_status_line(std::string_view line) { return line.starts_with("HTTP/"); }

bool is_request_line(std::string_view line) {
  const std::size_t method = line.find(' ');
  const std::size_t version = line.rfind(" HTTP/");
  return method != std::string_view::npos && version != std::string_view::npos &&
         version > method && is_method(line.substr(0, method));
}

std::string mask_start_line(std::string_view line, const Mask& mask) {
  if (is_status_line(line)) return std::string(line);
  const std::size_t method = line.find(' ') + 1;
  const std::size_t version = line.rfind(" HTTP/");
  return std::string(line.substr(0, method)) +
         mask_target(line.substr(method, version - method), mask, true) +
         std::string(line.substr(version));
}

std::string mask_field(std::string_view line, const Mask& mask) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with(' ') || line.starts_with('\t'))
    return blank(line);  // a folded line goes on with the value of the one before
  const std::string name = lower(line.substr(0, colon));
  if (contains(kHarmlessFields, name)) return std::string(line);
  std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  if (const std::size_t space = line.find(' ', value); space != std::string_view::npos)
    if (contains(kSchemes, lower(line.substr(value, space - value)))) value = space + 1;
  return std::string(line.substr(0, value)) + mask.text(line.substr(value));
}

/// Returns how much of the text an HTTP head takes, and adds it masked.
void mask_http(std::string_view rest, const Mask& mask, std::string& out) {
  while (!rest.empty()) {
    bool start = true;
    while (!rest.empty()) {
      std::string_view line = take_line(rest);
      const std::string_view end = take_end(line);
      out += start ? mask_start_line(line, mask) : mask_field(line, mask);
      out += end;
      start = false;
      if (line.empty()) break;
    }
    std::string_view next = rest.substr(0, rest.find('\n'));
    if (!is_status_line(next) && !is_request_line(next)) break;  // a body
  }
  out += blank(rest);
}

/// What asks for TLS, and says yes or no, in a protocol that is not of lines: nothing but that. Who
/// finds it masked takes what follows for more of the same. PostgreSQL: "SSL Session Encryption".
constexpr std::array<std::string_view, 3> kTlsRequests{
    std::string_view("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), "S", "N"};

/// The proxy protocol's header: behind UNKNOWN a reader passes over all up to the line's end (its
/// specification, 2.1).
constexpr std::string_view kProxyHeader = "PROXY ";
constexpr std::string_view kUnknownProxied = "PROXY UNKNOWN ";

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte >= 0x20 && byte < 0x7f) || byte == '\r' || byte == '\n' || byte == '\t';
  });
}

/// The first two words stay where they are verbs or codes, which may have a number or an IMAP tag
/// in front; and what AUTH is asked for, where that is TLS (RFC 4217 4).
std::string mask_dialogue_line(std::string_view line) {
  if (line.starts_with(kProxyHeader) && line.size() >= kUnknownProxied.size())
    return std::string(kUnknownProxied) + blank(line.substr(kUnknownProxied.size()));
  std::size_t kept = 0;
  std::size_t at = 0;
  for (int word = 0; word < 3 && at < line.size(); ++word) {
    const std::size_t end = std::min(line.find_first_of(" -", at + 1), line.size());
    std::string upper(line.substr(at, end - at));
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    const bool code = word == 0 && upper.size() == 3 && is_digits(upper);
    const bool tag =
        word == 0 &&
        (upper == "*" || upper == "." ||
         (upper.size() <= 5 && upper.size() > 1 && is_digits(std::string_view(upper).substr(1))));
    if (code || contains(kVerbs, upper)) kept = std::min(end + 1, line.size());
    if (!code && !tag && upper != "AUTH") break;
    at = end + 1;
  }
  return std::string(line.substr(0, kept)) + blank(line.substr(kept));
}

std::string mask_part(std::string_view value, const Mask& mask, bool same_length) {
  if (value.empty() || value == "***") return std::string(value);
  return same_length ? mask.text(value) : mask.token(value);
}

/// "a=1&b" and ";a=1": the values, or a part that is all value.
std::string mask_values(std::string_view list, std::string_view separators, const Mask& mask,
                        bool same_length) {
  std::string out;
  while (true) {
    const std::size_t end = std::min(list.find_first_of(separators), list.size());
    const std::string_view part = list.substr(0, end);
    const std::size_t value = part.find('=') + 1;  // 0 where there is none
    out.append(part.substr(0, value)).append(mask_part(part.substr(value), mask, same_length));
    if (end == list.size()) return out;
    out += list[end];
    list.remove_prefix(end + 1);
  }
}

}  // namespace

std::string mask_target(std::string_view target, const Mask& mask, bool same_length) {
  std::string out;
  // "http://user:password@host/": RFC 9110 4.2.4.
  if (const std::size_t scheme = target.find("://"); scheme < target.find('/')) {
    const std::size_t host = scheme + 3;
    const std::size_t end = std::min(target.find_first_of("/?#", host), target.size());
    const std::size_t at = target.substr(0, end).rfind('@');
    out = target.substr(0, host);
    if (at != std::string_view::npos && at > host)
      out += mask_part(target.substr(host, at - host), mask, same_length);
    target.remove_prefix(at != std::string_view::npos && at >= host ? at : host);
  }
  const std::size_t fragment = std::min(target.find('#'), target.size());
  const std::size_t query = std::min(target.find('?'), fragment);
  std::string_view path = target.substr(0, query);
  while (!path.empty()) {
    const std::size_t parameters = std::min(path.find(';'), path.size());
    const std::size_t segment = std::min(path.find('/', parameters), path.size());
    out.append(path.substr(0, parameters));
    if (parameters < segment)
      out += ';' + mask_values(path.substr(parameters + 1, segment - parameters - 1), ";", mask,
                               same_length);
    path.remove_prefix(segment);
    if (!path.empty()) out += '/', path.remove_prefix(1);
  }
  if (query < fragment)
    out +=
        '?' + mask_values(target.substr(query + 1, fragment - query - 1), "&;", mask, same_length);
  if (fragment < target.size())
    out += '#' + mask_part(target.substr(fragment + 1), mask, same_length);
  return out;
}

std::string mask_plain_text(std::string_view sent, const Mask& mask) {
  if (contains(kTlsRequests, sent)) return std::string(sent);
  const std::string_view first = sent.substr(0, sent.find_first_of("\r\n"));
  std::string out;
  out.reserve(sent.size());
  if (is_status_line(first) || is_request_line(first)) {
    mask_http(sent, mask, out);
    return out;
  }
  while (!sent.empty()) {
    std::string_view line = take_line(sent);
    const std::string_view end = take_end(line);
    out += end.empty() || !is_printable(line) ? blank(line) : mask_dialogue_line(line);
    out += end;
  }
  return out;
}

}  // namespace visavis::inspect

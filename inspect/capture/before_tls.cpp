#include "inspect/capture/before_tls.h"

#include <algorithm>
#include <array>

#include "inspect/record/first_bytes.h"

namespace visavis::inspect {
namespace {

using namespace std::string_view_literals;

struct Word {
  std::string_view begin;
  std::string_view name;
};

/// What clients say. FTP and SMTP servers greet alike: the client's verb tells.
constexpr std::array kClientWords{
    Word{"EHLO ", "SMTP"},
    Word{"HELO ", "SMTP"},
    Word{"LHLO ", "LMTP"},
    Word{"AUTH TLS", "FTP"},
    Word{"AUTH SSL", "FTP"},
    Word{"CONNECT ", "HTTP CONNECT"},
    Word{"<?xml", "XMPP"},
    Word{"<stream:", "XMPP"},
    Word{"STLS", "POP3"},
    Word{"CAPA", "POP3"},
    Word{"STARTTLS", "IRC"},
    Word{"PROXY ", "PROXY header"},
    Word{"\r\n\r\n\0\r\nQUIT\n"sv, "PROXY header"},
    Word{"\x05"sv, "SOCKS"},
    Word{"\x04\x01"sv, "SOCKS"},
    Word{"\x03\x00"sv, "RDP"},
    Word{"CNXN", "ADB"},
    Word{"GET ", "HTTP upgrade"},
    Word{"OPTIONS ", "HTTP upgrade"},
};

/// LDAP's StartTLS is an extended request (tag 0x77) with this name: RFC 4511 4.14.1.
constexpr std::string_view kStartTlsName = "1.3.6.1.4.1.1466.20037";

bool is_ldap(std::string_view client) {
  return client.starts_with("\x30") && client.find(kStartTlsName) != std::string_view::npos;
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a server that greets, or a client's first packet, is known by.
std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::smtp_or_ftp:
      return "SMTP or FTP";
    case Protocol::imap:
      return "IMAP";
    case Protocol::pop3:
      return "POP3";
    case Protocol::nntp:
      return "NNTP";
    case Protocol::mysql:
      return "MySQL";
    case Protocol::postgresql:
      return "PostgreSQL";
    default:
      return {};
  }
}

std::string_view name_of(Bytes bytes) {
  if (bytes.empty()) return {};
  const auto found = detect_first_bytes(bytes);
  return found.ok() ? name_of(*found) : std::string_view{};
}

}  // namespace

std::string_view name_before_tls(Bytes client, Bytes server) {
  const std::string_view said = text_of(client);
  if (is_ldap(said)) return "LDAP";
  const auto known =
      std::find_if(kClientWords.begin(), kClientWords.end(),
                   [said](const Word& word) { return said.starts_with(word.begin); });
  if (known != kClientWords.end()) return known->name;
  for (const Bytes bytes : {server, client})
    if (const std::string_view name = name_of(bytes); !name.empty()) return name;
  return "unknown bytes";
}

}  // namespace visavis::inspect

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/peers.h"

namespace visavis::testing {

/// Client is a program that speaks TLS to us.
enum class Client { curl, openssl, gnutls, python, node, java };
inline constexpr Client kAllClients[] = {Client::curl,   Client::openssl, Client::gnutls,
                                         Client::python, Client::node,    Client::java};
[[nodiscard]] std::string name(Client client);

/// Spoken is what a client itself says of its connection; numbers are 0 and texts empty where it
/// says nothing.
struct Spoken {
  int exit_code = -1;
  std::uint32_t version = 0;  ///< 0x0301 ...
  std::string suite;          ///< IANA's name
  std::string group;          ///< as the program names it
  std::string alpn;
  std::string body;
  std::string errors;  ///< its whole chatter
};

/// Visit is where a client goes and whom it trusts.
struct Visit {
  std::uint16_t port = 0;
  std::filesystem::path trusted;
  std::string host = std::string(kHost);
  std::string path = "/";
};

/// Call is one connection of any client: it offers the suites that it offers by default, old ones
/// included.
struct Call {
  Visit visit;
  std::vector<Version> versions = kAllVersions;  ///< without gaps
  std::string alpn = "";                         ///< such as "h2,http/1.1"; empty: no extension
};

/// visit_all makes the calls one after the other; each asks for its path with HTTP/1.
[[nodiscard]] std::vector<Spoken> visit_all(Client client, const std::vector<Call>& calls);

/// One by one, with options of their own; what they offer is left to the options.
[[nodiscard]] Spoken curl(const Visit& visit, std::vector<std::string> options = {});
[[nodiscard]] Spoken openssl_client(const Visit& visit, std::vector<std::string> options = {});
[[nodiscard]] Spoken gnutls_client(const Visit& visit, std::vector<std::string> options = {});
[[nodiscard]] Spoken python_client(const Visit& visit, std::vector<std::string> options = {});
/// odd_client is odd_client.py: TLS 1.2 with a ClientHello such as no library sends.
[[nodiscard]] Spoken odd_client(const Visit& visit, std::vector<std::string> options = {});
/// unsorting_client is unsorting_client.py: GnuTLS that takes a chain as it was sent.
[[nodiscard]] Spoken unsorting_client(const Visit& visit, std::vector<std::string> options = {});
/// These two make all calls in one process. Each line is one call: words NAME=VALUE, as the head of
/// tls_client.js and of TlsClient.java lists them.
[[nodiscard]] std::vector<Spoken> node_client(const std::vector<std::string>& lines);
[[nodiscard]] std::vector<Spoken> java_client(const std::vector<std::string>& lines);

/// curl_command is what `curl` runs, for those who want it running.
[[nodiscard]] Command curl_command(const Visit& visit, const std::vector<std::string>& options);

/// call_line writes a call as node_client and java_client take it.
[[nodiscard]] std::string call_line(const Call& call);

/// version_number reads "TLSv1.2" and "TLS1.2"; 0 for anything else.
[[nodiscard]] std::uint32_t version_number(const std::string& text);

/// body_of is what follows the header of an HTTP response.
[[nodiscard]] std::string body_of(const std::string& response);

/// suite_name translates OpenSSL's name of a suite to IANA's, as the openssl command lists it.
[[nodiscard]] std::string suite_name(const std::string& openssl_name);
/// gnutls_suite_name does so for GnuTLS's name; the two-byte value leads from one to the other.
[[nodiscard]] std::string gnutls_suite_name(const std::string& gnutls_name);

}  // namespace visavis::testing

#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/peers.h"

namespace visavis::testing {

/// Client is a program that speaks TLS to us.
enum class Client { curl, openssl, python };
inline constexpr Client kAllClients[] = {Client::curl, Client::openssl, Client::python};
[[nodiscard]] std::string name(Client client);

/// Spoken is what a client itself says of its connection; numbers are 0 and texts empty where it
/// says nothing.
struct Spoken {
  int exit_code = -1;
  std::uint32_t version = 0;  ///< 0x0301 ...
  std::string suite;          ///< IANA's name
  std::string group;          ///< as openssl names it; only s_client tells
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

/// visit_with lets a client ask for "/" with exactly these versions and the suites of OpenSSL's
/// default list.
[[nodiscard]] Spoken visit_with(Client client, const Visit& visit,
                                const std::vector<Version>& versions = kAllVersions);

/// The same, one by one, with options of their own; what they offer is left to the options.
[[nodiscard]] Spoken curl(const Visit& visit, std::vector<std::string> options = {});
[[nodiscard]] Spoken openssl_client(const Visit& visit, std::vector<std::string> options = {});
[[nodiscard]] Spoken python_client(const Visit& visit, std::vector<std::string> options = {});

/// curl_command is what `curl` runs, for those who want it running.
[[nodiscard]] Command curl_command(const Visit& visit, const std::vector<std::string>& options);

/// suite_name translates OpenSSL's name of a suite to IANA's, as the openssl command lists it.
[[nodiscard]] std::string suite_name(const std::string& openssl_name);

}  // namespace visavis::testing

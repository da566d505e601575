#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "proxy/backend_address.h"

namespace visavis::proxy {

/// ClientPlace is where a client's command is to connect, and what it is to trust.
struct ClientPlace {
  HostPort listener;              ///< our own: an address and a port
  std::string name;               ///< the server's name for the client; empty: the address
  std::filesystem::path ca_file;  ///< PEM: our CA and what we trust
  std::filesystem::path folder;   ///< exists; gets the files that tell clients of the name
};

/// fill_words puts the place into a command: {host} the name or address, {port}, {url}
/// "https://HOST:PORT/", {address} the listener's address, {resolve} "NAME:PORT:ADDRESS" (what curl
/// calls --resolve), {ca}. Other braces stay. Several may stand in one word.
std::vector<std::string> fill_words(const std::vector<std::string>& command,
                                    const ClientPlace& place);

/// client_environment writes what makes clients find the name at the listener without a word on
/// their command line, and returns the variables that lead them there: curl by CURL_HOME (a .curlrc
/// that goes before the user's own), Java by JDK_JAVA_OPTIONS (jdk.net.hosts.file). Other clients
/// need {address} or {resolve}. Nothing to do without a name. Throws std::runtime_error when a file
/// can't be written.
std::vector<std::string> client_environment(const ClientPlace& place);

}  // namespace visavis::proxy

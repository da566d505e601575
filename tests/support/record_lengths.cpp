#include "tests/support/record_lengths.h"

#include <sstream>
#include <stdexcept>

namespace visavis::testing {

std::size_t record_length(const Version& version, std::size_t plaintext, bool encrypt_then_mac) {
  constexpr std::size_t kBlock = 16;
  constexpr std::size_t kMac = 20;
  constexpr std::size_t kTag = 16;
  if (version == "1.3") return plaintext + 1 + kTag;
  const std::size_t iv = version == "1.0" ? 0 : kBlock;
  const auto blocks = [](std::size_t bytes) { return (bytes + kBlock - 1) / kBlock * kBlock; };
  return iv + (encrypt_then_mac ? blocks(plaintext + 1) + kMac : blocks(plaintext + kMac + 1));
}

std::string records_of(const Version& version, const std::vector<std::size_t>& plaintexts,
                       bool encrypt_then_mac) {
  std::string text;
  for (const std::size_t plaintext : plaintexts)
    text += (text.empty() ? "" : ",") +
            std::to_string(record_length(version, plaintext, encrypt_then_mac)) + '/' +
            std::to_string(plaintext);
  return text;
}

std::vector<std::string> curl_splitting(const Version& version, bool allow_beast) {
  std::vector<std::string> options{"--tlsv" + version, "--tls-max", version, "--ciphers",
                                   std::string(kSplitSuite) + "@SECLEVEL=0"};
  if (allow_beast) options.push_back("--ssl-allow-beast");
  return options;
}

SplitIntolerantServer::SplitIntolerantServer(const Credentials& credentials,
                                             const std::string& on_split)
    : PythonPeer("split_intolerant_server.py", {"--chain", credentials.chain.string(), "--key",
                                                credentials.key.string(), "--on-split", on_split}) {
}

std::vector<std::string> SplitIntolerantServer::requests(std::size_t count) {
  std::vector<std::string> found;
  const bool there = wait_until([&] {
    found.clear();
    std::istringstream lines(process().output());
    for (std::string line; std::getline(lines, line) && !lines.eof();)
      if (line.starts_with("request ")) found.push_back(line.substr(8));
    return found.size() >= count;
  });
  if (!there || found.size() > count)
    throw std::runtime_error("the server has seen " + std::to_string(found.size()) +
                             " requests, not " + std::to_string(count));
  return found;
}

}  // namespace visavis::testing

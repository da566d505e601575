#include <map>
#include <sstream>
#include <vector>

#include "tests/support/clients.h"

namespace visavis::testing {
namespace {

using Names = std::map<std::string, std::string>;

/// Lines of words: the `key`th word to the `value`th.
Names table(const Command& command, std::size_t key, std::size_t value) {
  Names names;
  std::istringstream lines(run(command).output);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> words;
    std::istringstream stream(line);
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.size() > std::max(key, value)) names[words[key]] = words[value];
  }
  return names;
}

/// Lines "0xC0,0x2B - IANA's name - OpenSSL's name ...".
Names openssl_table(std::size_t key) {
  const std::vector<std::string> words{"openssl", "ciphers", "-V", "-stdname",
                                       "ALL:COMPLEMENTOFALL:@SECLEVEL=0"};
  return table({words, "", {"OPENSSL_CONF=/dev/null"}}, key, 2);
}

std::string found_in(const Names& names, const std::string& key) {
  const auto found = names.find(key);
  return found == names.end() ? key : found->second;
}

}  // namespace

std::string suite_name(const std::string& openssl_name) {
  static const Names names = openssl_table(4);
  return found_in(names, openssl_name);
}

std::string gnutls_suite_name(const std::string& gnutls_name) {
  // Lines "TLS_ECDHE_ECDSA_AES_128_GCM_SHA256  0xc0, 0x2b  TLS1.2".
  static const Names first = table({{"gnutls-cli", "--list"}}, 0, 1);
  static const Names second = table({{"gnutls-cli", "--list"}}, 0, 2);
  static const Names names = openssl_table(0);
  std::string value = found_in(first, gnutls_name) + found_in(second, gnutls_name);
  for (char& letter : value)
    if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 'a' + 'A');
  return found_in(names, value);
}

}  // namespace visavis::testing

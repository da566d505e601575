#include "tests/support/clients.h"

#include <boost/json.hpp>

#include <map>
#include <sstream>
#include <stdexcept>

namespace visavis::testing {
namespace {

const std::string kNoOpensslConfiguration = "OPENSSL_CONF=/dev/null";

std::uint32_t version_number(const std::string& text) {
  static const std::map<std::string, std::uint32_t> numbers{
      {"SSLv3", 0x0300},   {"TLSv1", 0x0301},   {"TLSv1.0", 0x0301},
      {"TLSv1.1", 0x0302}, {"TLSv1.2", 0x0303}, {"TLSv1.3", 0x0304}};
  const auto found = numbers.find(text);
  return found == numbers.end() ? 0 : found->second;
}

/// The rest of the line after `start`, wherever in the text it is.
std::string after(const std::string& text, const std::string& start) {
  const std::size_t at = text.find(start);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + start.size();
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

std::string body_of(const std::string& response) {
  const std::size_t at = response.find("\r\n\r\n");
  return at == std::string::npos ? "" : response.substr(at + 4);
}

}  // namespace

std::string name(Client client) {
  return client == Client::curl ? "curl" : client == Client::openssl ? "openssl" : "python";
}

std::string suite_name(const std::string& openssl_name) {
  static const std::map<std::string, std::string> names = [] {
    const Ran ran = run({{"openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"},
                         "",
                         {kNoOpensslConfiguration}});
    std::map<std::string, std::string> found;
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string standard;
      std::string dash;
      std::string own;
      if (words >> standard >> dash >> own) found[own] = standard;
    }
    return found;
  }();
  const auto found = names.find(openssl_name);
  return found == names.end() ? openssl_name : found->second;
}

Command curl_command(const Visit& visit, const std::vector<std::string>& options) {
  const std::string port = std::to_string(visit.port);
  std::vector<std::string> words{"curl",
                                 "-q",
                                 "--noproxy",
                                 "*",
                                 "--silent",
                                 "--show-error",
                                 "--verbose",
                                 "--max-time",
                                 "9",
                                 "--resolve",
                                 visit.host + ":" + port + ":127.0.0.1",
                                 "--cacert",
                                 visit.trusted.string()};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("https://" + visit.host + ":" + port + visit.path);
  return {words, "", {kNoOpensslConfiguration}};
}

Spoken curl(const Visit& visit, std::vector<std::string> options) {
  const Ran ran = run(curl_command(visit, options));
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.body = ran.output;
  spoken.errors = ran.errors;
  std::istringstream agreed(after(ran.errors, "SSL connection using "));
  std::string version;
  std::string slash;
  std::string suite;
  if (agreed >> version >> slash >> suite) {
    spoken.version = version_number(version);
    spoken.suite = suite_name(suite);
  }
  spoken.alpn = after(ran.errors, "ALPN: server accepted ");
  return spoken;
}

Spoken openssl_client(const Visit& visit, std::vector<std::string> options) {
  std::vector<std::string> words{"openssl",
                                 "s_client",
                                 "-brief",
                                 "-ign_eof",
                                 "-verify_return_error",
                                 "-verifyCAfile",
                                 visit.trusted.string(),
                                 "-servername",
                                 visit.host,
                                 "-connect",
                                 "127.0.0.1:" + std::to_string(visit.port)};
  words.insert(words.end(), options.begin(), options.end());
  const std::string request = "GET " + visit.path + " HTTP/1.0\r\nHost: " + visit.host + "\r\n\r\n";
  const Ran ran = run({words, request, {kNoOpensslConfiguration}});
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.version = version_number(after(ran.errors, "Protocol version: "));
  spoken.suite = suite_name(after(ran.errors, "Ciphersuite: "));
  const std::string key = after(ran.errors, "Server Temp Key: ");
  spoken.group = key.substr(0, key.rfind(','));
  spoken.body = body_of(ran.output);
  spoken.errors = ran.errors;
  return spoken;
}

Spoken python_client(const Visit& visit, std::vector<std::string> options) {
  std::vector<std::string> arguments{
      "--port", std::to_string(visit.port), "--ca", visit.trusted.string(), "--name", visit.host};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Ran ran = run({python("tls_client.py", arguments), "", {kNoOpensslConfiguration}});
  if (ran.exit_code != 0) throw std::runtime_error("tls_client.py: " + ran.errors);
  const boost::json::value found = boost::json::parse(ran.output);
  const auto text = [&found](const char* key) {
    const boost::json::value& value = found.at(key);
    return value.is_null() ? std::string() : std::string(value.as_string());
  };
  Spoken spoken;
  spoken.errors = text("error");
  spoken.exit_code = spoken.errors.empty() ? 0 : 1;
  spoken.version = version_number(text("version"));
  spoken.suite = suite_name(text("cipher"));
  spoken.alpn = text("alpn");
  spoken.body = body_of(text("body"));
  return spoken;
}

Spoken visit_with(Client client, const Visit& visit, const std::vector<Version>& versions) {
  const std::string suites = "DEFAULT:@SECLEVEL=0";
  switch (client) {
    case Client::curl:
      return curl(visit,
                  {"--tlsv" + versions.front(), "--tls-max", versions.back(), "--ciphers", suites});
    case Client::openssl: {
      std::vector<std::string> options = openssl_versions(versions);
      options.insert(options.end(), {"-cipher", suites});
      return openssl_client(visit, options);
    }
    case Client::python:
      return python_client(visit, {"--min", versions.front(), "--max", versions.back()});
  }
  throw std::logic_error("no such client");
}

}  // namespace visavis::testing

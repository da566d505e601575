#include "tests/support/clients.h"

#include <map>
#include <sstream>

namespace visavis::testing {
namespace {

const std::string kNoOpensslConfiguration = "OPENSSL_CONF=/dev/null";
const std::string kNoGnutlsConfiguration = "GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null";

std::string http_request(const Visit& visit) {
  return "GET " + visit.path + " HTTP/1.0\r\nHost: " + visit.host + "\r\n\r\n";
}

/// The rest of the line after `start`, wherever in the text it is.
std::string after(const std::string& text, const std::string& start) {
  const std::size_t at = text.find(start);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + start.size();
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

/// What the server chose, from s_client's trace of both hellos.
std::string alpn_of(const std::string& trace) {
  const std::size_t answer = trace.find("ServerHello, ");
  if (answer == std::string::npos) return "";
  const std::string from = trace.substr(answer);
  const std::size_t at = from.find("application_layer_protocol_negotiation");
  if (at == std::string::npos) return "";
  const std::size_t line = from.find_first_not_of(' ', from.find('\n', at) + 1);
  return from.substr(line, from.find('\n', line) - line);
}

/// GnuTLS's priority string for exactly these versions.
std::string priority_of(const std::vector<Version>& versions) {
  std::string text = "NORMAL:-VERS-ALL";
  for (const Version& version : versions) text += ":+VERS-TLS" + version;
  return text;
}

Spoken call_with(Client client, const Call& call) {
  const std::string suites = "DEFAULT:@SECLEVEL=0";
  std::vector<std::string> options;
  const auto add = [&options](std::vector<std::string> more) {
    options.insert(options.end(), more.begin(), more.end());
  };
  if (client == Client::curl) {
    add({"--tlsv" + call.versions.front(), "--tls-max", call.versions.back(), "--ciphers", suites});
    add({call.alpn.empty() ? "--no-alpn" : call.alpn == "http/1.1" ? "--http1.1" : "--http2"});
    return curl(call.visit, options);
  }
  if (client == Client::openssl) {
    options = openssl_versions(call.versions);
    add({"-cipher", suites});
    if (!call.alpn.empty()) add({"-alpn", call.alpn});
    return openssl_client(call.visit, options);
  }
  if (client == Client::gnutls) {
    add({"--priority", priority_of(call.versions)});
    if (!call.alpn.empty()) add({"--alpn", call.alpn});
    return gnutls_client(call.visit, options);
  }
  add({"--min", call.versions.front(), "--max", call.versions.back()});
  if (!call.alpn.empty()) add({"--alpn", call.alpn});
  return python_client(call.visit, options);
}

}  // namespace

std::uint32_t version_number(const std::string& text) {
  static const std::map<std::string, std::uint32_t> numbers{
      {"SSLv3", 0x0300},   {"TLSv1", 0x0301},   {"TLSv1.0", 0x0301}, {"TLSv1.1", 0x0302},
      {"TLSv1.2", 0x0303}, {"TLSv1.3", 0x0304}, {"TLS1.0", 0x0301},  {"TLS1.1", 0x0302},
      {"TLS1.2", 0x0303},  {"TLS1.3", 0x0304}};
  const auto found = numbers.find(text);
  return found == numbers.end() ? 0 : found->second;
}

std::string body_of(const std::string& response) {
  const std::size_t at = response.find("\r\n\r\n");
  return at == std::string::npos ? "" : response.substr(at + 4);
}

std::string name(Client client) {
  static const std::map<Client, std::string> names{
      {Client::curl, "curl"},     {Client::openssl, "openssl"}, {Client::gnutls, "gnutls"},
      {Client::python, "python"}, {Client::node, "node"},       {Client::java, "java"}};
  return names.at(client);
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
  const TemporaryDirectory folder;
  const std::string trace = (folder.path() / "trace").string();
  std::vector<std::string> words{"openssl",
                                 "s_client",
                                 "-brief",
                                 "-ign_eof",
                                 "-verify_return_error",
                                 "-verifyCAfile",
                                 visit.trusted.string(),
                                 "-servername",
                                 visit.host,
                                 "-trace",
                                 "-msgfile",
                                 trace,
                                 "-connect",
                                 "127.0.0.1:" + std::to_string(visit.port)};
  words.insert(words.end(), options.begin(), options.end());
  const Ran ran = run({words, http_request(visit), {kNoOpensslConfiguration}});
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  spoken.version = version_number(after(ran.errors, "Protocol version: "));
  spoken.suite = suite_name(after(ran.errors, "Ciphersuite: "));
  const std::string key = after(ran.errors, "Server Temp Key: ");
  spoken.group = key.substr(0, key.rfind(','));
  spoken.alpn = alpn_of(whole_text(trace));
  spoken.body = body_of(ran.output);
  spoken.errors = ran.errors;
  return spoken;
}

Spoken gnutls_client(const Visit& visit, std::vector<std::string> options) {
  const TemporaryDirectory folder;
  const std::string log = (folder.path() / "log").string();
  // Level 4 names the suite; what it says of the connection goes to the log, so stdout is the body.
  std::vector<std::string> words{"gnutls-cli",
                                 "--debug",
                                 "4",
                                 "--logfile",
                                 log,
                                 "--x509cafile",
                                 visit.trusted.string(),
                                 "--sni-hostname",
                                 visit.host,
                                 "--verify-hostname",
                                 visit.host,
                                 "--port",
                                 std::to_string(visit.port)};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back("127.0.0.1");
  const Ran ran = run({words, http_request(visit), {kNoGnutlsConfiguration}});
  const std::string told = whole_text(log);
  Spoken spoken;
  spoken.exit_code = ran.exit_code;
  // "- Description: (TLS1.2-X.509)-(ECDHE-X25519)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)"
  const std::string description = after(told, "- Description: (");
  spoken.version = version_number(description.substr(0, description.find('-')));
  const std::string group = after(description, ")-(");
  if (group.starts_with("ECDHE-")) spoken.group = group.substr(6, group.find(')') - 6);
  const std::string suite = after(ran.errors, "Selected cipher suite: GNUTLS_");
  if (!suite.empty()) spoken.suite = gnutls_suite_name("TLS_" + suite);
  spoken.alpn = after(told, "- Application protocol: ");
  spoken.body = body_of(ran.output);
  spoken.errors = told + ran.errors;
  return spoken;
}

std::vector<Spoken> visit_all(Client client, const std::vector<Call>& calls) {
  std::vector<Spoken> spoken;
  if (client == Client::node || client == Client::java) {
    std::vector<std::string> lines;
    for (const Call& call : calls) lines.push_back(call_line(call));
    return client == Client::node ? node_client(lines) : java_client(lines);
  }
  for (const Call& call : calls) spoken.push_back(call_with(client, call));
  return spoken;
}

}  // namespace visavis::testing

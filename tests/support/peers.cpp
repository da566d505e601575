#include "tests/support/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace visavis::testing {
namespace {

/// Debian's openssl.cnf forbids TLS 1.0 and 1.1 and small keys: test peers go without it.
const std::string kNoOpensslConfiguration = "OPENSSL_CONF=/dev/null";

bool accepts(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool connected =
      ::connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return connected;
}

std::string nginx_versions(const std::vector<Version>& versions) {
  std::string text;
  for (const Version& version : versions) text += version == "1.0" ? " TLSv1" : " TLSv" + version;
  return text;
}

std::string nginx_configuration(const std::string& folder, std::uint16_t port,
                                const Credentials& credentials, const NginxOptions& options) {
  std::ostringstream text;
  text << "daemon off; master_process off; pid " << folder << "/pid;\n"
       << "error_log stderr warn;\nevents { worker_connections 512; }\nhttp {\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text << "  " << kind << "_temp_path " << folder << "/" << kind << ";\n";
  text << "  log_format words '$ssl_protocol $ssl_cipher $ssl_curve $status $body_bytes_sent';\n"
       << "  access_log " << folder << "/access.log words;\n"
       << "  server {\n    listen 127.0.0.1:" << port << (options.tls ? " ssl" : "")
       << (options.http2 ? " http2" : "") << ";\n    server_name " << kHost << ";\n";
  if (options.tls)
    text << "    ssl_certificate " << credentials.chain.string() << ";\n    ssl_certificate_key "
         << credentials.key.string() << ";\n    ssl_protocols" << nginx_versions(options.versions)
         << ";\n    ssl_ciphers " << options.suites << ";\n";
  text << "    client_max_body_size 64m; root " << folder << "/files;\n    " << options.directives
       << "\n    location = / { default_type text/plain; return 200 'hello from nginx\\n'; }\n"
       << "  }\n}\n";
  return text.str();
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

Credentials make_credentials(const TemporaryDirectory& folder, TestKey key, Sent sent) {
  CertificateSpec leaf = leaf_spec(kHost);
  leaf.san.push_back("DNS:*.example.test");
  leaf.key = key;
  // Static RSA suites encrypt to the key: RFC 5246 7.4.2.
  if (key == TestKey::rsa_2048) leaf.key_usage = "critical,digitalSignature,keyEncipherment";
  const TestChain chain = make_chain(leaf);
  std::string others;
  if (sent != Sent::leaf_only) others += chain.intermediate.pem();
  if (sent == Sent::with_root) others += chain.root.pem();
  const std::string name = std::to_string(static_cast<int>(key));
  return {folder.write("chain" + name + ".pem", chain.leaf.pem() + others),
          folder.write("leaf" + name + ".pem", chain.leaf.pem()),
          folder.write("others" + name + ".pem", others),
          folder.write("key" + name + ".pem", chain.leaf.key_pem()),
          folder.write("root" + name + ".pem", chain.root.pem())};
}

std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      ::bind(listener, generic, length) == 0 && ::getsockname(listener, generic, &length) == 0;
  ::close(listener);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

Nginx::Nginx(const Credentials& credentials, const NginxOptions& options)
    : files_(folder_.path() / "files") {
  std::filesystem::create_directory(files_);
  const std::string folder = folder_.path().string();
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    const auto file =
        folder_.write("nginx.conf", nginx_configuration(folder, port_, credentials, options));
    process_ = std::make_unique<Process>(
        Command{{"nginx", "-p", folder, "-e", "stderr", "-c", file.string()},
                "",
                {"OPENSSL_CONF=" + options.openssl_configuration}});
    if (wait_until([&] { return !process_->runs() || accepts(port_); }) && process_->runs()) return;
    if (process_->errors().find("Address already in use") == std::string::npos) break;
  }
  throw std::runtime_error("nginx does not start:\n" + process_->errors());
}

std::vector<std::string> Nginx::request(std::size_t count) const {
  std::vector<std::string> lines;
  const bool there = wait_until([&] {
    lines = lines_of(whole_text(folder_.path() / "access.log"));
    return lines.size() >= count;
  });
  if (!there) throw std::runtime_error("nginx has no request number " + std::to_string(count));
  return words_of(lines[count - 1]);
}

OpensslServer::OpensslServer(const Credentials& credentials, std::vector<std::string> options,
                             const std::filesystem::path& folder) {
  std::vector<std::string> words{"env",
                                 "--chdir",
                                 folder.string(),
                                 "openssl",
                                 "s_server",
                                 "-accept",
                                 "127.0.0.1:0",
                                 "-cert",
                                 credentials.leaf.string(),
                                 "-key",
                                 credentials.key.string()};
  if (std::filesystem::file_size(credentials.intermediates) > 0)
    words.insert(words.end(), {"-cert_chain", credentials.intermediates.string()});
  words.insert(words.end(), options.begin(), options.end());
  process_ = std::make_unique<Process>(Command{words, "", {kNoOpensslConfiguration}});
  const std::string address = process_->wait_for("ACCEPT ");
  port_ = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
}

GnutlsServer::GnutlsServer(const Credentials& credentials, const std::string& priority,
                           const std::vector<std::string>& options) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    std::vector<std::string> words{"gnutls-serv",    "--priority",      priority,
                                   "--x509certfile", credentials.chain, "--x509keyfile",
                                   credentials.key,  "--port",          std::to_string(port_)};
    if (std::find(options.begin(), options.end(), "--require-client-cert") == options.end())
      words.emplace_back("--disable-client-cert");
    words.insert(words.end(), options.begin(), options.end());
    process_ =
        std::make_unique<Process>(Command{words, "", {"GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null"}});
    const std::string ready = "listening on IPv4 0.0.0.0 port " + std::to_string(port_) + "...done";
    const auto says_ready = [&] { return process_->errors().find(ready) != std::string::npos; };
    if (wait_until([&] { return says_ready() || !process_->runs(); }) && process_->runs()) return;
  }
  throw std::runtime_error("gnutls-serv does not start:\n" + process_->errors());
}

JavaServer::JavaServer(const Credentials& credentials, const std::string& kind,
                       const std::vector<Version>& versions) {
  std::string list;
  for (const Version& version : versions) list += (list.empty() ? "" : ",") + version;
  process_ = std::make_unique<Process>(
      Command{java("TlsServer", {kind, credentials.chain, credentials.key, list}), "", {}});
  port_ = static_cast<std::uint16_t>(std::stoul(process_->wait_for("ready ")));
}

PythonPeer::PythonPeer(std::string_view script, std::vector<std::string> arguments) {
  process_ = std::make_unique<Process>(
      Command{python(script, std::move(arguments)), "", {kNoOpensslConfiguration}});
  port_ = static_cast<std::uint16_t>(std::stoul(process_->wait_for("ready ")));
}

Recorder::Recorder(std::uint16_t to, const std::string& cut) {
  std::vector<std::string> arguments{"--to", std::to_string(to), "--record",
                                     folder_.path().string()};
  if (!cut.empty()) arguments.insert(arguments.end(), {"--cut", cut});
  process_ = std::make_unique<Process>(Command{python("forwarder.py", arguments), "", {}});
  port_ = static_cast<std::uint16_t>(std::stoul(process_->wait_for("ready ")));
}

std::size_t Recorder::connections() const {
  std::size_t count = 0;
  while (std::filesystem::exists(folder_.path() / (std::to_string(count) + ".c2s"))) ++count;
  return count;
}

std::string Recorder::text(int number, std::string_view kind) const {
  const auto base = folder_.path() / std::to_string(number);
  if (!wait_until([&] { return std::filesystem::exists(base.string() + ".done"); }))
    throw std::runtime_error("connection " + std::to_string(number) + " is not over:\n" +
                             whole_text(base.string() + ".events"));
  return whole_text(base.string() + '.' + std::string(kind));
}

std::string Recorder::bytes(int number, std::string_view direction) const {
  return text(number, direction);
}

std::vector<std::uint32_t> Recorder::pieces(int number, std::string_view direction) const {
  std::vector<std::uint32_t> sizes;
  for (const std::string& line : lines_of(text(number, "events"))) {
    const auto words = words_of(line);
    if (words[0] == direction && words[1] == "bytes")
      sizes.push_back(static_cast<std::uint32_t>(std::stoul(words[2])));
  }
  return sizes;
}

std::vector<std::string> Recorder::ends(int number) const {
  std::vector<std::string> ends;
  for (const std::string& line : lines_of(text(number, "events"))) {
    const auto words = words_of(line);
    if (words[1] != "bytes") ends.push_back(words[0] + ' ' + words[1]);
  }
  return ends;
}

std::vector<std::string> openssl_versions(const std::vector<Version>& versions) {
  std::vector<std::string> options{"-cipher", std::string(kAllSuites)};
  for (const Version& version : kAllVersions) {
    if (std::find(versions.begin(), versions.end(), version) != versions.end()) continue;
    options.push_back(version == "1.0"   ? "-no_tls1"
                      : version == "1.1" ? "-no_tls1_1"
                      : version == "1.2" ? "-no_tls1_2"
                                         : "-no_tls1_3");
  }
  return options;
}

}  // namespace visavis::testing

#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"

namespace visavis::testing {

/// kHost is the name that clients ask for and that test certificates are for.
inline constexpr std::string_view kHost = "localhost";

/// Credentials are the files of one certificate chain: what a backend serves and what its clients
/// trust.
struct Credentials {
  std::filesystem::path chain;          ///< as sent: leaf first
  std::filesystem::path leaf;           ///< the first of them
  std::filesystem::path intermediates;  ///< the others; may be empty
  std::filesystem::path key;
  std::filesystem::path root;
};

/// Sent says which certificates the backend sends.
enum class Sent { leaf_and_intermediate, leaf_only, with_root };

/// make_credentials writes a fresh chain for kHost and *.example.test into `folder`.
[[nodiscard]] Credentials make_credentials(const TemporaryDirectory& folder,
                                           TestKey key = TestKey::ec_p256,
                                           Sent sent = Sent::leaf_and_intermediate);

/// Version is a TLS version as the peers' options spell it: "1.0" to "1.3".
using Version = std::string;
inline const std::vector<Version> kAllVersions{"1.0", "1.1", "1.2", "1.3"};

/// all_suites is every suite of this OpenSSL, the old ones included.
inline constexpr std::string_view kAllSuites = "ALL:@SECLEVEL=0";

/// Backend is a server in a process of its own that listens on 127.0.0.1.
class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] Process& process() { return *process_; }

 protected:
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

struct NginxOptions {
  std::vector<Version> versions = kAllVersions;
  std::string suites = std::string(kAllSuites);
  bool tls = true;
  bool http2 = false;
  std::string directives = "";  ///< more of them, for the server block
  std::string openssl_configuration = "/dev/null";
};

/// Nginx answers / with "hello from nginx" and serves the files of `files`. Its access log has a
/// line "PROTOCOL CIPHER CURVE STATUS BYTES" per request.
class Nginx : public Backend {
 public:
  Nginx(const Credentials& credentials, const NginxOptions& options = {});

  [[nodiscard]] const std::filesystem::path& files() const { return files_; }
  /// request waits for the `count`th line of the access log and returns its words.
  [[nodiscard]] std::vector<std::string> request(std::size_t count) const;

 private:
  TemporaryDirectory folder_;
  std::filesystem::path files_;
};

/// GnutlsServer is gnutls-serv: unlike OpenSSL it picks TLS 1.0 for a hello that lists later
/// versions only, as servers did before supported_versions.
class GnutlsServer : public Backend {
 public:
  /// `priority`: GnuTLS' own string. With {"--http", "--httpdata", FILE} it answers every request
  /// with that file.
  GnutlsServer(const Credentials& credentials, const std::string& priority,
               const std::vector<std::string>& options = {"--echo"});
};

/// OpensslServer is `openssl s_server`; with -www it answers an HTTP request with a status page,
/// with -WWW with a file of `folder`, in which it runs.
class OpensslServer : public Backend {
 public:
  OpensslServer(const Credentials& credentials, std::vector<std::string> options,
                const std::filesystem::path& folder = "/");
};

/// JavaServer is TlsServer.java; `kind`: "http", "echo" or "httpsserver".
class JavaServer : public Backend {
 public:
  JavaServer(const Credentials& credentials, const std::string& kind,
             const std::vector<Version>& versions = kAllVersions);
};

/// PythonPeer is a script of tests/support that says "ready PORT".
class PythonPeer : public Backend {
 public:
  explicit PythonPeer(std::string_view script, std::vector<std::string> arguments = {});
};

/// Recorder is forwarder.py with --record: an independent witness of what passes on the wire.
class Recorder : public Backend {
 public:
  explicit Recorder(std::uint16_t to, const std::string& cut = "");

  /// connections counts those that it has accepted, over or not.
  [[nodiscard]] std::size_t connections() const;
  /// bytes is what connection `number` sent in "c2s" or "s2c", once it is over.
  [[nodiscard]] std::string bytes(int number, std::string_view direction) const;
  /// pieces is the size of each receive call, in order.
  [[nodiscard]] std::vector<std::uint32_t> pieces(int number, std::string_view direction) const;
  /// ends is how each direction ended, in order: "c2s fin", "s2c rst".
  [[nodiscard]] std::vector<std::string> ends(int number) const;

 private:
  [[nodiscard]] std::string text(int number, std::string_view kind) const;
  TemporaryDirectory folder_;
};

/// free_port finds a port that nobody listens on. Another process may take it: retry.
[[nodiscard]] std::uint16_t free_port();

/// openssl_versions are s_server's and s_client's options for exactly these versions.
[[nodiscard]] std::vector<std::string> openssl_versions(const std::vector<Version>& versions);

}  // namespace visavis::testing

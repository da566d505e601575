#pragma once
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "proxy/options.h"

namespace visavis::tools {

/// usable_cpus returns the CPUs that this process may run on, which taskset or a container may have
/// made fewer.
[[nodiscard]] unsigned usable_cpus();

/// CredentialWords name the files of certificates, of their keys, and where the password is.
struct CredentialWords {
  std::vector<std::string> certificates;
  std::vector<std::string> keys;
  std::string password;  ///< a source: pass:TEXT, env:NAME, file:PATH

  [[nodiscard]] bool any() const {
    return !certificates.empty() || !keys.empty() || !password.empty();
  }
};

/// CaptureWords say what is written down of the wire; empty: not given.
struct CaptureWords {
  std::string file;
  bool secrets = false;
  bool handshakes_only = false;
  std::string limit;
  std::string rotate;
  std::string snap_session;
  std::string key_log;
};

/// BundleWords say what an escalation bundle is to hold.
struct BundleWords {
  std::string file;  ///< empty: none is wanted
  bool include_secrets = false;
  bool mask_addresses = false;
};

/// ProxyWords is the command line of `visavis proxy`, word for word; empty: not given.
struct ProxyWords {
  std::string listen = "127.0.0.1:8443";
  std::string backend;
  std::vector<std::string> routes;
  std::string mode = "terminate";
  std::vector<std::string> trust;
  std::vector<std::string> crls;
  std::vector<std::string> intermediates;
  bool fetch_aia = false;
  std::string verify = "report";
  CredentialWords served;
  CredentialWords client;  ///< at most one file of each
  std::string ca_directory;
  std::string ca_certificate;
  std::string ca_key;
  std::string twin = "auto";
  std::string split = "keep";
  std::string split_segments = "keep";
  bool connect = false;
  std::string hello = "mirror";
  std::string answer;
  bool mirror_faults = false;
  bool resume = false;
  unsigned threads = usable_cpus();
  double hello_timeout = 10;
  double dial_timeout = 10;
  double handshake_timeout = 15;
  double idle_timeout = 300;
  bool log_queries = false;
  bool json = false;
  bool quiet = false;
  std::string color = "auto";
  std::string log;
  std::string har;
  std::string ready_file;
  CaptureWords capture;
  BundleWords bundle;
};

/// parse_option gives a word to its parser; an error then begins with the option's name.
template <class Parse>
auto parse_option(const char* option, const std::string& word, Parse parse) {
  try {
    return parse(word);
  } catch (const std::exception& error) {
    throw std::runtime_error(std::string(option) + ": " + error.what());
  }
}

/// parse_split reads keep, none, 1/n-1, 0/n or max:N. Throws std::runtime_error.
[[nodiscard]] proxy::SplitPolicy parse_split(const std::string& word);

/// options_of reads the words but for those that name files. Throws std::runtime_error, one line
/// that begins with the option's name: a value that can't be used, or options that don't go
/// together.
[[nodiscard]] proxy::ProxyOptions options_of(const ProxyWords& words);

}  // namespace visavis::tools

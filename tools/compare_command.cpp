#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "inspect/experiment/end_comparison.h"
#include "inspect/experiment/run_comparison.h"
#include "inspect/report/json_comparison.h"
#include "inspect/report/text_comparison.h"
#include "proxy/client_comparison.h"
#include "proxy/profile_trial.h"
#include "tools/client_credentials.h"
#include "tools/command.h"
#include "tools/compare_files.h"
#include "tools/proxy_files.h"
#include "tools/proxy_words.h"
#include "tools/text_style.h"

namespace visavis::tools {
namespace {

/// Profiles that are suggested for one that is not known.
constexpr std::size_t kNearProfiles = 5;

struct CompareWords {
  ProxyWords proxy;  ///< as far as compare has the same options
  std::string target;
  std::vector<std::string> command;
  std::string name;
  std::string profile;
  bool list_profiles = false;
  bool ends = false;
  std::vector<std::string> key_logs;
  double timeout = 30;
};

/// A folder for the files that clients need, gone with its scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "visavis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("can't make a folder in " +
                               std::filesystem::temp_directory_path().string());
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One bundle serves every run: the backend's own certificate directly, ours through the proxy.
std::filesystem::path write_bundle(const std::filesystem::path& folder,
                                   const certs::Authority& authority,
                                   const certs::TrustStores& stores) {
  std::filesystem::path file = folder / "ca.pem";
  std::ofstream stream(file, std::ios::binary);
  stream << authority.certificate_pem() << "\n"
         << certs::trusted_pem(stores.stores().front()) << "\n"
         << certs::system_bundle_pem();
  stream.close();
  if (!stream) throw std::runtime_error("can't write " + file.string());
  return file;
}

/// What a run could not do is said on its own, and is the exit code's matter.
bool complain(const inspect::ComparisonReport& comparison) {
  bool any = false;
  for (const inspect::RunReport& run : comparison.runs) {
    if (!run.problem) continue;
    std::cerr << "visavis: run '" << run.name << "': " << *run.problem << "\n";
    any = true;
  }
  return any;
}

int show(const inspect::ComparisonReport& comparison, const ProxyWords& words) {
  if (words.json)
    std::cout << inspect::render_comparison_json(comparison) << "\n";
  else
    std::cout << inspect::render_comparison(comparison, text_style(words));
  std::cout.flush();
  if (complain(comparison)) return kCouldNotWork;
  const bool of_ends = !comparison.connections.empty() || !comparison.unmatched.empty();
  const bool differ = of_ends ? inspect::ends_fail(comparison) : inspect::runs_differ(comparison);
  return differ ? kFindingOfError : kFine;
}

int list_profiles() {
  for (const inspect::ClientProfile& each : inspect::client_profiles())
    std::cout << each.id << "\t" << each.name << "\t" << each.stack << "\n";
  return kFine;
}

const inspect::ClientProfile& profile_of(const std::string& word) {
  if (const inspect::ClientProfile* found = inspect::find_profile(word)) return *found;
  std::string near;
  for (const std::string_view id : inspect::near_profiles(word, kNearProfiles))
    near += (near.empty() ? "; near it: " : ", ") + std::string(id);
  throw std::runtime_error("--profile: no profile '" + word + "'" + near +
                           " (--list-profiles lists them all)");
}

int compare_with_client(const CompareWords& words) {
  proxy::ComparisonOptions options;
  options.proxy = options_of(words.proxy);
  options.proxy.backend = parse_option("HOST:PORT", words.target, proxy::parse_host_port);
  options.proxy.client_certificate = client_certificate(words.proxy.client);
  options.command = words.command;
  options.name = words.name;
  if (options.name.empty() && !proxy::is_address(options.proxy.backend->host) &&
      options.proxy.backend->host != "localhost")
    options.name = options.proxy.backend->host;
  options.limit = proxy::Milliseconds(static_cast<std::int64_t>(words.timeout * 1000));
  const certs::TrustStores stores = stores_of(words.proxy);
  const certs::Authority authority = authority_of(words.proxy);
  const TemporaryFolder folder;
  options.folder = folder.path();
  options.ca_file = write_bundle(folder.path(), authority, stores);
  certs::LeafMinter minter(authority);
  certs::LeafCache leaves(minter);
  certs::ChainCheck chain_check(stores);
  certs::CertificateFactsCache facts;
  const auto fetcher = issuer_fetcher(stores, words.proxy);
  if (!words.profile.empty()) {
    // The captured hello asks for a name of its own day: here it is the target's.
    const std::string& name = options.name.empty() ? options.proxy.backend->host : options.name;
    return show(proxy::try_profile(profile_of(words.profile), options.proxy, name,
                                   {leaves, chain_check, facts, fetcher.get()}),
                words.proxy);
  }
  return show(proxy::compare_client(options, {leaves, chain_check, facts, fetcher.get()}),
              words.proxy);
}

int compare_saved(const CompareWords& words) {
  if (words.proxy.client.any())
    throw std::runtime_error("--client-cert: goes with a client's command, not with files");
  const certs::TrustStores stores = stores_of(words.proxy);
  const SavedSessionReader reader(stores, words.key_logs);
  try {
    const FileComparison result =
        compare_files(words.target, words.command.front(), words.ends, reader);
    const int shown = show(result.comparison, words.proxy);
    const bool none = words.ends && result.comparison.connections.empty();
    return result.unread || none ? kCouldNotWork : shown;
  } catch (const std::exception& error) {
    std::cerr << "visavis: " << error.what() << "\n";
    return kCouldNotWork;
  }
}

/// One of two files may not be there; a client's command begins with a program.
bool names_files(const CompareWords& words) {
  if (words.command.size() != 1) return false;
  if (SavedSessionReader::is_file(words.target)) return true;
  const std::string& second = words.command.front();
  return words.target.find(':') == std::string::npos && SavedSessionReader::is_file(second) &&
         ::access(second.c_str(), X_OK) != 0;
}

int run_compare(const CompareWords& words) {
  if (words.list_profiles) return list_profiles();
  if (words.target.empty()) throw std::runtime_error("compare: HOST:PORT is missing");
  if (!words.profile.empty()) {
    (void)profile_of(words.profile);
    if (!words.command.empty())
      throw std::runtime_error("--profile: stands in place of a client's command");
    return compare_with_client(words);
  }
  if (names_files(words)) return compare_saved(words);
  if (words.ends || !words.key_logs.empty())
    throw std::runtime_error(std::string(words.ends ? "--ends" : "--keylog") +
                             ": goes with two files");
  if (words.command.empty())
    throw std::runtime_error(
        "compare: a client's command is missing: compare HOST:PORT -- curl {url}");
  return compare_with_client(words);
}

}  // namespace

void add_compare_command(CLI::App& program, Run& run) {
  auto words = std::make_shared<CompareWords>();
  CLI::App* command = program.add_subcommand(
      "compare", "run a client directly and through the proxy, and say what differs and why");
  command->footer(
      "visavis compare HOST:PORT -- CLIENT COMMAND\n"
      "  The command runs once for each way. In it stand {url} for https://HOST:PORT/, {host},\n"
      "  {port}, {address} (the listener's), {resolve} (NAME:PORT:ADDRESS, for curl --resolve) "
      "and\n"
      "  {ca}, a PEM file with our CA and what we trust: visavis compare www.example.com:443 --\n"
      "  curl --cacert {ca} {url}\n"
      "  Where the backend wants a client certificate, the client shows its own directly; through\n"
      "  the proxy, which can't pass that on, --client-cert is shown in its place.\n"
      "visavis compare DIRECT PROXIED\n"
      "  Two files: saved sessions, logs or captures (of which the last session is taken, or\n"
      "  FILE#ID).\n"
      "visavis compare CLIENT.pcapng SERVER.pcapng\n"
      "  Captures (or logs of passthrough) from both ends of the same connections, which are\n"
      "  matched by the client's random: what was changed on the way is found.\n"
      "Exit codes: 0 alike; 1 outcome, exit code or HTTP status differ, or something on the way\n"
      "made it fail; 2 options; 3 a run could not be made, or a file not be read to its end.");
  command->add_option("target", words->target, "the backend; or a saved session or capture")
      ->type_name("HOST:PORT");
  command
      ->add_option("command", words->command, "the client's command, behind --; or a second file")
      ->type_name("COMMAND");
  command
      ->add_option("--resolve", words->name,
                   "the backend's name for the client (default: HOST, unless it is an address); "
                   "curl and Java find our listener by it, others need {address}")
      ->type_name("NAME");
  command
      ->add_option("--profile", words->profile,
                   "no client at hand: send the hello of a known one, and compare the answers")
      ->type_name("ID");
  command->add_flag("--list-profiles", words->list_profiles, "the known clients' hellos");
  command->add_flag("--ends", words->ends,
                    "the two files are of both ends, even where no client's random is in both: "
                    "match by server name, time and order");
  command
      ->add_option("--keylog", words->key_logs, "secrets to decrypt captures with (SSLKEYLOGFILE)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_option("--timeout", words->timeout, "for each run of the command")
      ->check(CLI::Range(0.1, 86'400.0))
      ->capture_default_str()
      ->type_name("SECONDS");
  ProxyWords& proxy = words->proxy;
  command
      ->add_option("--trust", proxy.trust, "more trusted certificates; with NAME=, a store beside")
      ->type_name("[NAME=]FILE")
      ->allow_extra_args(false);
  command->add_option("--crl", proxy.crls, "certificates that their CA has revoked: PEM or DER")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--intermediates", proxy.intermediates,
                   "where to look for issuers that a backend does not send")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command->add_flag(
      "--fetch-aia", proxy.fetch_aia,
      "get an issuer that a backend does not send from the http address in its "
      "certificate, as browsers do: whoever made the certificate chooses whom we ask");
  command->add_option("--ca-dir", proxy.ca_directory, "where our CA is kept")->type_name("DIR");
  command->add_option("--ca-cert", proxy.ca_certificate, "another CA's certificate")
      ->type_name("FILE");
  command->add_option("--ca-key", proxy.ca_key, "and its key")->type_name("FILE");
  add_client_credentials(*command, proxy.client);
  command->add_flag("--log-queries", proxy.log_queries, "show the values in URL queries");
  command->add_flag("--json", proxy.json, "one JSON document on stdout, nothing else there");
  command->add_flag("--quiet", proxy.quiet, "the headline only");
  command->add_option("--color", proxy.color, "colours in the report")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command->callback([words, &run] { run = [words] { return run_compare(*words); }; });
}

}  // namespace visavis::tools

#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

#include "proxy/demo_backend.h"
#include "proxy/reporter.h"
#include "proxy/server.h"
#include "proxy/session_output.h"
#include "tools/command.h"
#include "tools/trust_help.h"

namespace visavis::tools {
namespace {

/// The CPUs that this process may run on, which taskset or a container may have made fewer.
unsigned usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::clamp(static_cast<unsigned>(CPU_COUNT(&set)), 1U, 256U);
}

struct ProxyWords {
  std::string listen = "127.0.0.1:8443";
  std::string backend;
  std::vector<std::string> routes;
  std::vector<std::string> trust;
  std::string ca_directory;
  std::string ca_certificate;
  std::string ca_key;
  std::string hello = "mirror";
  std::string answer;
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
  std::string ready_file;
};

/// An option's value that can't be used: one line with the option's name.
template <class Parse>
auto parse_option(const char* option, const std::string& word, Parse parse) {
  try {
    return parse(word);
  } catch (const std::exception& error) {
    throw std::runtime_error(std::string(option) + ": " + error.what());
  }
}

proxy::Milliseconds milliseconds(double seconds) {
  return proxy::Milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

proxy::ProxyOptions options_of(const ProxyWords& words) {
  proxy::ProxyOptions options;
  options.listen = parse_option("--listen", words.listen, proxy::parse_host_port);
  if (!words.backend.empty()) {
    options.backend = parse_option("--backend", words.backend, proxy::parse_host_port);
    if (options.backend->port == 0) throw std::runtime_error("--backend: port 0 can't be dialled");
  }
  for (const std::string& route : words.routes)
    options.routes.push_back(parse_option("--route", route, proxy::parse_route));
  options.hello =
      words.hello == "mirror" ? proxy::HelloPolicy::mirror : proxy::HelloPolicy::openssl_default;
  // With a hello of our own the backend answers another question: its answer is not the client's.
  const std::string answer = !words.answer.empty()     ? words.answer
                             : words.hello == "mirror" ? "mirror"
                                                       : "own";
  options.answer = answer == "mirror" ? proxy::AnswerPolicy::mirror : proxy::AnswerPolicy::own;
  options.hello_timeout = milliseconds(words.hello_timeout);
  options.dial_timeout = milliseconds(words.dial_timeout);
  options.handshake_timeout = milliseconds(words.handshake_timeout);
  options.idle_timeout = milliseconds(words.idle_timeout);
  options.threads = words.threads;
  options.log_queries = words.log_queries;
  return options;
}

/// What can't be used is one of two files: the one that the reason names.
certs::Authority load_authority(const ProxyWords& words) {
  try {
    return certs::Authority::load(words.ca_certificate, words.ca_key);
  } catch (const std::exception& error) {
    const std::string reason = error.what();
    const bool key = reason.find(words.ca_key) != std::string::npos &&
                     reason.find(words.ca_certificate) == std::string::npos;
    throw std::runtime_error((key ? "--ca-key: " : "--ca-cert: ") + reason);
  }
}

certs::Authority authority_of(const ProxyWords& words) {
  if (words.ca_certificate.empty() != words.ca_key.empty())
    throw std::runtime_error("--ca-cert and --ca-key go together");
  if (!words.ca_certificate.empty()) {
    certs::Authority authority = load_authority(words);
    if (!authority.permission_warning().empty()) spdlog::warn(authority.permission_warning());
    return authority;
  }
  return certs::Authority::open(words.ca_directory.empty()
                                    ? certs::Authority::default_directory()
                                    : std::filesystem::path(words.ca_directory));
}

void add_trust(certs::TrustStores& stores, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    parse_option("--trust", word, [&](const std::string&) {
      if (equals == std::string::npos)
        stores.add_file(word);
      else
        stores.add_named(word.substr(0, equals), word.substr(equals + 1));
      return 0;
    });
  }
}

proxy::OutputOptions output_of(const ProxyWords& words) {
  proxy::OutputOptions output;
  output.json = words.json;
  output.style.quiet = words.quiet;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  output.style.color = words.color == "always" || (words.color == "auto" && terminal);
  winsize size{};
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    output.style.width = std::clamp<int>(size.ws_col, 40, 100);
  if (!words.log.empty()) output.log = words.log;
  return output;
}

/// Written whole and then renamed: who waits for the file never reads half an address.
void write_ready_file(const std::string& file, const std::string& address) {
  const std::string unfinished = file + ".tmp";
  std::ofstream stream(unfinished, std::ios::trunc);
  stream << address << "\n";
  stream.close();
  if (!stream || std::rename(unfinished.c_str(), file.c_str()) != 0)
    throw std::runtime_error("--ready-file " + file + ": " + std::strerror(errno));
}

void say_where(const ProxyWords& words, const certs::Authority& authority,
               const proxy::ProxyOptions& options, const std::string& address) {
  std::cerr << "listening on " << address << "\n";
  if (options.backend) std::cerr << "backend " << proxy::to_string(*options.backend) << "\n";
  for (const proxy::Route& route : options.routes)
    std::cerr << "route " << route.name << " -> " << proxy::to_string(route.backend) << "\n";
  if (words.quiet) return;
  std::cerr << "CA certificate " << authority.certificate_path().string() << "\n"
            << trust_help(authority.certificate_path().string());
}

/// The leaves' RSA key takes up to half a second to make: that is done as soon as no session has
/// begun for a second, so that sessions don't share the CPU with it. Who needs it earlier makes it
/// then.
void prepare_keys_when_idle(certs::LeafMinter& minter, const proxy::Services& services,
                            const std::stop_token& stop) {
  constexpr int kQuietTicks = 10;
  std::uint64_t begun = 0;
  for (int quiet = 0; quiet < kQuietTicks && !stop.stop_requested(); ++quiet) {
    std::this_thread::sleep_for(proxy::Watchdog::kTick);
    const std::uint64_t now = services.sessions_begun.load(std::memory_order_relaxed);
    if (now != begun) quiet = 0;
    begun = now;
  }
  if (!stop.stop_requested()) minter.prepare_keys();
}

int run_proxy(const ProxyWords& words) {
  proxy::ProxyOptions options = options_of(words);
  certs::TrustStores stores;
  add_trust(stores, words.trust);
  const certs::Authority authority = authority_of(words);
  std::vector<std::unique_ptr<proxy::DemoBackend>> demo;
  if (!options.backend && options.routes.empty()) {
    demo = proxy::make_demo_backends();
    for (const auto& backend : demo) {
      options.routes.push_back(backend->route());
      stores.add_certificate(backend->root());
    }
  }
  proxy::SessionOutput output(output_of(words));
  certs::LeafMinter minter(authority);
  certs::LeafCache leaves(minter);
  certs::ChainCheck chain_check(stores);
  certs::CertificateFactsCache facts;
  proxy::Reporter reporter({options, chain_check, facts}, output);
  proxy::Services services{options, leaves, reporter};
  std::unique_ptr<proxy::Server> server;
  try {
    server = std::make_unique<proxy::Server>(services);
  } catch (const std::exception& error) {
    std::cerr << "visavis: " << error.what() << "\n";
    return kCouldNotWork;
  }
  const std::jthread keys(
      [&](const std::stop_token& stop) { prepare_keys_when_idle(minter, services, stop); });
  if (!words.ready_file.empty()) write_ready_file(words.ready_file, server->address());
  say_where(words, authority, options, server->address());
  server->run();
  return kFine;
}

void add_limits(CLI::App& command, ProxyWords& words) {
  const CLI::Range seconds(0.0, 86'400.0);
  const auto add = [&](const char* option, double& value, const char* what) {
    command.add_option(option, value, what)
        ->check(seconds)
        ->capture_default_str()
        ->type_name("SECONDS");
  };
  add("--hello-timeout", words.hello_timeout, "for the client's hello; 0: none");
  add("--dial-timeout", words.dial_timeout, "for TCP to the backend; 0: none");
  add("--handshake-timeout", words.handshake_timeout, "for each handshake; 0: none");
  add("--idle-timeout", words.idle_timeout, "without a byte relayed; 0: none");
}

void add_output(CLI::App& command, ProxyWords& words) {
  command.add_flag("--json", words.json,
                   "one JSON document a session on stdout, nothing else there");
  command.add_flag("--quiet", words.quiet, "the headline of each session only");
  command.add_option("--log", words.log, "append each session as a line of JSON")
      ->type_name("FILE");
  command.add_option("--color", words.color, "colours in the report")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_option("--ready-file", words.ready_file, "gets the address once the proxy accepts")
      ->type_name("FILE");
  command.add_flag("--log-queries", words.log_queries, "show the values in URL queries");
}

}  // namespace

void add_proxy_command(CLI::App& program, Run& run) {
  auto words = std::make_shared<ProxyWords>();
  CLI::App* command = program.add_subcommand(
      "proxy", "the proxy; without a backend, two demonstration backends with a fault each");
  command->add_option("--listen", words->listen, "where clients connect; port 0 picks one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  command->add_option("--backend", words->backend, "the backend of every session")
      ->type_name("HOST:PORT");
  command->add_option("--route", words->routes, "the backend by server name, *.example.com too")
      ->type_name("NAME=HOST:PORT");
  command
      ->add_option("--trust", words->trust, "more trusted certificates; with NAME=, a store beside")
      ->type_name("[NAME=]FILE");
  command->add_option("--hello", words->hello, "what the backend is offered")
      ->check(CLI::IsMember({"mirror", "default"}))
      ->capture_default_str();
  command
      ->add_option("--answer", words->answer,
                   "what the client is answered (default: mirror; own with --hello default)")
      ->check(CLI::IsMember({"mirror", "own"}));
  command->add_option("--ca-dir", words->ca_directory, "where our CA is kept")->type_name("DIR");
  command->add_option("--ca-cert", words->ca_certificate, "another CA's certificate")
      ->type_name("FILE");
  command->add_option("--ca-key", words->ca_key, "and its key")->type_name("FILE");
  command->add_option("--threads", words->threads, "threads that serve sessions")
      ->check(CLI::Range(1U, 256U))
      ->capture_default_str();
  add_limits(*command, *words);
  add_output(*command, *words);
  command->callback([words, &run] { run = [words] { return run_proxy(*words); }; });
}

}  // namespace visavis::tools

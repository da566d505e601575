#include <iostream>
#include <memory>
#include <thread>

#include "certs/certificate_reader.h"
#include "certs/key_matching.h"
#include "proxy/demo_backend.h"
#include "proxy/reporter.h"
#include "proxy/server.h"
#include "proxy/session_output.h"
#include "tools/bundle_on_exit.h"
#include "tools/client_credentials.h"
#include "tools/command.h"
#include "tools/output_files.h"
#include "tools/proxy_capture.h"
#include "tools/proxy_files.h"
#include "tools/proxy_words.h"
#include "tools/text_style.h"
#include "tools/trust_help.h"

namespace visavis::tools {
namespace {

proxy::OutputOptions output_of(const ProxyWords& words) {
  proxy::OutputOptions output;
  output.json = words.json;
  output.style = text_style(words);
  if (!words.log.empty()) output.log = words.log;
  if (!words.har.empty()) output.har = words.har;
  output.version = VISAVIS_VERSION;
  return output;
}

/// In passthrough, and with certificates of the user's, no client sees one of our CA.
bool mints(const proxy::ProxyOptions& options) {
  return options.mode != proxy::Mode::passthrough && options.served_certificates.empty();
}

void say_certificate(const char* what, const x509_st& certificate, std::size_t chain) {
  const certs::CertificateFacts facts =
      certs::read_certificate(certs::certificate_der(certificate));
  std::cerr << what << " " << certs::certificate_label(certificate) << " (" << facts.key
            << ", until " << facts.not_after << ") with " << chain << " certificate"
            << (chain == 1 ? "" : "s") << " of its chain\n";
}

/// Whoever can connect to a forward proxy gets wherever this machine gets.
void say_connect(const proxy::ProxyOptions& options, const std::string& address) {
  std::cerr << "forward proxy: clients ask by HTTP CONNECT (curl --proxy http://" << address
            << ")\n";
  const std::string host = proxy::parse_host_port(address).host;
  const bool loopback =
      host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
  if (!loopback)
    std::cerr << "WARNING: --listen " << proxy::to_string(options.listen)
              << ": this is an open forward proxy: whoever reaches it gets wherever this machine "
                 "gets\n";
}

void say_where(const ProxyWords& words, const certs::Authority& authority,
               const proxy::ProxyOptions& options, const std::string& address) {
  std::cerr << "listening on " << address << "\n";
  if (options.connect) say_connect(options, address);
  if (options.backend) std::cerr << "backend " << proxy::to_string(*options.backend) << "\n";
  for (const proxy::Route& route : options.routes)
    std::cerr << "route " << route.name << " -> " << proxy::to_string(route.backend) << "\n";
  for (const auto& leaf : options.served_certificates)
    say_certificate("serves", *leaf->certificate, leaf->chain.size());
  if (options.client_certificate)
    say_certificate("client certificate", *options.client_certificate->certificate,
                    options.client_certificate->chain.size());
  if (options.mode == proxy::Mode::passthrough)
    std::cerr << "passthrough: clients see the backend's own certificate\n";
  if (words.quiet || !mints(options)) return;
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

/// Serves until it is told to end; `bundle` gets to know what the bundle is to be made of.
int serve(const ProxyWords& words, std::unique_ptr<BundleOnExit>& bundle) {
  proxy::ProxyOptions options = options_of(words);
  (void)capture_options(words);  // errors in words come before those in files
  refuse_shared_files(words);
  options.served_certificates = served_certificates(words.served);
  options.client_certificate = client_certificate(words.client);
  certs::TrustStores stores = stores_of(words);
  const certs::Authority authority = authority_of(words);
  std::vector<std::unique_ptr<proxy::DemoBackend>> demo;
  if (!options.backend && options.routes.empty() && !options.connect) {
    demo = proxy::make_demo_backends();
    for (const auto& backend : demo) {
      options.routes.push_back(backend->route());
      stores.add_certificate(backend->root());
    }
  }
  proxy::SessionOutput output(output_of(words));
  bundle = bundle_on_exit(words);
  const auto capture = open_capture(words);
  certs::LeafMinter minter(authority);
  certs::LeafCache leaves(minter);
  certs::ChainCheck chain_check(stores);
  certs::CertificateFactsCache facts;
  const auto fetcher = issuer_fetcher(stores, words);
  proxy::Reporter reporter({options, chain_check, facts, fetcher.get()},
                           bundle ? bundle->before(output) : output);
  proxy::Minting minting(leaves);
  proxy::Services services{options, minting, chain_check, reporter};
  services.capture = capture.get();
  std::unique_ptr<proxy::Server> server;
  try {
    server = std::make_unique<proxy::Server>(services);
  } catch (const std::exception& error) {
    std::cerr << "visavis: " << error.what() << "\n";
    return kCouldNotWork;
  }
  std::jthread keys;
  if (mints(options))
    keys = std::jthread(
        [&](const std::stop_token& stop) { prepare_keys_when_idle(minter, services, stop); });
  if (!words.ready_file.empty()) write_ready_file(words.ready_file, server->address());
  say_where(words, authority, options, server->address());
  if (capture) say_capture(capture->options());
  server->run();
  return kFine;
}

int run_proxy(const ProxyWords& words) {
  std::unique_ptr<BundleOnExit> bundle;
  const int exit_code = serve(words, bundle);
  // Here all sessions' reports are made, and the capture is written.
  if (exit_code != kFine || !bundle) return exit_code;
  return bundle->write() ? kFine : kCouldNotWork;
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

/// What the backend is shown beside, or instead of, what the client sends.
void add_experiments(CLI::App& command, ProxyWords& words) {
  command
      .add_option("--twin", words.twin,
                  "try the client's own hello on the backend too: when a leg failed and once per "
                  "new hello, with every session, or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command
      .add_option("--split", words.split,
                  "how application data is cut into records for the backend: keep, none, 1/n-1, "
                  "0/n, max:N")
      ->capture_default_str()
      ->type_name("POLICY");
  command
      .add_option("--split-segments", words.split_segments,
                  "the records of a split: as the client sent them, in one TCP segment, or in two")
      ->check(CLI::IsMember({"keep", "one", "two"}))
      ->capture_default_str();
}

void add_credentials(CLI::App& command, ProxyWords& words) {
  command
      .add_option("--cert", words.served.certificates,
                  "show clients this certificate: PEM, DER, PFX or P7B; may be given again")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option("--key", words.served.keys,
                  "its private key, unless that is in the same file; may be given again")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command
      .add_option("--cert-pass", words.served.password,
                  "their password: pass:TEXT, env:NAME or file:PATH (its first line)")
      ->type_name("SOURCE");
  add_client_credentials(command, words.client);
}

void add_output(CLI::App& command, ProxyWords& words) {
  command.add_flag("--json", words.json,
                   "one JSON document a session on stdout, nothing else there");
  command.add_flag("--quiet", words.quiet, "the headline of each session only");
  command.add_option("--log", words.log, "append each session as a line of JSON")
      ->type_name("FILE");
  command
      .add_option("--har", words.har,
                  "write the HTTP exchanges into this file, as HAR 1.2; one that is there is "
                  "overwritten")
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
      "proxy", "the proxy; without a backend, three demonstration backends with a fault each");
  command->add_option("--listen", words->listen, "where clients connect; port 0 picks one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  command->add_option("--backend", words->backend, "the backend of every session")
      ->type_name("HOST:PORT");
  command->add_option("--route", words->routes, "the backend by server name, *.example.com too")
      ->type_name("NAME=HOST:PORT");
  command
      ->add_option(
          "--mode", words->mode,
          "end the TLS here, pass the bytes on untouched, or that where this is impossible")
      ->check(CLI::IsMember({"terminate", "passthrough", "auto"}))
      ->capture_default_str();
  command->add_flag("--connect", words->connect, "a forward proxy: clients ask by HTTP CONNECT");
  command
      ->add_option("--trust", words->trust, "more trusted certificates; with NAME=, a store beside")
      ->type_name("[NAME=]FILE");
  command->add_option("--crl", words->crls, "certificates that their CA has revoked: PEM or DER")
      ->type_name("FILE");
  command
      ->add_option("--intermediates", words->intermediates,
                   "where to look for issuers that a backend does not send")
      ->type_name("DIR");
  command->add_flag(
      "--fetch-aia", words->fetch_aia,
      "get an issuer that a backend does not send from the http address in its "
      "certificate, as browsers do: whoever made the certificate chooses whom we ask");
  command
      ->add_option("--verify", words->verify,
                   "a backend's chain that is not trusted: report it, or refuse the connection")
      ->check(CLI::IsMember({"report", "enforce"}))
      ->capture_default_str();
  command->add_option("--hello", words->hello, "what the backend is offered")
      ->check(CLI::IsMember({"mirror", "default"}))
      ->capture_default_str();
  command
      ->add_option("--answer", words->answer,
                   "what the client is answered (default: mirror; own with --hello default)")
      ->check(CLI::IsMember({"mirror", "own"}));
  command->add_flag("--mirror-faults", words->mirror_faults,
                    "show the client a certificate with the backend's faults");
  command->add_flag("--resume", words->resume,
                    "mirror resumption by tickets: a client that comes again resumes on both legs");
  add_experiments(*command, *words);
  add_credentials(*command, *words);
  command->add_option("--ca-dir", words->ca_directory, "where our CA is kept")->type_name("DIR");
  command->add_option("--ca-cert", words->ca_certificate, "another CA's certificate")
      ->type_name("FILE");
  command->add_option("--ca-key", words->ca_key, "and its key")->type_name("FILE");
  command->add_option("--threads", words->threads, "threads that serve sessions")
      ->check(CLI::Range(1U, 256U))
      ->capture_default_str();
  add_limits(*command, *words);
  add_output(*command, *words);
  add_capture(*command, words->capture);
  add_bundle_on_exit(*command, words->bundle);
  command->callback([words, &run] { run = [words] { return run_proxy(*words); }; });
}

}  // namespace visavis::tools

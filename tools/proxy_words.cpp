#include "tools/proxy_words.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace visavis::tools {
namespace {

void refuse(const std::string& problem) { throw std::runtime_error(problem); }

/// The option of a set of credentials that was given first, to be named in an error.
std::string given_option(const CredentialWords& words, const std::string& certificate,
                         const std::string& key) {
  return !words.certificates.empty() ? certificate
         : !words.keys.empty()       ? key
                                     : certificate + "-pass";
}

/// In passthrough no TLS ends here: what would be shown, checked or answered has no place.
void check_passthrough(const ProxyWords& words) {
  const std::string ours = " goes with --mode terminate; in passthrough client and backend ";
  const std::string certificates = ":" + ours + "see each other's certificates, never ours";
  if (words.served.any()) refuse(given_option(words.served, "--cert", "--key") + certificates);
  if (words.client.any())
    refuse(given_option(words.client, "--client-cert", "--client-key") + certificates);
  if (words.verify == "enforce")
    refuse("--verify: enforce" + ours + "decide themselves whom they trust");
  if (words.split != "keep" || words.split_segments != "keep")
    refuse("--split:" + ours + "cut their own records");
  if (words.twin == "always")
    refuse("--twin: goes with --mode terminate; passthrough is the direct connection itself");
  if (words.hello != "mirror")
    refuse("--hello: " + words.hello + ours + "get each other's own messages");
  if (words.mirror_faults) refuse("--mirror-faults" + certificates);
  if (words.resume) refuse("--resume:" + ours + "resume their own sessions");
  if (!words.answer.empty())
    refuse("--answer: " + words.answer + ours + "get each other's own messages");
}

void check_bundle(const ProxyWords& words) {
  const BundleWords& bundle = words.bundle;
  const std::string alone = ": goes with --bundle-on-exit, which names the bundle";
  if (bundle.file.empty() && bundle.include_secrets) refuse("--include-secrets" + alone);
  if (bundle.file.empty() && bundle.mask_addresses) refuse("--mask-addresses" + alone);
  if (bundle.include_secrets && !words.capture.secrets)
    refuse("--include-secrets: goes with --secrets, which has them captured");
}

void check_together(const ProxyWords& words) {
  check_bundle(words);
  const CredentialWords& served = words.served;
  if (words.mirror_faults && served.any())
    refuse("--mirror-faults: what --cert shows is shown as it is; faults go into minted leaves");
  const CredentialWords& client = words.client;
  if (words.mode == "passthrough") check_passthrough(words);
  if (served.certificates.empty() && !served.keys.empty())
    refuse("--key: goes with --cert, whose certificate it is the key of");
  if (served.certificates.empty() && !served.password.empty())
    refuse("--cert-pass: goes with --cert, whose password it is");
  if (client.certificates.empty() && !client.keys.empty())
    refuse("--client-key: goes with --client-cert, whose certificate it is the key of");
  if (client.certificates.empty() && !client.password.empty())
    refuse("--client-cert-pass: goes with --client-cert, whose password it is");
}

proxy::Mode mode_of(const std::string& word) {
  if (word == "auto") return proxy::Mode::automatic;
  return word == "terminate" ? proxy::Mode::terminate : proxy::Mode::passthrough;
}

proxy::TwinPolicy twin_of(const std::string& word) {
  if (word == "always") return proxy::TwinPolicy::always;
  return word == "never" ? proxy::TwinPolicy::never : proxy::TwinPolicy::automatic;
}

proxy::SplitSegments split_segments_of(const std::string& word) {
  if (word == "one") return proxy::SplitSegments::one;
  return word == "two" ? proxy::SplitSegments::two : proxy::SplitSegments::keep;
}

proxy::Milliseconds milliseconds(double seconds) {
  return proxy::Milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace

unsigned usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::clamp(static_cast<unsigned>(CPU_COUNT(&set)), 1U, 256U);
}

proxy::SplitPolicy parse_split(const std::string& word) {
  using Kind = proxy::SplitPolicy::Kind;
  if (word == "keep") return {Kind::keep};
  if (word == "none") return {Kind::none};
  if (word == "1/n-1") return {Kind::one_n_minus_one};
  if (word == "0/n") return {Kind::zero_n};
  constexpr std::string_view kMax = "max:";
  std::size_t bytes = 0;
  const char* const end = word.data() + word.size();
  if (word.starts_with(kMax)) {
    const auto [stop, error] = std::from_chars(word.data() + kMax.size(), end, bytes);
    if (error == std::errc() && stop == end && bytes >= 1 && bytes <= 16384)
      return {Kind::max, bytes};
  }
  throw std::runtime_error("'" + word +
                           "' is none of keep, none, 1/n-1, 0/n, max:N with N from 1 to 16384");
}

proxy::ProxyOptions options_of(const ProxyWords& words) {
  check_together(words);
  proxy::ProxyOptions options;
  options.listen = parse_option("--listen", words.listen, proxy::parse_host_port);
  if (!words.backend.empty()) {
    options.backend = parse_option("--backend", words.backend, proxy::parse_host_port);
    if (options.backend->port == 0) refuse("--backend: port 0 can't be dialled");
  }
  for (const std::string& route : words.routes)
    options.routes.push_back(parse_option("--route", route, proxy::parse_route));
  options.mode = mode_of(words.mode);
  options.twin = twin_of(words.twin);
  options.split = parse_option("--split", words.split, parse_split);
  options.split_segments = split_segments_of(words.split_segments);
  options.connect = words.connect;
  options.verify =
      words.verify == "report" ? proxy::VerifyPolicy::report : proxy::VerifyPolicy::enforce;
  options.hello =
      words.hello == "mirror" ? proxy::HelloPolicy::mirror : proxy::HelloPolicy::openssl_default;
  // With a hello of our own the backend answers another question: its answer is not the client's.
  const std::string answer = !words.answer.empty()     ? words.answer
                             : words.hello == "mirror" ? "mirror"
                                                       : "own";
  options.mirror_faults = words.mirror_faults;
  options.resume = words.resume;
  options.answer = answer == "mirror" ? proxy::AnswerPolicy::mirror : proxy::AnswerPolicy::own;
  options.hello_timeout = milliseconds(words.hello_timeout);
  options.dial_timeout = milliseconds(words.dial_timeout);
  options.handshake_timeout = milliseconds(words.handshake_timeout);
  options.idle_timeout = milliseconds(words.idle_timeout);
  options.threads = words.threads;
  options.log_queries = words.log_queries;
  return options;
}

}  // namespace visavis::tools

#include "tests/scenario/healthy_pairs.h"

namespace visavis::testing {
namespace {

/// The first record as the recorder saw it: header and body.
std::string first_record(const std::string& bytes) {
  if (bytes.size() < 5) return bytes;
  const std::size_t high = static_cast<unsigned char>(bytes[3]);
  const std::size_t low = static_cast<unsigned char>(bytes[4]);
  return bytes.substr(0, 5 + (high << 8 | low));
}

/// The log must have the hello that the recorder saw on its way, byte for byte.
void expect_recorded_hello(const Session& session, const std::string& leg, const Recorder& recorder,
                           int number) {
  const std::string sent = recorder.bytes(number, "c2s");
  const std::string hello = first_record(sent);
  ASSERT_GT(hello.size(), 50U);
  const std::string logged = word(session, leg + "/raw/c2s");
  EXPECT_EQ(logged.substr(0, 2 * hello.size()), to_hex(hello));
  EXPECT_EQ(to_hex(sent).substr(0, logged.size()), logged) << "and all that followed it";
  const std::string answered = word(session, leg + "/raw/s2c");
  EXPECT_EQ(to_hex(recorder.bytes(number, "s2c")).substr(0, answered.size()), answered);
  std::size_t received = 0;
  for (const auto& segment : session.at_pointer(leg + "/client_hello/segments").as_array())
    received += static_cast<std::size_t>(segment.as_int64());
  EXPECT_EQ(received, hello.size());
  EXPECT_EQ(word(session, leg + "/client_hello/segments_exact"), "true");
  EXPECT_EQ(word(session, leg + "/client_hello/length"), std::to_string(hello.size() - 9));
}

/// gnutls-serv answers in TLS 1.3 with a short page, and its tickets come before or after the
/// client's Finished: who can't decrypt may take the page for a ticket, and then does not know
/// whether there was an answer.
constexpr std::string_view kAnswerOrTickets = "unknown proxied none direct unknown by none";

/// What visavis does where it is told nothing: each hello of a new shape is tried by itself.
const std::vector<std::string> kTwins{"--twin", "auto"};

/// Without supported_versions a hello names the highest version only: that the backend answers it
/// with a lower one does not tell that the client takes that. DESIGN.md section 5. JSSE lists its
/// versions in every hello, the others where TLS 1.3 is among them.
bool hides_its_minimum(Client client, const Call& call, const Spoken& direct) {
  const std::uint32_t highest = version_number("TLSv" + call.versions.back());
  const bool listed = client == Client::java || call.versions.back() == kAllVersions.back();
  return !listed && direct.version < highest;
}

/// Whoever hides its minimum has taken the version from us; that tells as much, but only where our
/// hello is the client's. OpenSSL repeats those of programs with OpenSSL inside whole, but for
/// padding; GnuTLS's has suites, extensions and an order that it does not know.
std::string verdict_on(Client client, const Call& call, const Spoken& direct, Mode mode) {
  if (mode == Mode::passthrough) return healthy(mode);
  if (!hides_its_minimum(client, call, direct)) return "healthy proxied ok direct ok by twin";
  return client == Client::gnutls ? "unknown proxied ok direct unknown by none" : healthy(mode);
}

/// A twin of this session's own, with the client's hello and no byte more.
void expect_twin(const Session& session, const std::string& result) {
  EXPECT_EQ(word(session, "/twin/result"), result) << word(session, "/twin/why");
  EXPECT_EQ(word(session, "/twin/cached"), "false");
  EXPECT_EQ(ending(session, "direct_leg"),
            word(session, "/client_leg/established/version/id") == "772"
                ? "incomplete server_hello, closed by proxy fin"
                : "incomplete certificate, closed by proxy fin");
  const std::string hello = word(session, "/direct_leg/raw/c2s");
  EXPECT_EQ(hello, word(session, "/client_leg/raw/c2s").substr(0, hello.size()));
  EXPECT_EQ(hello.size() / 2, 9 + std::stoul(word(session, "/client_leg/client_hello/length")));
}

std::vector<Call> calls_to(std::uint16_t port, const std::filesystem::path& trusted,
                           std::vector<Call> calls) {
  for (Call& call : calls) {
    call.visit.port = port;
    call.visit.trusted = trusted;
  }
  return calls;
}

}  // namespace

std::vector<Passed> expect_same_both_ways(Client client, const Backend& backend,
                                          const Credentials& credentials, std::vector<Call> calls,
                                          std::vector<Spoken>* direct) {
  SCOPED_TRACE(name(client));
  const std::size_t count = calls.size();
  const bool gnutls = dynamic_cast<const GnutlsServer*>(&backend) != nullptr;
  std::vector<std::unique_ptr<ProxyProcess>> proxies;
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::vector<Call> all = calls_to(backend.port(), credentials.root, calls);
  for (const Mode mode : kBothModes) {
    proxies.push_back(std::make_unique<ProxyProcess>(mode, backend, credentials, kTwins));
    recorders.push_back(std::make_unique<Recorder>(proxies.back()->port()));
    const auto more = calls_to(recorders.back()->port(), proxies.back()->visit().trusted, calls);
    all.insert(all.end(), more.begin(), more.end());
  }
  // In one go: a JVM takes its time to start.
  const std::vector<Spoken> spoken = visit_all(client, all);
  if (direct != nullptr)
    direct->assign(spoken.begin(), spoken.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<Passed> ways;
  for (std::size_t way = 0; way < proxies.size(); ++way) {
    const Mode mode = kBothModes[way];
    SCOPED_TRACE(name(mode));
    const auto first = spoken.begin() + static_cast<std::ptrdiff_t>((way + 1) * count);
    ways.push_back({mode,
                    {first, first + static_cast<std::ptrdiff_t>(count)},
                    proxies[way]->sessions_as_begun(count)});
    for (std::size_t i = 0; i < count; ++i) {
      const auto& versions = calls[i].versions;
      SCOPED_TRACE("TLS " + versions.front() + " to " + versions.back());
      const Session& session = ways[way].sessions[i];
      EXPECT_EQ(spoken[i].exit_code, 0) << spoken[i].errors;
      EXPECT_EQ(ways[way].spoken[i].body, spoken[i].body);
      const bool short_answer =
          gnutls && word(session, '/' + legs_of(mode).front() + "/established/version/id") == "772";
      expect_as_direct(session, spoken[i], ways[way].spoken[i]);
      if (short_answer && mode == Mode::passthrough)
        EXPECT_THAT(verdict(session), ::testing::AnyOf(healthy(mode), kAnswerOrTickets));
      else
        EXPECT_EQ(verdict(session), verdict_on(client, calls[i], spoken[i], mode));
      if (mode == Mode::terminate)
        expect_twin(session, hides_its_minimum(client, calls[i], spoken[i]) ? "unknown" : "ok");
      EXPECT_THAT(findings(session), ::testing::IsEmpty());
      expect_recorded_hello(session, '/' + legs_of(mode).front(), *recorders[way],
                            static_cast<int>(i));
    }
    EXPECT_EQ(proxies[way]->stop(), 0);
  }
  return ways;
}

}  // namespace visavis::testing

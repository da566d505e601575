// The escalation bundle (visavis report, --bundle-on-exit): what is in it, that other people's
// programs read it, and that nothing is in it that leads to a person or gives access.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include <fstream>
#include <sstream>

#include "tests/support/identity.h"
#include "tests/support/legs.h"
#include "tests/support/tshark.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kBadOptions = 2;
constexpr int kCouldNotWork = 3;

const std::string kQuery = "PlantedQueryValue11";
const std::string kToken = "PlantedBearerToken22";
const std::string kCookie = "PlantedCookieValue33";
const std::string kSetCookie = "PlantedSetCookieValue44";
const std::string kPerson = "PlantedClientPerson55";
const std::string kProxyUser = "PlantedProxyUser66";
const std::string kIdentity = "PlantedPskIdentity77";
const std::string kTicket = "PlantedSessionTicket88";
const std::string kUnknown = "PlantedUnknownExtension0";
const std::string kUser = "planteduser99";

/// The secrets of a key log: the last word of each line that is no comment.
std::vector<std::string> secrets_of(const std::filesystem::path& key_log) {
  std::istringstream lines(whole_text(key_log));
  std::vector<std::string> secrets;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) secrets.push_back(line.substr(line.rfind(' ') + 1));
  return secrets;
}

class ReportBundle : public ::testing::Test {
 protected:
  ReportBundle() { std::filesystem::create_directories(home_); }

  /// visavis report as a user whose name and home must not get out.
  [[nodiscard]] Ran report(std::vector<std::string> words) const {
    words.insert(words.begin(), {visavis_program(), "report"});
    return run({words, "", {"HOME=" + home_.string(), "USER=" + kUser, "LOGNAME=" + kUser}});
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (home_ / name).string(); }

  /// Unpacks a bundle with unzip and returns one of its files.
  [[nodiscard]] std::string unpacked(const std::string& bundle, const std::string& name) const {
    const std::filesystem::path folder =
        home_ / (std::filesystem::path(bundle).stem().string() + ".d");
    const Ran ran = run({{"unzip", "-q", "-o", bundle, "-d", folder.string()}});
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    return (folder / name).string();
  }
  /// Where the words are found in the bundle; then its files.
  [[nodiscard]] static std::vector<std::string> search(const std::string& bundle,
                                                       const std::vector<std::string>& words) {
    std::vector<std::string> arguments{bundle};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const Ran ran = run({python("planted_search.py", arguments)}, Milliseconds(30'000));
    EXPECT_EQ(ran.exit_code, 0) << ran.errors;
    std::vector<std::string> lines;
    std::istringstream stream(ran.output);
    for (std::string line; std::getline(stream, line);)
      if (!line.empty()) lines.push_back(line);
    return lines;
  }

  TemporaryDirectory folder_;
  std::filesystem::path home_ = folder_.path() / kUser;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

/// A client certificate of this name, by a CA that anybody may know.
Identity named(const TemporaryDirectory& folder, const std::string& name) {
  CertificateSpec ca;
  ca.common_name = "Public Client CA";
  ca.ca = true;
  const TestCertificate issuer = make_certificate(ca);
  CertificateSpec leaf;
  leaf.common_name = name;
  leaf.organization = name + " Inc";
  leaf.san = {"email:" + name + "@example.com"};
  leaf.extended_key_usage = "clientAuth";
  const TestCertificate certificate = make_certificate(leaf, &issuer);
  return {folder.write("person.pem", certificate.pem()),
          folder.write("person.key", certificate.key_pem()), folder.write("ca.pem", issuer.pem())};
}

/// curl with a secret wherever a request has a place for one.
std::vector<std::string> telling(const Identity& identity) {
  std::vector<std::string> options = identity.for_curl();
  options.insert(options.end(), {"--tls-max", "1.2", "-H", "Authorization: Bearer " + kToken, "-H",
                                 "Cookie: session=" + kCookie});
  return options;
}

TEST_F(ReportBundle, HoldsNothingOfWhatWasPlantedInASessionThatIsRecordedWhole) {
  const Identity person = named(folder_, kPerson);
  const Nginx nginx(credentials_,
                    {.versions = {"1.2", "1.3"},
                     .directives = "ssl_verify_client optional_no_ca; ssl_client_certificate " +
                                   person.issuer.string() +
                                   "; add_header Set-Cookie \"id=" + kSetCookie + "\" always;"});
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     {"--capture", file("case.pcapng"), "--secrets", "--keylog", file("keys"),
                      "--log-queries", "--bundle-on-exit", file("exit.zip"), "--mask-addresses"});
  Visit visit = proxy.visit();
  visit.path = "/?key=" + kQuery;
  ASSERT_EQ(curl(visit, telling(person)).body, "hello from nginx\n");
  std::vector<std::string> modern = telling(person);
  modern[modern.size() - 5] = "1.3";
  ASSERT_EQ(curl(visit, modern).body, "hello from nginx\n");
  ASSERT_EQ(proxy.sessions(2).size(), 2U);
  ASSERT_EQ(proxy.stop(), 0);
  std::ofstream(file("case.jsonl")) << proxy.log_text();
  // It was all there to be found.
  EXPECT_THAT(whole_text(file("case.jsonl")), HasSubstr(kQuery));
  EXPECT_THAT(whole_text(file("case.jsonl")), HasSubstr(kPerson));
  EXPECT_THAT(whole_text(file("case.pcapng")), HasSubstr(kPerson));

  std::vector<std::string> words{kQuery, kToken, kCookie, kSetCookie, kPerson, kUser};
  const auto secrets = secrets_of(file("keys"));
  ASSERT_GE(secrets.size(), 4U);
  words.insert(words.end(), secrets.begin(), secrets.end());
  const std::string files =
      "files: README.txt report.txt report.html sessions.jsonl capture.pcapng sessions.har "
      "chains.txt ";
  const Ran ran = report({file("case.jsonl"), file("case.pcapng"), "--keylog", file("keys"),
                          "--har", "-o", file("case.zip")});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  EXPECT_EQ(ran.output, file("case.zip") + ": 2 sessions, redacted\n");
  const auto found = search(file("case.zip"), words);
  ASSERT_EQ(found.size(), 1U) << found.front();
  EXPECT_THAT(found.front(), StartsWith(files));
  struct stat what {};
  ASSERT_EQ(::stat(file("case.zip").c_str(), &what), 0);
  EXPECT_EQ(what.st_mode & 0777, 0600U);

  // So is it in the bundle that the proxy made itself, in which there are no addresses, either.
  words.insert(words.end(), {"127.0.0.1"});
  const auto at_exit = search(file("exit.zip"), words);
  ASSERT_EQ(at_exit.size(), 1U) << at_exit.front();
  EXPECT_THAT(at_exit.front(), HasSubstr(" capture.pcapng "));
  const std::string packets = unpacked(file("exit.zip"), "capture.pcapng");
  EXPECT_THAT(fields(packets, "ip.addr == 127.0.0.1", {"ip.src"}), ElementsAre());
  expect_sound(packets);

  // With the secrets asked for, the bundle says so on top, and its capture opens.
  const Ran open = report({file("case.pcapng"), "--include-secrets", "-o", file("open.zip")});
  ASSERT_EQ(open.exit_code, 0) << open.errors;
  EXPECT_THAT(whole_text(unpacked(file("open.zip"), "README.txt")),
              StartsWith("THIS BUNDLE HOLDS SECRETS: whoever has it can decrypt"));
  const std::string decrypted = unpacked(file("open.zip"), "capture.pcapng");
  expect_sound(decrypted);
  EXPECT_THAT(fields(decrypted, "http.request", {"http.request.method"}),
              ElementsAre("GET", "GET", "GET", "GET"));
  EXPECT_THAT(
      fields(unpacked(file("case.zip"), "capture.pcapng"), "http.request", {"http.request.method"}),
      ElementsAre());
}

TEST_F(ReportBundle, HoldsNothingOfWhatIsSaidInClear) {
  const OpensslServer backend(credentials_, {"-www", "-tls1_2", "-psk", "0a0b0c", "-cipher",
                                             "PSK-AES128-CBC-SHA:NULL-SHA256:@SECLEVEL=0"});
  ProxyProcess proxy(Mode::passthrough, backend, credentials_, {"--capture", file("case.pcapng")});
  const std::string port = std::to_string(proxy.port());
  const auto client = [&](std::vector<std::string> options, const std::string& input) {
    options.insert(options.begin(), {"openssl", "s_client", "-connect", "127.0.0.1:" + port,
                                     "-tls1_2", "-quiet", "-no_ign_eof"});
    return run({options, input});
  };
  (void)client(
      {"-psk", "0a0b0c", "-psk_identity", kIdentity, "-cipher", "PSK-AES128-CBC-SHA:@SECLEVEL=0"},
      "ping\n");
  (void)client({"-cipher", "NULL-SHA256:@SECLEVEL=0"},
               "GET / HTTP/1.0\r\nCookie: " + kCookie + "\r\n\r\n");
  (void)run(
      {python("raw_client.py", {"say", "--port", port, "--end", "--text",
                                "GET /a?key=" + kQuery + " HTTP/1.1\\r\\nAuthorization: Basic " +
                                    kToken + "\\r\\nProxy-Authorization: Basic " + kProxyUser +
                                    "\\r\\nCookie: a=" + kCookie + "\\r\\n\\r\\n" + kPerson})});
  // A ClientHello of TLS 1.2 with a session ticket (RFC 5077 3.2) and an extension without a name.
  const std::string ticket = [] {
    std::string text;
    for (const char letter : kTicket) text += "\\x" + to_hex(std::string(1, letter));
    return text;
  }();
  (void)run({python(
      "raw_client.py",
      {"say", "--port", port, "--end", "--text",
       "\\x16\\x03\\x01\\x00\\x65\\x01\\x00\\x00\\x61\\x03\\x03" +
           std::string("\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11"
                       "\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11\\x11"
                       "\\x11\\x11") +
           "\\x00\\x00\\x02\\x00\\x3b\\x01\\x00\\x00\\x36\\x00\\x23\\x00\\x16" + ticket +
           "\\xfe\\x42\\x00\\x18" + kUnknown})});
  ASSERT_EQ(proxy.sessions(4).size(), 4U);
  ASSERT_EQ(proxy.stop(), 0);
  std::ofstream(file("case.jsonl")) << proxy.log_text();
  const std::vector<std::string> words{kIdentity, kCookie, kQuery,   kToken, kProxyUser,
                                       kPerson,   kTicket, kUnknown, kUser};
  for (const std::string& word : {kIdentity, kCookie, kQuery, kToken, kPerson, kTicket, kUnknown})
    EXPECT_THAT(whole_text(file("case.pcapng")), HasSubstr(word)) << "it was there to be found";

  const Ran ran = report({file("case.jsonl"), file("case.pcapng"), "-o", file("case.zip")});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const auto found = search(file("case.zip"), words);
  EXPECT_EQ(found.size(), 1U) << found.front();
  const std::string packets = unpacked(file("case.zip"), "capture.pcapng");
  // tshark complains of damaged bytes, of which there are none; of what is masked it sees less.
  EXPECT_THAT(fields(packets, "http.request", {"http.request.method", "http.host"}).size(), 1U);
  EXPECT_THAT(fields(packets, "_ws.malformed", {"frame.number"}), ElementsAre());
  EXPECT_THAT(fields(packets, "tcp.checksum.status == 0 || ip.checksum.status == 0",
                     {"frame.number"}, {"-o", "tcp.check_checksum:TRUE"}),
              ElementsAre());
  // A reader of the bundle's capture comes to the same verdicts.
  const auto verdicts = [&](const std::string& capture) {
    std::vector<std::string> lines;
    const Ran read = visavis({"read", "--json", capture});
    const auto document = boost::json::parse(read.output);
    for (const auto& session : document.at("sessions").as_array())
      lines.push_back(verdict(session) + ", " + ending(session, "direct_leg"));
    return lines;
  };
  EXPECT_EQ(verdicts(packets), verdicts(file("case.pcapng")));
}

/// What somebody wrote to a packet in Wireshark is not for others.
TEST_F(ReportBundle, HoldsNoCommentsOfOthers) {
  const std::string capture =
      std::string(VISAVIS_SOURCE_DIR) + "/tests/data/captures/pcap/zeek__tls-expired-cert.pcap";
  const Ran commented = run({{"editcap", "-a", "1:" + kCookie, "-a",
                              "2:session 1, client leg: " + kQuery, capture, file("case.pcapng")}});
  ASSERT_EQ(commented.exit_code, 0) << commented.errors;
  ASSERT_THAT(whole_text(file("case.pcapng")), HasSubstr(kCookie));
  const Ran ran = report({file("case.pcapng"), "-o", file("case.zip")});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const std::string packets = unpacked(file("case.zip"), "capture.pcapng");
  EXPECT_THAT(fields(packets, "tls", {"frame.number"}), Not(IsEmpty()));
  for (const std::string& word : {kCookie, kQuery})
    EXPECT_EQ(whole_text(packets).find(word), std::string::npos);
}

/// Nor behind the proxy's own words.
TEST_F(ReportBundle, HoldsNoCommentsThatWereAddedToOurs) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, {"--capture", file("own.pcapng")});
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  const std::string id = word(proxy.session(), "/id");
  ASSERT_EQ(proxy.stop(), 0);
  const Ran commented =
      run({{"editcap", "-a", "1:" + kCookie, "-a", "4:session " + id + ", client leg; " + kQuery,
            file("own.pcapng"), file("case.pcapng")}});
  ASSERT_EQ(commented.exit_code, 0) << commented.errors;
  for (const std::string& word : {kCookie, kQuery})
    ASSERT_THAT(whole_text(file("case.pcapng")), HasSubstr(word));
  const Ran ran = report({file("case.pcapng"), "-o", file("case.zip")});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const std::string packets = unpacked(file("case.zip"), "capture.pcapng");
  EXPECT_THAT(whole_text(packets), HasSubstr("session " + id + ", backend leg: healthy: Works"));
  EXPECT_THAT(whole_text(packets), HasSubstr("visavis_note"));
  for (const std::string& word : {kCookie, kQuery})
    EXPECT_EQ(whole_text(packets).find(word), std::string::npos);
}

TEST_F(ReportBundle, HoldsNothingOfWhatFindingsNameAndAForwardProxyIsTold) {
  const PythonPeer backend("ending_server.py",
                           {credentials_.chain.string(), credentials_.key.string(), "close"});
  ProxyProcess proxy(Mode::terminate, backend, credentials_,
                     {"--connect", "--log-queries", "--capture", file("case.pcapng"), "--secrets"});
  Visit visit = proxy.visit();
  visit.path = "/a;jsessionid=" + kCookie + "?key=" + kQuery;
  const Spoken spoken =
      curl(visit, {"--noproxy", "", "--proxy", "http://127.0.0.1:" + std::to_string(proxy.port()),
                   "--proxy-user", "somebody:" + kProxyUser});
  ASSERT_EQ(spoken.exit_code, 52) << "no answer: " << spoken.errors;
  const auto session = proxy.sessions(1).front();
  EXPECT_THAT(findings(session), ElementsAre("closed-after-request backend error likely"));
  ASSERT_EQ(proxy.stop(), 0);
  std::ofstream(file("case.jsonl")) << proxy.log_text();
  EXPECT_THAT(word(session, "/findings/0/cause"), HasSubstr(kQuery)) << "it was there to be found";

  // "somebody:..." in base64, as RFC 7617 2 has it.
  std::vector<std::string> words{kQuery, kCookie, kProxyUser, "c29tZWJvZHk6UGxhbnRlZF"};
  for (const auto& files : {std::vector{file("case.jsonl"), file("case.pcapng")},
                            std::vector{file("case.pcapng")}, std::vector{file("case.jsonl")}}) {
    std::vector<std::string> options{files};
    options.insert(options.end(), {"--har", "-o", file("case.zip")});
    const Ran ran = report(options);
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
    const auto found = search(file("case.zip"), words);
    EXPECT_EQ(found.size(), 1U) << found.front();
    EXPECT_THAT(whole_text(unpacked(file("case.zip"), "report.txt")),
                HasSubstr("GET /a;jsessionid=masked-"));
  }
}

TEST_F(ReportBundle, IsReadByOtherPeoplesPrograms) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, {"--capture", file("case.pcapng")});
  ASSERT_EQ(curl(proxy.visit(), {"--tls-max", "1.2"}).body, "hello from nginx\n");
  ASSERT_EQ(curl(proxy.visit()).body, "hello from nginx\n");
  const auto sessions = proxy.sessions_as_begun(2);
  ASSERT_EQ(proxy.stop(), 0);
  std::ofstream(file("case.jsonl")) << proxy.log_text();
  const std::string id = word(sessions[0], "/id");
  const Ran ran =
      report({file("case.pcapng"), file("case.jsonl"), "--session", id, "-o", file("one.zip")});
  ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  const std::string page = unpacked(file("one.zip"), "report.html");
  const Ran checked = run({python("html_check.py", {page})});
  EXPECT_THAT(checked.output, StartsWith("ok "));
  EXPECT_THAT(checked.output, HasSubstr(" 1 1\n")) << "one table, one section";
  const Ran sums =
      run({{"sh", "-c", "cd \"$0\" && sha256sum -c --quiet SHA256SUMS", file("one.d")}});
  EXPECT_EQ(sums.exit_code, 0) << sums.output << sums.errors;
  // The chosen session's two connections, and no other.
  const std::string packets = file("one.d/capture.pcapng");
  expect_sound(packets);
  EXPECT_THAT(fields(packets, "tcp.flags.syn == 1 && tcp.flags.ack == 0", {"frame.interface_name"}),
              ElementsAre("client leg", "backend leg"));
  // The certificates that openssl reads are those that nginx has sent.
  const Ran shown = run({{"openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in",
                          file("one.d/certificates/" + id + "-backend_leg.pem")}});
  const Ran own = run({{"openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in",
                        credentials_.leaf.string()}});
  EXPECT_EQ(shown.output, own.output);
  const std::string readme = whole_text(file("one.d/README.txt"));
  EXPECT_THAT(readme, StartsWith("Both TLS handshakes of 1 session, recorded and explained"));
  EXPECT_THAT(readme, HasSubstr("Session " + id + ": "));
  // sessions.jsonl is a log: it makes the same report.
  const Ran again = report({file("one.d/sessions.jsonl"), "-o", file("again.zip")});
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(whole_text(unpacked(file("again.zip"), "report.txt")),
            whole_text(file("one.d/report.txt")));
  EXPECT_THAT(whole_text(file("again.d/README.txt")),
              HasSubstr("capture.pcapng: absent: only logs were given"));
}

/// What is masked changes nothing of what is found: a capture's bundle reads as the capture does.
TEST_F(ReportBundle, OfACaptureReadsAsThatDoes) {
  const auto sessions_of = [](const std::string& capture) {
    const Ran ran = visavis({"read", "--json", capture});
    const boost::json::value document = boost::json::parse(ran.output);
    std::vector<std::string> lines;
    for (const Session& session : document.at("sessions").as_array()) {
      std::string line = word(session, "/client") + ' ' + verdict(session) + ' ' +
                         word(session, "/verdict/headline") + ' ' +
                         word(session, "/direct_leg/history") + ' ' +
                         word(session, "/direct_leg/client_hello/ja4");
      for (const std::string& finding : findings(session)) line += ' ' + finding;
      lines.push_back(line);
    }
    return lines;
  };
  const auto folder = std::filesystem::path(VISAVIS_SOURCE_DIR) / "tests/data/captures/pcap";
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    const std::string capture = entry.path().string();
    const auto sessions = sessions_of(capture);
    // Secrets stay behind, and with them what was decrypted.
    const bool secrets = whole_text(capture).find("CLIENT_RANDOM ") != std::string::npos ||
                         whole_text(capture).find("_TRAFFIC_SECRET") != std::string::npos;
    if (sessions.empty() || secrets) continue;
    const Ran made = report({capture, "-o", file("bundle.zip")});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    EXPECT_EQ(sessions_of(unpacked(file("bundle.zip"), "capture.pcapng")), sessions);
    EXPECT_THAT(whole_text(file("bundle.d/README.txt")), StartsWith("The TLS handshakes of "));
    compared += sessions.size();
  }
  EXPECT_GE(compared, 15U);
}

TEST_F(ReportBundle, SaysWhatItCantDo) {
  const auto line_of = [](const Ran& ran) { return ran.errors; };
  std::ofstream(file("log.jsonl")) << "{\"schema\":1}\n";
  const Ran nothing = report({file("log.jsonl"), "-o", file("x.zip")});
  EXPECT_EQ(nothing.exit_code, kCouldNotWork);
  EXPECT_THAT(line_of(nothing), HasSubstr(file("log.jsonl") + " line 1: "));
  EXPECT_THAT(line_of(nothing), HasSubstr("visavis: no session to report\n"));
  EXPECT_FALSE(std::filesystem::exists(file("x.zip")));
  const Ran absent = report({file("absent.pcap"), "-o", file("x.zip")});
  EXPECT_EQ(absent.exit_code, kCouldNotWork);
  EXPECT_THAT(line_of(absent), HasSubstr("No such file or directory"));
  const Ran same = report({file("log.jsonl"), "-o", file("log.jsonl")});
  EXPECT_EQ(same.exit_code, kBadOptions);
  EXPECT_THAT(line_of(same), StartsWith("visavis: --output: "));
  EXPECT_EQ(report({"-", "-o", file("x.zip")}).exit_code, kBadOptions);
  EXPECT_EQ(report({file("log.jsonl"), "-o", file("no/such/x.zip")}).exit_code, kBadOptions);
  EXPECT_EQ(report({file("log.jsonl")}).exit_code, kBadOptions);
  const Ran proxy = visavis({"proxy", "--mask-addresses"});
  EXPECT_EQ(proxy.exit_code, kBadOptions);
  EXPECT_EQ(proxy.errors,
            "visavis: --mask-addresses: goes with --bundle-on-exit, which names the bundle\n");
}

}  // namespace
}  // namespace visavis::testing

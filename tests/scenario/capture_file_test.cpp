// Captures that the proxy writes, as Wireshark's own tools read them: whole, in order, decrypted
// with the secrets in them and only with those.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "tests/scenario/passthrough_passage.h"
#include "tests/support/tshark.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

const std::vector<std::string> kRequest{"frame.interface_name", "http.request.method",
                                        "http.request.uri"};
const std::vector<std::string> kAnswer{"frame.interface_name", "http.response.code"};

std::vector<std::string> versions_of(const Version& version) {
  return {"--tlsv" + version, "--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0"};
}

/// The secrets of a key log: the last word of each line that is no comment.
std::set<std::string> secrets_of(const std::filesystem::path& key_log) {
  std::istringstream lines(whole_text(key_log));
  std::set<std::string> secrets;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) secrets.insert(line.substr(line.rfind(' ') + 1));
  return secrets;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

mode_t permissions(const std::filesystem::path& file) {
  struct stat what {};
  EXPECT_EQ(::stat(file.c_str(), &what), 0);
  return what.st_mode & 0777;
}

class CaptureFiles : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> capturing(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--capture", file_.string()});
    return more;
  }
  /// One download of this many bytes, whole.
  void download(const Nginx& nginx, const ProxyProcess& proxy, std::size_t bytes) const {
    download(nginx, proxy, std::string(bytes, 'x'));
  }
  void download(const Nginx& nginx, const ProxyProcess& proxy, const std::string& data) const {
    std::ofstream(nginx.files() / "data", std::ios::binary) << data;
    Visit visit = proxy.visit();
    visit.path = "/data";
    const Spoken got = curl(visit, {"--output", (folder_.path() / "got").string()});
    ASSERT_EQ(got.exit_code, 0) << got.errors;
    EXPECT_EQ(std::filesystem::file_size(folder_.path() / "got"), data.size());
  }

  TemporaryDirectory folder_;
  std::filesystem::path file_ = folder_.path() / "case.pcapng";
  std::filesystem::path key_log_ = folder_.path() / "keys";
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

class CapturesOfVersion : public CaptureFiles, public ::testing::WithParamInterface<Version> {};

TEST_P(CapturesOfVersion, OpenDecryptedWithTheSecretsInThem) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--secrets"}));
  ASSERT_EQ(curl(proxy.visit(), versions_of(GetParam())).exit_code, 0);
  std::vector<std::string> options = openssl_versions({GetParam()});
  options.insert(options.end(), {"-cipher", std::string(kAllSuites)});
  ASSERT_EQ(openssl_client(proxy.visit(), options).exit_code, 0);
  const auto sessions = proxy.sessions_as_begun(2);
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_EQ(permissions(file_), 0600U);
  std::vector<std::string> requests;
  std::vector<std::string> answers;
  for (const std::string leg : {"client leg", "backend leg"})
    for (int session = 0; session < 2; ++session) {
      requests.push_back(leg + "|GET|/");
      answers.push_back(leg + "|200");
    }
  EXPECT_THAT(fields(file_, "http.request", kRequest), UnorderedElementsAreArray(requests));
  EXPECT_THAT(fields(file_, "http.response", kAnswer), UnorderedElementsAreArray(answers));
  EXPECT_EQ(capinfos(file_, "Capture application").substr(0, 8), "visavis ");
  for (const Session& session : sessions) {
    EXPECT_EQ(verdict(session), healthy(Mode::terminate));
    EXPECT_EQ(word(session, "/packets_not_captured"), "absent");
    for (const std::string leg : {"client leg", "backend leg"}) {
      // Under TLS 1.0 both clients send an empty record first (0/n), which the first dial can't
      // repeat.
      const bool again = GetParam() == "1.0" && leg == "backend leg";
      const std::string begin =
          "session " + word(session, "/id") + ", " + leg + (again ? " (dialled again)" : "");
      const auto first = fields(file_, "frame.comment == \"" + begin + "\"",
                                {"frame.interface_name", "ip.src", "tcp.srcport", "ip.dst",
                                 "tcp.dstport", "tcp.flags.syn"});
      const std::string key = leg == "client leg" ? "/client_leg" : "/backend_leg";
      std::string ends =
          word(session, key + "/endpoints/from") + ':' + word(session, key + "/endpoints/to");
      std::replace(ends.begin(), ends.end(), ':', '|');
      EXPECT_THAT(first, ElementsAre(leg + '|' + ends + "|1"));
      const std::string end = begin + ": healthy: " + word(session, "/verdict/headline");
      EXPECT_THAT(fields(file_, "frame.comment == \"" + end + "\"", {"tcp.len"}), ElementsAre("0"));
    }
  }
}

TEST_P(CapturesOfVersion, OpenWithAKeyLogAndNotWithoutIt) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     capturing({"--keylog", key_log_.string()}));
  ASSERT_EQ(curl(proxy.visit(), versions_of(GetParam())).exit_code, 0);
  const Session session = proxy.session();
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_THAT(fields(file_, "http", kRequest), IsEmpty());
  EXPECT_THAT(
      fields(file_, "http.request", kRequest, {"-o", "tls.keylog_file:" + key_log_.string()}),
      ElementsAre("client leg|GET|/", "backend leg|GET|/"));
  EXPECT_EQ(permissions(key_log_), 0600U);
  for (const std::string leg : {"client leg", "backend leg"})
    EXPECT_THAT(whole_text(key_log_),
                HasSubstr("# session " + word(session, "/id") + ", " + leg + '\n'));
  // The same secrets, planted: nobody else has got them.
  const auto secrets = secrets_of(key_log_);
  ASSERT_GE(secrets.size(), GetParam() == "1.3" ? 8U : 2U);
  for (const std::string& text :
       {whole_text(file_), proxy.log_text(), proxy.process().output(), proxy.process().errors()})
    for (const std::string& secret : secrets) {
      EXPECT_THAT(text, Not(HasSubstr(secret)));
      EXPECT_EQ(text.find(from_hex(secret)), std::string::npos);
    }
}

TEST_P(CapturesOfVersion, HaveHandshakesOnly) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     capturing({"--secrets", "--handshakes-only"}));
  std::ofstream(nginx.files() / "data", std::ios::binary) << std::string(1'000'000, 'x');
  Visit visit = proxy.visit();
  visit.path = "/data";
  ASSERT_EQ(curl(visit, versions_of(GetParam())).exit_code, 0);
  const Session session = proxy.session();
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_THAT(fields(file_, "http", kRequest), IsEmpty());
  EXPECT_LT(std::filesystem::file_size(file_), 100'000U);
  // All of both handshakes, decrypted: each side's Finished of each leg; a leg that was dialled
  // again (TLS 1.0, for the client's empty records) has them twice.
  const auto finished = fields(file_, "tls.handshake.type == 20", {"tcp.stream"});
  const std::set<std::string> streams(finished.begin(), finished.end());
  EXPECT_EQ(streams.size(), GetParam() == "1.0" ? 3U : 2U);
  // What is left out counts in the lengths.
  std::size_t bytes = 0;
  for (const std::string& length : fields(file_, "tcp.len > 0", {"tcp.len"}))
    bytes += std::stoul(length);
  EXPECT_GT(bytes, 2'000'000U);
  EXPECT_THAT(fields(file_, "frame.comment contains \"--handshakes-only\"", {"frame.comment"}),
              Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(Tls, CapturesOfVersion, ::testing::ValuesIn(kAllVersions),
                         [](const auto& version) { return "1" + version.param.substr(2); });

/// Witnesses on both sides saw the same bytes.
/// In bulk transfer the relay's own buffers are what is written: none may be used again before.
TEST_F(CaptureFiles, OfBulkTransfersHaveEveryByte) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--secrets"}));
  std::string data(16U << 20, '\0');
  std::mt19937 random(1);
  for (char& byte : data) byte = static_cast<char>(random());
  download(nginx, proxy, data);
  ASSERT_EQ(word(proxy.session(), "/packets_not_captured"), "absent");
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  const std::filesystem::path objects = folder_.path() / "objects";
  (void)tshark(file_, {"-q", "--export-objects", "http," + objects.string()});
  std::size_t legs = 0;
  for (const auto& object : std::filesystem::directory_iterator(objects)) {
    EXPECT_TRUE(whole_text(object.path()) == data) << object.path();
    ++legs;
  }
  EXPECT_EQ(legs, 2U);
}

TEST_F(CaptureFiles, OfPassthroughHaveTheBytesOfTheWire) {
  const Nginx nginx(credentials_);
  Passage passage(nginx.port(), capturing());
  const Spoken got = curl({passage.front.port(), credentials_.root});
  ASSERT_EQ(got.exit_code, 0) << got.errors;
  const Session session = passage.proxy.session();
  ASSERT_EQ(passage.proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_EQ(stream_bytes(file_, 0, true), to_hex(passage.rear.bytes(0, "c2s")));
  EXPECT_EQ(stream_bytes(file_, 0, false), to_hex(passage.rear.bytes(0, "s2c")));
  std::string ends = word(session, "/client") + ':' + passage.rear.address();
  std::replace(ends.begin(), ends.end(), ':', '|');
  EXPECT_THAT(fields(file_, "tcp.flags.syn == 1 && tcp.flags.ack == 0",
                     {"frame.interface_name", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport"}),
              ElementsAre("direct leg|" + ends));
}

/// What our library can't end is passed on: one connection, of the direct leg.
TEST_F(CaptureFiles, OfAutoModeHaveOneLegOrTheOther) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--mode", "auto"}));
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  // GnuTLS still has RC4, which OpenSSL has not, here and in nginx.
  const std::string rc4 = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+ARCFOUR-128:-KX-ALL:+RSA";
  EXPECT_NE(gnutls_client(proxy.visit(), {"--priority", rc4}).exit_code, 0);
  const auto sessions = proxy.sessions_as_begun(2);
  EXPECT_EQ(word(sessions[1], "/mode"), "passthrough");
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_THAT(fields(file_, "tls.handshake.type == 1", {"frame.interface_name"}),
              ElementsAre("client leg", "backend leg", "direct leg"));
}

TEST_F(CaptureFiles, HaveTheDirectTwin) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--twin", "always"}));
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  const Session session = proxy.session();
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  const auto hellos =
      fields(file_, "tls.handshake.type == 1", {"frame.interface_name", "tls.handshake.random"});
  ASSERT_EQ(hellos.size(), 3U);
  EXPECT_EQ(hellos[0], "client leg|" + word(session, "/client_leg/client_hello/random"));
  EXPECT_EQ(hellos[2], "direct leg|" + word(session, "/client_leg/client_hello/random"));
}

/// The capture that is compared with the live report when the proxy goes has both legs' closes,
/// also of a session that had a twin.
TEST_F(CaptureFiles, HaveTheClosesOfASessionThatWasStopped) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, {"--twin", "always"});
  const Visit visit = proxy.visit();
  const Process client({{"openssl", "s_client", "-quiet", "-connect",
                         visit.host + ':' + std::to_string(visit.port), "-servername", visit.host},
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"});
  ASSERT_TRUE(
      wait_until([&] { return client.output().find("HTTP/1.1 200") != std::string::npos; }));
  ASSERT_EQ(proxy.stop(), 0);
  const Session session = proxy.session();
  for (const std::string leg : {"client_leg", "backend_leg"})
    EXPECT_EQ(ending(session, leg), "established finished, closed by proxy fin");
}

TEST_F(CaptureFiles, AreReadableWhenTheProxyWasKilled) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--secrets"}));
  ASSERT_EQ(curl(proxy.visit()).exit_code, 0);
  // Within a second all of it is there, though the proxy runs on.
  const auto ended = std::chrono::steady_clock::now();
  EXPECT_TRUE(wait_until([&] { return whole_text(file_).find("healthy: ") != std::string::npos; },
                         Milliseconds(5000)));
  RecordProperty("ms",
                 static_cast<int>((std::chrono::steady_clock::now() - ended).count() / 1'000'000));
  proxy.process().signal(SIGKILL);
  ASSERT_EQ(proxy.process().wait(), 128 + SIGKILL);
  expect_sound(file_);
  EXPECT_THAT(fields(file_, "http.request", kRequest),
              ElementsAre("client leg|GET|/", "backend leg|GET|/"));
}

TEST_F(CaptureFiles, RotateAndKeepTheNewest) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     capturing({"--secrets", "--capture-rotate", "300K:3"}));
  for (int i = 0; i < 4; ++i) download(nginx, proxy, 300'000);
  (void)proxy.sessions(4);
  ASSERT_EQ(proxy.stop(), 0);
  for (const std::string name : {"case.pcapng", "case.1.pcapng", "case.2.pcapng"}) {
    SCOPED_TRACE(name);
    expect_sound(folder_.path() / name);
    EXPECT_LE(std::filesystem::file_size(folder_.path() / name), 300U * 1024);
    EXPECT_EQ(permissions(folder_.path() / name), 0600U);
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "case.3.pcapng"));
  // The last words are in the newest.
  EXPECT_THAT(fields(file_, "frame.comment contains \"healthy\"", {"frame.interface_name"}),
              Not(IsEmpty()));
}

TEST_F(CaptureFiles, EndAtTheirLimitAndTheProxyGoesOn) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--capture-limit", "100K"}));
  download(nginx, proxy, 300'000);
  download(nginx, proxy, 300'000);
  (void)proxy.sessions(2);
  ASSERT_EQ(proxy.stop(), 0);
  EXPECT_LE(std::filesystem::file_size(file_), 100U * 1024);
  EXPECT_GT(std::filesystem::file_size(file_), 30U * 1024);
  expect_sound(file_);
  EXPECT_THAT(proxy.process().errors(),
              HasSubstr("--capture-limit is reached: nothing more is captured"));
}

TEST_F(CaptureFiles, AreCutBySnapSession) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_,
                     capturing({"--secrets", "--snap-session", "8K"}));
  download(nginx, proxy, 300'000);
  (void)proxy.session();
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_LT(std::filesystem::file_size(file_), 60'000U);
  EXPECT_THAT(fields(file_, "frame.comment contains \"cut here, after 8192 bytes\"",
                     {"frame.interface_name"}),
              UnorderedElementsAreArray({"client leg", "backend leg"}));
  EXPECT_THAT(fields(file_, "http.request", kRequest),
              ElementsAre("client leg|GET|/data", "backend leg|GET|/data"));
}

/// A file that may not grow stands for a full disk. The limit is larger than the session log.
TEST_F(CaptureFiles, OnAFullDiskLosePacketsAndNothingElse) {
  const Nginx nginx(credentials_);
  ProxyProcess proxy(Mode::terminate, nginx, credentials_, capturing({"--secrets"}));
  rlimit free{};
  ASSERT_EQ(::prlimit(proxy.process().id(), RLIMIT_FSIZE, nullptr, &free), 0);
  const rlimit full{400'000, free.rlim_max};
  ASSERT_EQ(::prlimit(proxy.process().id(), RLIMIT_FSIZE, &full, nullptr), 0);
  download(nginx, proxy, 300'000);
  (void)proxy.process().wait_for("visavis: warning: --capture ");
  download(nginx, proxy, 300'000);
  const Session session = proxy.session(2);
  EXPECT_EQ(proxy.process().errors().find("written again"), std::string::npos);
  EXPECT_EQ(verdict(session), healthy(Mode::terminate));
  EXPECT_GT(session.at("packets_not_captured").as_int64(), 20);
  ASSERT_EQ(::prlimit(proxy.process().id(), RLIMIT_FSIZE, &free, nullptr), 0);
  EXPECT_TRUE(wait_until(
      [&] { return proxy.process().errors().find("can be written again") != std::string::npos; }));
  download(nginx, proxy, 1000);
  EXPECT_EQ(word(proxy.session(3), "/packets_not_captured"), "absent");
  ASSERT_EQ(proxy.stop(), 0);
  expect_sound(file_);
  EXPECT_THAT(fields(file_, "http.request", kRequest),
              ElementsAre("client leg|GET|/data", "backend leg|GET|/data", "client leg|GET|/data",
                          "backend leg|GET|/data"));
  const std::string errors = proxy.process().errors();
  EXPECT_THAT(errors, HasSubstr("case.pcapng: can't be written: File too large; packets are lost "
                                "from here on, and counted in their sessions\n"));
  EXPECT_EQ(errors.find("can't be written"), errors.rfind("can't be written"));
  EXPECT_EQ(errors.find("written again"), errors.rfind("written again"));
}

TEST(CaptureOptions, ThatCantBeUsedAreRefused) {
  const TemporaryDirectory folder;
  const auto expect_refused = [&](std::vector<std::string> words, const std::string& line) {
    words.insert(words.begin(),
                 {"proxy", "--listen", "127.0.0.1:0", "--ca-dir", (folder.path() / "ca").string()});
    const Ran ran = visavis(words);
    EXPECT_EQ(ran.exit_code, 2) << line;
    EXPECT_EQ(ran.errors, "visavis: " + line + "\n");
  };
  const std::string file = (folder.path() / "case.pcapng").string();
  for (const std::string flag : {"--secrets", "--handshakes-only"})
    expect_refused({flag}, flag + ": goes with --capture, which names the file");
  for (const std::string option : {"--capture-limit", "--capture-rotate", "--snap-session"})
    expect_refused({option, "1M"}, option + ": goes with --capture, which names the file");
  expect_refused({"--capture", file, "--capture-rotate", "1M"},
                 "--capture-rotate: '1M' is not SIZE:COUNT, such as 100M:5");
  expect_refused({"--capture", file, "--capture-rotate", "1M:0"},
                 "--capture-rotate: '1M:0': COUNT is a number of files from 1 to 10000");
  expect_refused({"--capture", file, "--capture-rotate", "1K:2"},
                 "--capture-rotate: '1K:2': a file must hold 128K at least, which is the largest "
                 "packet");
  for (const std::string size : {"0", "12T", "-1", "K", "99999999999G"})
    expect_refused({"--capture", file, "--snap-session=" + size},
                   "--snap-session: '" + size + "' is no size: bytes, or a number with K, M or G");
  expect_refused({"--capture", file, "--keylog", file},
                 "--capture: " + file + " is the --keylog file; one would destroy the other");
  expect_refused({"--mode", "passthrough", "--backend", "localhost:1", "--keylog", file},
                 "--keylog: goes with --mode terminate; in passthrough client and backend keep "
                 "their secrets");
  expect_refused({"--capture", "/dev/full"},
                 "--capture /dev/full: can't be written: No space left on device");
  expect_refused({"--capture", folder.path().string()},
                 "--capture " + folder.path().string() + ": can't be written: Is a directory");
  expect_refused({"--keylog", "/nowhere/keys"},
                 "--keylog /nowhere/keys: can't be written: No such file or directory");
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace visavis::testing

// Captures of both ends of the same connections, with somebody else's device between them: what it
// changes is found, and a device that only passes bytes on is not accused.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/comparisons.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// client -> front, which captures the client's end -> the device -> rear, which captures the
/// server's end -> backend.
template <class Device>
struct Line {
  template <class... Arguments>
  Line(const TemporaryDirectory& folder, const Backend& backend, const Credentials& credentials,
       const Arguments&... arguments)
      : client_end(folder.path() / "client.pcapng"),
        server_end(folder.path() / "server.pcapng"),
        rear(Mode::passthrough, backend, credentials, {"--capture", server_end.string()}),
        device(rear.port(), arguments...),
        front(Mode::passthrough, device, credentials, {"--capture", client_end.string()}) {}

  [[nodiscard]] Compared compared(const std::vector<std::string>& options = {}) {
    EXPECT_EQ(front.stop(), 0);
    EXPECT_EQ(rear.stop(), 0);
    return compare_files(client_end, server_end, options);
  }

  std::filesystem::path client_end;
  std::filesystem::path server_end;
  ProxyProcess rear;
  Device device;
  ProxyProcess front;
};

/// forwarder.py passes on TCP as it comes, but for what it is told to do otherwise.
struct Forwarder : PythonPeer {
  explicit Forwarder(std::uint16_t to, std::vector<std::string> options = {})
      : PythonPeer("forwarder.py", words(to, std::move(options))) {}

  static std::vector<std::string> words(std::uint16_t to, std::vector<std::string> options) {
    options.insert(options.begin(), {"--to", std::to_string(to)});
    return options;
  }
};

/// sslsplit ends the client's TLS with certificates of its own CA.
struct Sslsplit : Backend {
  Sslsplit(std::uint16_t to, const TemporaryDirectory& folder) {
    const std::string key = (folder.path() / "device.key").string();
    certificate = folder.path() / "device.pem";
    const Ran made =
        run({{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
              certificate.string(), "-days", "30", "-subj", "/CN=Inspecting Device"}});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    // The port is ours until it binds it: another one is tried where somebody was quicker.
    for (int attempt = 0; attempt < 5; ++attempt) {
      port_ = free_port();
      process_ = std::make_unique<Process>(
          Command{{"sslsplit", "-D", "-k", key, "-c", certificate.string(), "https", "127.0.0.1",
                   std::to_string(port_), "127.0.0.1", std::to_string(to)}});
      try {
        (void)process_->wait_for("Loaded CA");
        (void)process_->wait_for("- [127.0.0.1]");
        return;
      } catch (const std::exception&) {
      }
    }
    ADD_FAILURE() << "sslsplit does not start: " << process_->errors();
  }
  std::filesystem::path certificate;
};

class CompareEnds : public ::testing::Test {
 protected:
  [[nodiscard]] static std::vector<std::string> version(const Version& version) {
    return {"--tlsv" + version, "--tls-max", version};
  }

  TemporaryDirectory folder_;
  Credentials credentials_ = make_credentials(folder_, TestKey::rsa_2048);
};

TEST_F(CompareEnds, APlainForwarderIsNotAccused) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_);
  for (const Version each : {"1.2", "1.3"}) {
    const Spoken got = curl(line.front.visit(), version(each));
    ASSERT_EQ(got.exit_code, 0) << got.errors;
  }
  ASSERT_EQ(openssl_client(line.front.visit()).exit_code, 0);
  const std::vector<std::string> trust{"--trust", credentials_.root.string()};
  const Compared compared = line.compared(trust);
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.connections(),
              ElementsAre("healthy by client-random", "healthy by client-random",
                          "healthy by client-random"));
  EXPECT_THAT(compared.unmatched(), IsEmpty());
  for (const auto& connection : compared.document.at("connections").as_array())
    EXPECT_THAT(findings(connection), IsEmpty());
  EXPECT_EQ(verdict(compared.document), "healthy proxied none direct ok by passthrough");
  EXPECT_THAT(compared.text("/verdict/headline"),
              HasSubstr("Both ends show the same: nothing on the way changed it."));
  EXPECT_THAT(compared.runs(), ElementsAre("client end: ok", "server end: ok"));
  EXPECT_THAT(compared.differing(), ElementsAre("addresses"));

  const Ran text = visavis({"compare", line.client_end.string(), line.server_end.string(),
                            "--color", "never", trust[0], trust[1]});
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_THAT(text.output, HasSubstr("CONNECTIONS: client end = server end\n"));
  EXPECT_THAT(text.output, HasSubstr("(by client-random"));
}

/// One bit of the name that the client asks for.
TEST_F(CompareEnds, AChangedHelloIsNamedFieldByField) {
  const OpensslServer backend(credentials_, {"-www"});
  Line<Forwarder> line(
      folder_, backend, credentials_,
      std::vector<std::string>{"--replace", "c2s:6c6f63616c686f7374:6c6f63616c686f7375"});
  const Spoken got = curl(line.front.visit(), version("1.2"));
  ASSERT_EQ(got.exit_code, 35) << got.errors;
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.connections(), ElementsAre("fails-direct by client-random"));
  EXPECT_THAT(findings(compared.document), ElementsAre("hello-altered network error proven"));
  EXPECT_EQ(compared.text("/findings/0/role"), "cause");
  EXPECT_EQ(compared.text("/findings/0/presented"), "server name: localhost became localhosu");
  EXPECT_THAT(compared.text("/verdict/headline"),
              HasSubstr("The ClientHello is changed on its way to the backend"));
}

TEST_F(CompareEnds, AChangedRecordIsFoundByItsPlace) {
  const Nginx nginx(credentials_);
  std::ofstream(nginx.files() / "data", std::ios::binary) << std::string(200'000, 'x');
  Line<Forwarder> line(folder_, nginx, credentials_,
                       std::vector<std::string>{"--change", "s2c:100000:00ff00ff"});
  Visit visit = line.front.visit();
  visit.path = "/data";
  const Spoken got = curl(visit, {"--output", (folder_.path() / "got").string()});
  ASSERT_NE(got.exit_code, 0);
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(findings(compared.document), ElementsAre("bytes-altered network error proven"));
  EXPECT_THAT(compared.text("/findings/0/presented"),
              HasSubstr("a byte between 98304 and 102399, in record"));
}

/// What an intrusion prevention system does: both sides get a reset in the other's name.
TEST_F(CompareEnds, AResetThatNeitherSideSentIsTheWays) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_,
                       std::vector<std::string>{"--cut", "s2c:0:rst"});
  const Spoken got = curl(line.front.visit());
  ASSERT_EQ(got.exit_code, 35) << got.errors;
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.connections(), ElementsAre("fails-direct by client-random"));
  // Whether the backend had begun to answer by then is chance.
  const std::string ended = "made-up-close network error proven";
  EXPECT_THAT(
      findings(compared.document),
      ::testing::AnyOf(ElementsAre(ended), ElementsAre("bytes-lost network error proven", ended)));
  EXPECT_EQ(compared.text("/findings/0/id"), "made-up-close");
  EXPECT_EQ(compared.text("/findings/0/role"), "cause");
  EXPECT_THAT(compared.text("/findings/0/cause"),
              HasSubstr("a reset (RST) in the name of the backend"));
}

/// The backend's end sees a part of the hello and then the stream's end.
TEST_F(CompareEnds, AHelloOfWhichOnlyTheBeginningArrivesIsMatchedAndFound) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_,
                       std::vector<std::string>{"--cut", "c2s:100:fin"});
  const Spoken got = curl(line.front.visit());
  ASSERT_NE(got.exit_code, 0);
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.connections(), ElementsAre("fails-direct by client-random"));
  EXPECT_THAT(findings(compared.document),
              ElementsAre("bytes-lost network error proven", "made-up-close network error proven"));
}

/// In place of the ServerHello the client gets an alert in clear.
TEST_F(CompareEnds, AnAlertThatTheBackendDidNotSendIsTheWays) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_,
                       std::vector<std::string>{"--change", "s2c:0:15030300020228"});
  const Spoken got = curl(line.front.visit());
  ASSERT_EQ(got.exit_code, 35) << got.errors;
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(findings(compared.document), ElementsAre("made-up-alert network error proven"));
  EXPECT_EQ(compared.text("/findings/0/codes/alert"), "40");
}

TEST_F(CompareEnds, WhoEndsTheTlsOnTheWayIsFound) {
  const Nginx nginx(credentials_);
  Line<Sslsplit> line(folder_, nginx, credentials_, folder_);
  Visit visit = line.front.visit();
  // The client trusts the backend's CA alone.
  const Spoken refused = curl(visit, version("1.2"));
  ASSERT_EQ(refused.exit_code, 60) << refused.errors;
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.connections(), ElementsAre("fails-direct by name-and-time"));
  EXPECT_THAT(findings(compared.document), ElementsAre("interception network error likely"));
  EXPECT_THAT(compared.text("/findings/0/presented"), HasSubstr("CN=Inspecting Device"));
  EXPECT_THAT(compared.text("/verdict/headline"), HasSubstr("The TLS is ended on the way"));
}

/// Where the client trusts the device nothing fails, and it is said all the same.
TEST_F(CompareEnds, AnInterceptionThatTheClientTrustsIsAWarning) {
  const Nginx nginx(credentials_);
  Line<Sslsplit> line(folder_, nginx, credentials_, folder_);
  Visit visit = line.front.visit();
  visit.trusted = line.device.certificate;
  ASSERT_EQ(curl(visit).exit_code, 0);
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(findings(compared.document), ElementsAre("interception network warning likely"));
}

TEST_F(CompareEnds, SessionsThatOnlyOneEndShowsAreNamed) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_);
  ASSERT_EQ(curl(line.front.visit()).exit_code, 0);
  ASSERT_EQ(curl(line.rear.visit()).exit_code, 0);  // a client that does not come that way
  const Compared compared = line.compared();
  EXPECT_EQ(compared.exit_code, 0) << compared.errors;
  EXPECT_THAT(compared.connections(), ElementsAre("healthy by client-random"));
  ASSERT_EQ(compared.unmatched().size(), 1U);
  EXPECT_THAT(compared.unmatched()[0], HasSubstr("server end "));
  // A log of passthrough has the same sessions.
  std::ofstream(folder_.path() / "rear.log") << line.rear.log_text();
  const Compared logged = compare_files(line.client_end, folder_.path() / "rear.log");
  EXPECT_EQ(logged.exit_code, 0) << logged.errors;
  EXPECT_THAT(logged.connections(), ElementsAre("healthy by client-random"));
  EXPECT_THAT(findings(logged.document), IsEmpty());
}

/// Direct against proxied, from captures alone.
TEST_F(CompareEnds, CapturesOfTwoWaysAreComparedAsTwoRuns) {
  const Nginx nginx(credentials_);
  const auto direct_file = folder_.path() / "direct.pcapng";
  const auto proxied_file = folder_.path() / "proxied.pcapng";
  ProxyProcess direct(Mode::passthrough, nginx, credentials_, {"--capture", direct_file.string()});
  ProxyProcess proxied(Mode::terminate, nginx, credentials_,
                       {"--capture", proxied_file.string(), "--secrets"});
  ASSERT_EQ(curl(direct.visit()).exit_code, 0);
  Visit distrusting = proxied.visit();
  distrusting.trusted = credentials_.root;
  ASSERT_EQ(curl(distrusting).exit_code, 60);
  ASSERT_EQ(direct.stop(), 0);
  ASSERT_EQ(proxied.stop(), 0);
  const Compared compared =
      compare_files(direct_file, proxied_file, {"--trust", credentials_.root.string()});
  EXPECT_EQ(compared.exit_code, 1) << compared.errors;
  EXPECT_THAT(compared.runs(), ElementsAre("direct: ok", "proxied: failed"));
  EXPECT_EQ(verdict(compared.document), "proxy-introduces proxied failed direct ok by passthrough");
  EXPECT_THAT(findings(compared.document),
              ElementsAre("client-rejected-our-certificate proxy error proven"));
}

TEST_F(CompareEnds, WhatCanNotBeComparedIsSaid) {
  const Nginx nginx(credentials_);
  Line<Forwarder> line(folder_, nginx, credentials_);
  ASSERT_EQ(curl(line.front.visit()).exit_code, 0);
  (void)line.compared();
  const auto junk = folder_.path() / "junk";
  std::ofstream(junk) << "not a capture, and no log\n";
  const Ran unread = visavis({"compare", line.client_end.string(), junk.string()});
  EXPECT_EQ(unread.exit_code, 3);
  EXPECT_THAT(unread.errors, HasSubstr(junk.string()));
  EXPECT_EQ(std::count(unread.errors.begin(), unread.errors.end(), '\n'), 1) << unread.errors;

  // A capture that breaks off is compared as far as it goes.
  const std::string whole = whole_text(line.server_end);
  const auto cut = folder_.path() / "cut.pcapng";
  std::ofstream(cut, std::ios::binary) << whole.substr(0, whole.size() - 20);
  const Compared partly = compare_files(line.client_end, cut);
  EXPECT_EQ(partly.exit_code, 3);
  EXPECT_THAT(partly.errors, HasSubstr(cut.string() + ", byte "));
  EXPECT_THAT(partly.connections(), ElementsAre("healthy by client-random"));
  EXPECT_THAT(findings(partly.document), IsEmpty());

  const Ran options = visavis({"compare", nginx.address(), "--ends", "--", "true"});
  EXPECT_EQ(options.exit_code, 2);
  EXPECT_THAT(options.errors, HasSubstr("--ends: goes with two files"));
}

}  // namespace
}  // namespace visavis::testing

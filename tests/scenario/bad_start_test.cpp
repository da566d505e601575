// Files that a start-up is told of and can't use: one line names the file and the cause, exit code
// 2; a port that another process has: that process is named, exit code 3. The files are made by the
// `openssl` command, as an administrator makes them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "tests/support/legs.h"
#include "tests/support/openssl_files.h"

namespace visavis::testing {
namespace {

constexpr int kBadOptions = 2;
constexpr int kCouldNotWork = 3;

/// The start fails with exactly this line on stderr.
void expect_refused(const Ran& ran, int code, const std::string& line) {
  EXPECT_EQ(ran.exit_code, code);
  EXPECT_EQ(ran.errors, "visavis: " + line + "\n");
  EXPECT_EQ(ran.output, "");
}

/// All files of these tests, made once.
struct Files {
  Files() {
    (void)made.pfx("good.pfx");
    (void)made.pfx("legacy.pfx", {"-legacy"});
    (void)made.pfx_of("no_key.pfx", {"-nokeys", "-in", made.leaf().string()});
    (void)made.p7b("chain.p7b", "DER");
    (void)made.pkcs8("encrypted.key");
    (void)made.traditional("des.key", "-des");
    const auto& folder = made.folder();
    const std::string pfx = whole_text(path("good.pfx"));
    folder.write("cut.pfx", pfx.substr(0, 700));
    std::string changed = pfx;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
    folder.write("damaged.pfx", changed);
    folder.write("other.key", other.key_pem());
    folder.write("other.pem", other.pem());
    folder.write("issuer.key", made.chain().intermediate.key_pem());
    folder.write("leaf_and_issuer.pem", made.chain().leaf.pem() + made.chain().intermediate.pem());
    folder.write("empty", "");
    folder.write("text", "no certificate\n");
    std::string broken = made.chain().leaf.pem();
    broken[100] = '!';
    folder.write("broken.pem", broken);
    const Der& der = made.chain().leaf.der();
    folder.write("cut.der", std::string(der.begin(), der.begin() + 100));
    cut_length = std::to_string(der.size() - 4);
    folder.write("password", "wrong in the second line\ngeheim\n");
    openssl({"req", "-new", "-key", made.key().string(), "-subj", "/CN=x", "-out",
             path("request.csr").string()});
    openssl({"genpkey", "-algorithm", "X25519", "-out", path("x25519.key").string()});
    std::filesystem::resize_file(folder.write("huge", ""), (16U << 20) + 1);
    pfx_length = std::to_string(pfx.size() - 4);
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return made.folder().path() / name;
  }

  OpensslFiles made;
  TestCertificate other = make_certificate(leaf_spec("other.example"));
  std::string pfx_length;
  std::string cut_length;
};

struct Refused {
  std::string name;
  std::vector<std::string> words;
  std::string line;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

/// In words and lines FOLDER stands for the folder of the files, CUT and PFX for lengths.
class BadFiles : public ::testing::TestWithParam<Refused> {
 protected:
  static void SetUpTestSuite() { files_ = new Files; }
  static void TearDownTestSuite() {
    delete files_;
    files_ = nullptr;
  }

  static std::string filled(std::string text) {
    const std::pair<std::string, std::string> names[] = {
        {"FOLDER", files_->made.folder().path().string()},
        {"PFX_LENGTH", files_->pfx_length},
        {"CUT_LENGTH", files_->cut_length}};
    for (const auto& [name, value] : names)
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
        text.replace(at, name.size(), value);
    return text;
  }

  /// Starts the proxy; it is not expected to come far.
  static Ran start(const std::vector<std::string>& words,
                   const std::vector<std::string>& environment = {},
                   const std::vector<std::string>& before = {}) {
    std::vector<std::string> all = before;
    all.insert(all.end(), {visavis_program(), "proxy", "--listen", "127.0.0.1:0", "--backend",
                           "127.0.0.1:1", "--ca-dir", files_->path("ca").string()});
    for (const std::string& word : words) all.push_back(filled(word));
    return run({all, "", environment});
  }

  static Files* files_;
};

Files* BadFiles::files_ = nullptr;

TEST_P(BadFiles, AreNamedWithTheCause) {
  expect_refused(start(GetParam().words), kBadOptions, filled(GetParam().line));
}

const std::string kWrongPassword =
    "the password is wrong, or the file is damaged: its MAC does not verify (Windows: 0x80070056, "
    "\"The specified network password is not correct\")";
const std::string kExport =
    "on Windows export a PFX with \"Yes, export the private key\"; Schannel calls a certificate "
    "without one event 36869)";

INSTANTIATE_TEST_SUITE_P(
    WithoutItsKey, BadFiles,
    ::testing::Values(
        Refused{"certificate_alone",
                {"--cert", "FOLDER/leaf.pem"},
                "--cert: FOLDER/leaf.pem: CN=www.example.com has no private key, neither here nor "
                "in a key file (" +
                    kExport},
        Refused{"pfx_without_key",
                {"--cert", "FOLDER/no_key.pfx", "--cert-pass", "pass:geheim"},
                "--cert: FOLDER/no_key.pfx: CN=www.example.com has no private key, neither here "
                "nor in a key file (" +
                    kExport},
        Refused{"p7b_alone",
                {"--cert", "FOLDER/chain.p7b"},
                "--cert: FOLDER/chain.p7b: CN=www.example.com has no private key, neither here nor "
                "in a key file (a P7B never holds one; " +
                    kExport},
        Refused{"key_of_another",
                {"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/other.key"},
                "--key: FOLDER/other.key: the private key of another certificate: it does not fit "
                "CN=www.example.com (FOLDER/leaf.pem)"},
        Refused{"key_of_another_that_is_given",
                {"--cert", "FOLDER/leaf.pem", "--cert", "FOLDER/other.pem", "--key",
                 "FOLDER/other.key"},
                "--cert: FOLDER/leaf.pem: no private key fits CN=www.example.com; the one in "
                "FOLDER/other.key fits CN=other.example (FOLDER/other.pem)"},
        Refused{"key_of_the_issuer",
                {"--cert", "FOLDER/leaf_and_issuer.pem", "--key", "FOLDER/issuer.key"},
                "--cert: FOLDER/leaf_and_issuer.pem: no private key fits CN=www.example.com; the "
                "one in FOLDER/issuer.key fits CN=Test Intermediate (FOLDER/leaf_and_issuer.pem)"},
        Refused{"key_of_another_for_backends",
                {"--client-cert", "FOLDER/leaf.pem", "--client-key", "FOLDER/other.key"},
                "--client-key: FOLDER/other.key: the private key of another certificate: it does "
                "not fit CN=www.example.com (FOLDER/leaf.pem)"},
        Refused{"certificate_for_key",
                {"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/leaf.pem"},
                "--key: FOLDER/leaf.pem: no private key in it; it holds: a certificate, "
                "CN=www.example.com"},
        Refused{"key_for_certificate",
                {"--cert", "FOLDER/leaf.key"},
                "--cert: FOLDER/leaf.key: no certificate in it; it holds: a private key"},
        Refused{"request_for_certificate",
                {"--cert", "FOLDER/request.csr", "--key", "FOLDER/leaf.key"},
                "--cert: FOLDER/request.csr: no certificate in it; it holds: CERTIFICATE REQUEST"},
        Refused{"key_that_can_not_sign",
                {"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/x25519.key"},
                "--key: FOLDER/x25519.key: its private key: of a type that can't sign a TLS "
                "handshake (X25519)"}),
    [](const auto& refused) { return refused.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Password, BadFiles,
    ::testing::Values(
        Refused{"none_for_a_pfx",
                {"--cert", "FOLDER/good.pfx"},
                "--cert: FOLDER/good.pfx: encrypted, and no password was given; see --cert-pass"},
        Refused{"wrong_for_a_pfx",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "pass:falsch"},
                "--cert: FOLDER/good.pfx: " + kWrongPassword},
        Refused{"empty_for_a_pfx",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "pass:"},
                "--cert: FOLDER/good.pfx: " + kWrongPassword},
        Refused{"first_line_of_a_file",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "file:FOLDER/password"},
                "--cert: FOLDER/good.pfx: " + kWrongPassword},
        Refused{"wrong_for_a_client_pfx",
                {"--client-cert", "FOLDER/legacy.pfx", "--client-cert-pass", "pass:falsch"},
                "--client-cert: FOLDER/legacy.pfx: " + kWrongPassword},
        Refused{"none_for_a_key",
                {"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/encrypted.key"},
                "--key: FOLDER/encrypted.key: its private key: encrypted (AES-256-CBC), and no "
                "password was given; see --cert-pass"},
        Refused{"wrong_for_a_key",
                {"--client-cert", "FOLDER/leaf.pem", "--client-key", "FOLDER/encrypted.key",
                 "--client-cert-pass", "pass:falsch"},
                "--client-key: FOLDER/encrypted.key: its private key: the password is wrong, or "
                "the file is damaged (AES-256-CBC)"},
        Refused{"of_no_source",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "geheim"},
                "--cert-pass: a source is wanted: pass:TEXT, env:NAME or file:PATH"},
        Refused{"of_no_variable",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "env:NOT_SET"},
                "--cert-pass: env:NOT_SET: no such variable is set"},
        Refused{"of_no_file",
                {"--cert", "FOLDER/good.pfx", "--cert-pass", "file:FOLDER/none"},
                "--cert-pass: cannot read FOLDER/none: No such file or directory"}),
    [](const auto& refused) { return refused.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Content, BadFiles,
    ::testing::Values(
        Refused{"cut_pfx",
                {"--cert", "FOLDER/cut.pfx", "--cert-pass", "pass:geheim"},
                "--cert: FOLDER/cut.pfx: damaged PKCS #12: at byte 1: a length of PFX_LENGTH bytes "
                "where 696 are left"},
        Refused{"damaged_pfx",
                {"--cert", "FOLDER/damaged.pfx", "--cert-pass", "pass:geheim"},
                "--cert: FOLDER/damaged.pfx: damaged PKCS #12: the password opens it, but its MAC "
                "does not verify"},
        Refused{"cut_der",
                {"--cert", "FOLDER/cut.der", "--key", "FOLDER/leaf.key"},
                "--cert: FOLDER/cut.der: certificate 1: not an X.509 certificate in DER: "
                "Certificate at byte 1: a length of CUT_LENGTH bytes where 96 are left"},
        Refused{"broken_pem",
                {"--cert", "FOLDER/broken.pem", "--key", "FOLDER/leaf.key"},
                "--cert: FOLDER/broken.pem: CERTIFICATE block at line 1: its base64 is broken"},
        Refused{"text",
                {"--trust", "FOLDER/text"},
                "--trust: FOLDER/text: neither PEM nor DER; it begins with 6e 6f 20 63"},
        Refused{"empty", {"--cert", "FOLDER/empty"}, "--cert: FOLDER/empty: the file is empty"},
        Refused{"missing",
                {"--cert", "FOLDER/none"},
                "--cert: cannot read FOLDER/none: No such file or directory"},
        Refused{"missing_key",
                {"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/none"},
                "--key: cannot read FOLDER/none: No such file or directory"},
        Refused{"a_folder", {"--cert", "FOLDER"}, "--cert: cannot read FOLDER: Is a directory"},
        Refused{"too_large",
                {"--cert", "FOLDER/huge"},
                "--cert: cannot read FOLDER/huge: File too large (over 16 MiB)"}),
    [](const auto& refused) { return refused.param.name; });

TEST_F(BadFiles, WithoutPermission) {
  std::filesystem::permissions(files_->made.key(), std::filesystem::perms::none);
  // Root may read everything, unless these capabilities are taken away.
  std::vector<std::string> before;
  if (::geteuid() == 0) before = {"setpriv", "--bounding-set=-dac_override,-dac_read_search"};
  const Ran ran = start({"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/leaf.key"}, {}, before);
  std::filesystem::permissions(files_->made.key(), std::filesystem::perms::owner_read);
  expect_refused(ran, kBadOptions,
                 filled("--key: cannot read FOLDER/leaf.key: Permission denied (the like on "
                        "Windows: a key under MachineKeys that its service may not read, "
                        "0x80090016, Schannel event 36870)"));
}

TEST_F(BadFiles, ThePasswordMayComeFromTheEnvironment) {
  // It opens the file, so that the next thing is objected to.
  const std::vector<std::string> words{"--cert",       "FOLDER/good.pfx", "--cert-pass",
                                       "env:PFX_WORD", "--key",           "FOLDER/other.key"};
  const Ran right = start(words, {"PFX_WORD=geheim"});
  EXPECT_EQ(right.exit_code, kBadOptions);
  EXPECT_THAT(right.errors,
              ::testing::StartsWith(filled("visavis: --key: FOLDER/other.key: the private key of "
                                           "another certificate: ")));
  EXPECT_EQ(right.errors.find("geheim"), std::string::npos);
  expect_refused(start(words, {"PFX_WORD=falsch"}), kBadOptions,
                 filled("--cert: FOLDER/good.pfx: " + kWrongPassword));
}

TEST_F(BadFiles, OldAlgorithmsWithoutTheLegacyProvider) {
  const std::string lacks =
      "); OpenSSL's legacy provider (legacy.so) has old ones, and this machine lacks it (newer "
      "Debian: package openssl-provider-legacy)";
  const std::vector<std::string> no_modules{"OPENSSL_MODULES=/nonexistent"};
  expect_refused(start({"--cert", "FOLDER/legacy.pfx", "--cert-pass", "pass:geheim"}, no_modules),
                 kBadOptions,
                 filled("--cert: FOLDER/legacy.pfx: encrypted with an algorithm that is not "
                        "available here (PBE-SHA1-RC2-40" +
                        lacks));
  expect_refused(
      start({"--cert", "FOLDER/leaf.pem", "--key", "FOLDER/des.key", "--cert-pass", "pass:geheim"},
            no_modules),
      kBadOptions,
      filled("--key: FOLDER/des.key: its private key: encrypted with an algorithm that "
             "is not available here (DES-CBC" +
             lacks));
}

/// A start on a port that another process has.
Ran start_on(const std::string& address, const TemporaryDirectory& folder,
             const std::vector<std::string>& before = {}) {
  std::vector<std::string> words = before;
  words.insert(words.end(), {visavis_program(), "proxy", "--listen", address, "--backend",
                             "127.0.0.1:1", "--ca-dir", (folder.path() / "ca").string()});
  return run({words, "", {}});
}

std::string in_use(const std::string& address) {
  return "can't listen on " + address + ": Address already in use; ";
}

TEST(PortInUse, APythonServerIsNamed) {
  const TemporaryDirectory folder;
  PythonPeer server("mute_server.py", {"silent"});
  expect_refused(start_on(server.address(), folder), kCouldNotWork,
                 in_use(server.address()) + "python3, pid " +
                     std::to_string(server.process().id()) +
                     " (/usr/bin/python3 -u " VISAVIS_SOURCE_DIR
                     "/tests/support/mute_server.py), listens on " +
                     server.address());
  // The wildcard meets it too.
  const std::string everywhere = "0.0.0.0:" + std::to_string(server.port());
  const Ran ran = start_on(everywhere, folder);
  EXPECT_EQ(ran.exit_code, kCouldNotWork);
  EXPECT_THAT(ran.errors,
              ::testing::StartsWith("visavis: " + in_use(everywhere) + "python3, pid "));
}

std::vector<std::string> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::istringstream text(whole_text("/proc/" + id + "/task/" + id + "/children"));
  return {std::istream_iterator<std::string>(text), {}};
}

TEST(PortInUse, NginxWithItsWorkersIsNamedByItsMaster) {
  const TemporaryDirectory folder;
  const std::string port = std::to_string(free_port());
  const std::string path = folder.path().string();
  std::string configuration = "daemon off; worker_processes 2; pid " + path + "/pid;\n" +
                              "events {}\nhttp { access_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    configuration += std::string(kind) + "_temp_path " + path + "/" + kind + ";\n";
  configuration += "server { listen *:" + port + "; } }\n";
  const auto file = folder.write("nginx.conf", configuration);
  const Process nginx({{"nginx", "-p", path, "-e", "stderr", "-c", file.string()}, "", {}});
  ASSERT_TRUE(wait_until([&] { return children_of(nginx.id()).size() == 2; })) << nginx.errors();
  const std::string address = "127.0.0.1:" + port;
  expect_refused(start_on(address, folder), kCouldNotWork,
                 in_use(address) + "nginx, pid " + std::to_string(nginx.id()) +
                     " (nginx: master process), listens on 0.0.0.0:" + port +
                     ", with 2 more processes");
}

TEST(PortInUse, AnAddressOfNobodyIsAnotherCause) {
  // TEST-NET-3, RFC 5737: no machine has it.
  const TemporaryDirectory folder;
  expect_refused(start_on("203.0.113.1:0", folder), kCouldNotWork,
                 "can't listen on 203.0.113.1:0: Cannot assign requested address; no interface of "
                 "this machine has this address");
}

TEST(PortInUse, AnotherVisavisIsNamed) {
  const TemporaryDirectory folder;
  ProxyProcess first({"--backend", "127.0.0.1:1"});
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  expect_refused(start_on(address, folder), kCouldNotWork,
                 in_use(address) + "visavis, pid " + std::to_string(first.process().id()) + " (" +
                     visavis_program() + " proxy --listen), listens on " + address);
}

}  // namespace
}  // namespace visavis::testing

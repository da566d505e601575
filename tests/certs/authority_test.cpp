#include "certs/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "certs/certificate_reader.h"
#include "certs/digest.h"
#include "certs/whole_file.h"
#include "tests/support/test_certificates.h"

namespace visavis::certs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using visavis::testing::CertificateSpec;
using visavis::testing::kDay;
using visavis::testing::leaf_spec;
using visavis::testing::make_certificate;
using visavis::testing::make_chain;
using visavis::testing::root_spec;
using visavis::testing::TemporaryDirectory;
using visavis::testing::TestCertificate;
using visavis::testing::TestChain;

std::string problem_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return {};
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
  return status.st_mode & 07777U;
}

// A variable of the environment for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Variable() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(Authority, IsMadeAtFirstUse) {
  const TemporaryDirectory parent;
  const auto directory = parent.path() / "data" / "visavis";
  const Authority authority = Authority::open(directory);
  EXPECT_TRUE(authority.made_now());
  EXPECT_TRUE(authority.self_signed());
  EXPECT_EQ(authority.permission_warning(), "");
  EXPECT_EQ(authority.certificate_path(), directory / "ca.pem");
  EXPECT_EQ(authority.key_path(), directory / "ca.key");
  EXPECT_EQ(mode_of(directory), 0700U);
  EXPECT_EQ(mode_of(directory / "ca.pem"), 0644U);
  EXPECT_EQ(mode_of(directory / "ca.key"), 0600U);
  EXPECT_EQ(read_whole_file(directory / "ca.pem"), authority.certificate_pem());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 2);
}

TEST(Authority, ItsCertificate) {
  const TemporaryDirectory parent;
  const Authority authority = Authority::open(parent.path() / "ca");
  const CertificateFacts& facts = authority.facts();
  // Nothing of the machine.
  EXPECT_EQ(facts.common_name, "visavis CA " + facts.subject_key_id.substr(0, 8));
  EXPECT_TRUE(facts.ca);
  EXPECT_TRUE(facts.self_issued);
  EXPECT_THAT(facts.key_usages, ElementsAre("keyCertSign", "cRLSign"));
  EXPECT_EQ(facts.key, "EC P-256");
  EXPECT_EQ(facts.signature, "ecdsa-with-SHA256");
  EXPECT_EQ(facts.subject_key_id.size(), 40U);
  EXPECT_EQ(facts.not_after_s - facts.not_before_s, 3652 * kDay);
  EXPECT_NEAR(static_cast<double>(facts.not_before_s),
              static_cast<double>(std::time(nullptr) - kDay), 60);
  EXPECT_LE(facts.serial.size(), 34U);
  x509_st* certificate = authority.certificate();
  EXPECT_EQ(X509_get_pathlen(certificate), 0);
  EXPECT_EQ(X509_verify(certificate, authority.key()), 1);
  EXPECT_EQ(X509_get_version(certificate), X509_VERSION_3);
}

TEST(Authority, IsTheSameWhenOpenedAgain) {
  const TemporaryDirectory parent;
  const Authority first = Authority::open(parent.path() / "ca");
  const Authority second = Authority::open(parent.path() / "ca");
  EXPECT_FALSE(second.made_now());
  EXPECT_EQ(first.certificate_pem(), second.certificate_pem());
  EXPECT_EQ(EVP_PKEY_eq(first.key(), second.key()), 1);
}

TEST(Authority, TwoDirectoriesHaveTwoAuthorities) {
  const TemporaryDirectory parent;
  const Authority one = Authority::open(parent.path() / "1");
  const Authority other = Authority::open(parent.path() / "2");
  EXPECT_NE(one.facts().subject, other.facts().subject);
  EXPECT_NE(one.facts().serial, other.facts().serial);
}

TEST(Authority, AllWhoStartAtOnceEndUpWithOnePair) {
  for (int round = 0; round < 5; ++round) {
    const TemporaryDirectory parent;
    std::vector<std::string> seen(8);
    std::vector<int> made(8);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t)
      threads.emplace_back([&, t] {
        const Authority authority = Authority::open(parent.path() / "ca");
        seen[t] = authority.certificate_pem();
        made[t] = authority.made_now() ? 1 : 0;
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1U);
    EXPECT_EQ(std::count(made.begin(), made.end(), 1), 1);
  }
}

TEST(Authority, AKeyThatOthersMayReadIsRefused) {
  const TemporaryDirectory parent;
  const auto directory = parent.path() / "ca";
  (void)Authority::open(directory);
  const auto key = directory / "ca.key";
  for (const unsigned mode : {0644U, 0640U, 0604U, 0660U}) {
    ::chmod(key.c_str(), mode);
    EXPECT_THAT(problem_of([&] { (void)Authority::open(directory); }),
                AllOf(HasSubstr("ca.key: mode 06"), HasSubstr("chmod 600 " + key.string())));
  }
  ::chmod(key.c_str(), 0400);
  EXPECT_EQ(problem_of([&] { (void)Authority::open(directory); }), "");
}

TEST(Authority, AMissingKeyIsNotMadeAnew) {
  const TemporaryDirectory parent;
  const auto directory = parent.path() / "ca";
  (void)Authority::open(directory);
  std::filesystem::remove(directory / "ca.key");
  EXPECT_THAT(problem_of([&] { (void)Authority::open(directory); }),
              AllOf(HasSubstr("ca.key is missing"), HasSubstr("ca.pem")));
}

TEST(Authority, AStartThatWasCutShortGoesOn) {
  const TemporaryDirectory parent;
  const auto directory = parent.path() / "ca";
  const Authority first = Authority::open(directory);
  std::filesystem::remove(directory / "ca.pem");
  const Authority second = Authority::open(directory);
  EXPECT_TRUE(second.made_now());
  EXPECT_EQ(EVP_PKEY_eq(first.key(), second.key()), 1);
  EXPECT_EQ(first.facts().subject, second.facts().subject);
  std::filesystem::remove(directory / "ca.pem");
  ::chmod((directory / "ca.key").c_str(), 0644);
  EXPECT_THAT(problem_of([&] { (void)Authority::open(directory); }), HasSubstr("mode 0644"));
}

TEST(Authority, PlacesThatCannotHoldIt) {
  const TemporaryDirectory parent;
  const auto file = parent.write("file", "");
  EXPECT_THAT(problem_of([&] { (void)Authority::open(file); }), HasSubstr("Not a directory"));
  EXPECT_THAT(problem_of([&] { (void)Authority::open(file / "ca"); }), HasSubstr("cannot make"));
}

struct Files {
  Files(const TemporaryDirectory& directory, const TestCertificate& authority,
        const std::string& more = "")
      : certificate(directory.write("c.pem", authority.pem() + more)),
        key(directory.write("k.pem", authority.key_pem())) {
    ::chmod(key.c_str(), 0600);
  }
  std::filesystem::path certificate;
  std::filesystem::path key;
};

TEST(Authority, LoadsOneThatTheUserNames) {
  const TemporaryDirectory directory;
  const auto root = make_certificate(root_spec());
  const Files files(directory, root);
  const Authority authority = Authority::load(files.certificate, files.key);
  EXPECT_EQ(authority.facts().sha256, hex(sha256(root.der())));
  EXPECT_TRUE(authority.self_signed());
  EXPECT_FALSE(authority.made_now());
  EXPECT_EQ(authority.permission_warning(), "");
  EXPECT_TRUE(authority.issuers().empty());
}

TEST(Authority, TheModeOfANamedKeyIsOnlyAWarning) {
  const TemporaryDirectory directory;
  const Files files(directory, make_certificate(root_spec()));
  ::chmod(files.key.c_str(), 0644);
  EXPECT_THAT(Authority::load(files.certificate, files.key).permission_warning(),
              AllOf(HasSubstr("k.pem: mode 0644"), HasSubstr("chmod 600")));
}

TEST(Authority, AnIntermediateBringsItsIssuers) {
  const TemporaryDirectory directory;
  const TestChain chain = make_chain();
  const Files files(directory, chain.intermediate, chain.root.pem());
  const Authority authority = Authority::load(files.certificate, files.key);
  EXPECT_FALSE(authority.self_signed());
  ASSERT_EQ(authority.issuers().size(), 1U);
  EXPECT_EQ(X509_cmp(authority.issuers()[0].get(), chain.root.certificate()), 0);
  EXPECT_EQ(read_pem_certificates(authority.certificate_pem()).size(), 1U);
}

TEST(Authority, CertificatesThatCannotIssue) {
  const TemporaryDirectory directory;
  const auto problem = [&](const CertificateSpec& spec) {
    const Files files(directory, make_certificate(spec));
    return problem_of([&] { (void)Authority::load(files.certificate, files.key); });
  };
  EXPECT_THAT(problem(leaf_spec()), HasSubstr("not a CA certificate (no CA:TRUE)"));
  CertificateSpec spec = root_spec();
  spec.key_usage = "cRLSign";
  EXPECT_THAT(problem(spec), HasSubstr("keyUsage lacks keyCertSign"));
  spec = root_spec();
  spec.not_after_s = 1'600'000'000;
  EXPECT_THAT(problem(spec), HasSubstr("expired on 2020-09-13T12:26:40Z"));
}

TEST(Authority, AKeyOfAnotherCertificate) {
  const TemporaryDirectory directory;
  const Files files(directory, make_certificate(root_spec()));
  const auto other = directory.write("other.pem", make_certificate(root_spec()).key_pem());
  EXPECT_THAT(problem_of([&] { (void)Authority::load(files.certificate, other); }),
              HasSubstr("does not fit"));
}

TEST(Authority, DefaultDirectory) {
  {
    const Variable data("XDG_DATA_HOME", "/somewhere");
    EXPECT_EQ(Authority::default_directory(), "/somewhere/visavis");
  }
  const Variable home("HOME", "/home/someone");
  for (const char* ignored : {"relative", ""}) {
    const Variable data("XDG_DATA_HOME", ignored);
    EXPECT_EQ(Authority::default_directory(), "/home/someone/.local/share/visavis");
  }
  const Variable data("XDG_DATA_HOME", nullptr);
  EXPECT_EQ(Authority::default_directory(), "/home/someone/.local/share/visavis");
  const Variable nobody("HOME", nullptr);
  EXPECT_THAT(problem_of([] { (void)Authority::default_directory(); }), HasSubstr("--ca-dir"));
}

}  // namespace
}  // namespace visavis::certs

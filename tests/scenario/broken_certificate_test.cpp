// A backend whose certificate does not parse: it is told where it breaks, each side ends as the TLS
// libraries have it, and the next session is served.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <map>

#include "certs/der.h"
#include "tests/scenario/open_files.h"
#include "tests/scenario/story.h"

namespace visavis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

const std::string kChosen = "; TLS 1.2 TLS_RSA_WITH_AES_128_GCM_SHA256";
const std::string kUnreadable = "unreadable-certificate backend error proven";
/// OpenSSL's clients say so of a wrong signature.
constexpr int kDecryptError = 51;
/// No time-out of ours is as short: what takes longer has waited for one, or worked without bounds.
constexpr double kOrdinaryMs = 3000;

/// What certificate_server.py shows, and how s_client answers it when nobody is between.
struct Case {
  std::string what;
  Der der;
  int alert = 0;
};

/// The last byte of each length field, also of those within extensions.
std::vector<std::size_t> length_bytes(const Der& der) {
  constexpr std::uint8_t kConstructed = 0x20;
  constexpr std::uint8_t kOctetString = 0x04;
  std::vector<std::size_t> offsets;
  const auto walk = [&](const auto& self, std::size_t at, std::size_t end) -> void {
    certs::DerElement element;
    certs::DerElement inner;
    for (; at < end && !certs::read_der(der, at, end, element); at = element.end) {
      offsets.push_back(element.content - 1);
      const bool wraps = element.tag == kOctetString &&
                         !certs::read_der(der, element.content, element.end, inner) &&
                         inner.end == element.end;
      if (wraps || (element.tag & kConstructed) != 0) self(self, element.content, element.end);
    }
  };
  walk(walk, 0, der.size());
  return offsets;
}

std::vector<Case> off_by_one(const Der& whole) {
  std::vector<Case> cases;
  for (const std::size_t at : length_bytes(whole))
    for (const int change : {-1, 1}) {
      cases.push_back(
          {"the length at byte " + std::to_string(at) + (change < 0 ? " less" : " more") + " 1",
           whole});
      cases.back().der[at] = static_cast<std::uint8_t>(whole[at] + change);
    }
  return cases;
}

/// s_client's alert, from what -state prints of it; 0 when it sends none.
int alert_of(const Spoken& spoken) {
  const std::map<std::string, int> numbers{
      {"bad certificate", 42}, {"unknown CA", 48}, {"decode error", 50}, {"decrypt error", 51}};
  const std::string start = "alert write:fatal:";
  const std::size_t at = spoken.errors.find(start);
  if (at == std::string::npos) return 0;
  const std::size_t begin = at + start.size();
  return numbers.at(spoken.errors.substr(begin, spoken.errors.find('\n', begin) - begin));
}

class BrokenCertificate : public ::testing::TestWithParam<Mode> {
 protected:
  BrokenCertificate() {
    CertificateSpec spec = leaf_spec(kHost);
    spec.san.push_back("DNS:*.example.test");
    spec.key = TestKey::rsa_2048;
    spec.key_usage = "critical,digitalSignature,keyEncipherment";  // for static RSA
    whole_ = make_certificate(spec, &root_).der();
  }

  [[nodiscard]] static Spoken visit(std::uint16_t port, const std::filesystem::path& trusted,
                                    std::size_t number) {
    return openssl_client({port, trusted, "broken" + std::to_string(number) + ".example.test"},
                          {"-state", "-tls1_2", "-cipher", std::string(kAllSuites)});
  }

  /// Shows all cases, first directly, then through the proxy; asserts all that is said of each.
  void show(std::vector<Case> cases) {
    std::vector<std::string> files;
    for (const Case& each : cases)
      files.push_back(folder_.write(std::to_string(files.size()),
                                    std::string(each.der.begin(), each.der.end())));
    const PythonPeer server("certificate_server.py", files);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Spoken direct = visit(server.port(), root_file_, i);
      EXPECT_EQ(direct.exit_code, 1) << cases[i].what;
      cases[i].alert = alert_of(direct);
    }
    ProxyProcess proxy({"--backend", server.address(), "--trust", root_file_.string(), "--mode",
                        name(GetParam()), "--route", std::string(kHost) + "=" + nginx_.address(),
                        "--trust", credentials_.root.string()});
    const std::size_t open = proxy.process().open_files();
    std::vector<Spoken> proxied;
    for (std::size_t i = 0; i < cases.size(); ++i)
      proxied.push_back(visit(proxy.port(), root_file_, i));
    const std::vector<Session> sessions = proxy.sessions_as_begun(cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      SCOPED_TRACE(cases[i].what);
      expect_told(sessions[i], cases[i]);
      expect_located(sessions[i], cases[i]);
      EXPECT_EQ(proxied[i].exit_code, 1);
      if (GetParam() == Mode::passthrough) {
        EXPECT_EQ(alert_of(proxied[i]), cases[i].alert) << "as directly";
      } else {
        EXPECT_THAT(proxied[i].errors, HasSubstr("unexpected eof while reading"));
      }
    }
    expect_next_works(proxy, cases.size() + 1);
    expect_open_files(proxy, open);
    EXPECT_EQ(proxy.stop(), 0);
  }

  /// What OpenSSL can't read it refuses at once, and so does the proxy, which has OpenSSL; what
  /// only a verification refuses is the client's own judgement, and the proxy goes on.
  static void expect_told(const Session& session, const Case& each) {
    const std::string alert = std::to_string(each.alert);
    // What can be read in spite of the change is no longer what was signed.
    Lines told;
    if (each.alert == kDecryptError) told.push_back("bad-signature backend error proven");
    told.push_back(kUnreadable);
    if (GetParam() == Mode::passthrough) {
      told.insert(told.end(), {kFailsDirect, "direct_leg failed certificate, closed by client fin" +
                                                 kChosen + "; client fatal " + alert});
    } else {
      const bool unread = each.alert == 42 || each.alert == 50;
      told.insert(told.end(),
                  {kFailedUnknown,
                   // s_client's own answer to a FIN in the handshake.
                   "client_leg failed client_hello, closed by proxy fin; client fatal 50",
                   "backend_leg failed certificate, closed by " +
                       (unread ? "proxy fin" + kChosen + "; proxy fatal " + alert
                               : "backend fin" + kChosen)});
      EXPECT_EQ(word(session, "/backend_leg/failure") != "null", unread);
    }
    EXPECT_THAT(story(session), ElementsAreArray(told));
    EXPECT_LT(session.at_pointer("/duration_ms").to_number<double>(), kOrdinaryMs);
  }

  /// The report names the field, and a byte of the certificate.
  static void expect_located(const Session& session, const Case& each) {
    const std::string leg = legs_of(GetParam()).back();
    const std::string problem = word(session, '/' + leg + "/certificates/0/problems/0");
    const std::string field =
        each.alert == 42   ? "not an X\\.509 certificate in DER: [A-Za-z0-9 ]+ at byte [0-9]+: .+"
        : each.alert == 50 ? "1 byte after the certificate's end at byte [0-9]+"
                           : "X509v3 [A-Za-z ]+ (cannot be read|has bytes behind its value) "
                             "\\(at byte [0-9]+: .+\\)";
    EXPECT_THAT(problem, MatchesRegex(field));
    const std::size_t at = problem.find("at byte ");
    ASSERT_NE(at, std::string::npos);
    EXPECT_LE(std::stoul(problem.substr(at + 8)), each.der.size());
    // What stands behind a certificate leaves it what it is.
    EXPECT_EQ(word(session, '/' + leg + "/chain/trusted"), each.alert == 50 ? "true" : "false");
    EXPECT_EQ(word(session, '/' + leg + "/malformed"), "[]") << "the message itself is well-formed";
  }

  void expect_next_works(const ProxyProcess& proxy, std::size_t sessions) const {
    Visit next = proxy.visit();
    if (GetParam() == Mode::passthrough) next.trusted = credentials_.root;
    const Spoken direct = curl({nginx_.port(), credentials_.root});
    const Spoken spoken = curl(next);
    EXPECT_EQ(spoken.exit_code, 0) << spoken.errors;
    const Session session = proxy.session(sessions);
    EXPECT_THAT(story(session).front(), healthy(GetParam()));
    expect_as_direct(session, direct, spoken);
  }

  TemporaryDirectory folder_;
  TestCertificate root_ = make_certificate(root_spec());
  std::filesystem::path root_file_ = folder_.write("root", root_.pem());
  Der whole_;
  Credentials credentials_ = make_credentials(folder_);
  Nginx nginx_{credentials_};
};

/// The server that all these need has no key: with a certificate that is all right, the handshake
/// comes as far as the client's Finished, and no side finds fault with what the backend showed.
TEST_P(BrokenCertificate, IsNotFoundInOneThatIsWhole) {
  const PythonPeer server("certificate_server.py",
                          {folder_.write("whole", std::string(whole_.begin(), whole_.end()))});
  EXPECT_THAT(visit(server.port(), root_file_, 0).errors,
              HasSubstr("unexpected eof while reading"));
  const ProxyProcess proxy(
      {"--backend", server.address(), "--trust", root_file_.string(), "--mode", name(GetParam())});
  (void)visit(proxy.port(), root_file_, 0);
  const Session session = proxy.session();
  const std::string leg = legs_of(GetParam()).back();
  EXPECT_EQ(word(session, '/' + leg + "/certificates/0/problems"), "[]");
  EXPECT_EQ(word(session, '/' + leg + "/chain/trusted"), "true");
  EXPECT_THAT(findings(session), IsEmpty());
  EXPECT_EQ(ending(session, leg), "failed certificate, closed by backend fin");
}

TEST_P(BrokenCertificate, EmptyOrCutOrTooLong) {
  std::vector<Case> cases{{"of no byte", {}}};
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, whole_.size() - 1})
    cases.push_back({"cut to " + std::to_string(bytes),
                     Der(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(bytes))});
  cases.push_back({"with a byte behind it", whole_});
  cases.back().der.push_back(0);
  show(std::move(cases));
}

TEST_P(BrokenCertificate, EveryLengthFieldOffByOne) {
  std::vector<Case> cases = off_by_one(whole_);
  ASSERT_GT(cases.size(), 100U) << "certificate, TBSCertificate, each field, each extension";
  show(std::move(cases));
}

INSTANTIATE_TEST_SUITE_P(In, BrokenCertificate, ::testing::ValuesIn(kBothModes),
                         [](const auto& mode) { return name(mode.param); });

}  // namespace
}  // namespace visavis::testing

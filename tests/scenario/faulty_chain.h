#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/legs.h"
#include "tests/support/test_certificates.h"

// A backend whose certificates have a fault, a client that refuses them, and what visavis says.

namespace visavis::testing {

/// Server is the program that is the backend.
enum class Server { nginx, openssl, gnutls };

/// Pair is who meets whom, and how this client refuses the fault in question.
struct Pair {
  Client client = Client::curl;
  Server server = Server::nginx;
  Version version = "1.2";
  std::string complaint;  ///< the client's own words
  int alert = 0;          ///< what it sends in clear; 0: it leaves without one that can be read
};
void PrintTo(const Pair& pair, std::ostream* out);

/// pair_name is "curl_nginx_tls12", for INSTANTIATE_TEST_SUITE_P.
[[nodiscard]] std::string pair_name(const ::testing::TestParamInfo<Pair>& pair);

/// start runs the pair's backend, which speaks this version only and answers GET with a page.
[[nodiscard]] std::unique_ptr<Backend> start(const Pair& pair, const Credentials& credentials);

/// ChainSpec is a chain for kHost, healthy unless a test says otherwise.
struct ChainSpec {
  CertificateSpec leaf = leaf_spec(kHost);
  CertificateSpec intermediate = intermediate_spec();
  CertificateSpec root = root_spec();
  Sent sent = Sent::leaf_and_intermediate;
};
[[nodiscard]] Credentials make_credentials(const TemporaryDirectory& folder, const ChainSpec& spec);

/// write_credentials takes certificates as they are: what is sent after the leaf, and the root.
[[nodiscard]] Credentials write_credentials(const TemporaryDirectory& folder,
                                            const TestCertificate& leaf,
                                            const std::vector<const TestCertificate*>& others,
                                            const TestCertificate& root);

/// other_root writes the root of a CA that has issued nothing here.
[[nodiscard]] std::filesystem::path other_root(const TemporaryDirectory& folder);

/// seconds_from_now is Unix time.
[[nodiscard]] std::int64_t seconds_from_now(std::int64_t seconds);

/// Scene is what both sides were given.
struct Scene {
  Credentials credentials;
  std::filesystem::path trusted;     ///< by a client that sees the backend's certificates
  std::vector<std::string> options;  ///< of visavis: whom it trusts
  std::string host = std::string(kHost);
};

/// all_trust is the scene in which client and visavis trust the chain's root.
[[nodiscard]] Scene all_trust(const Credentials& credentials,
                              const std::string& host = "localhost");
/// nobody_trusts is the scene in which both know another root only.
[[nodiscard]] Scene nobody_trusts(const Credentials& credentials,
                                  const std::filesystem::path& root);

/// Fault is all that visavis has to say of the backend's chain: one finding.
struct Fault {
  std::string id = "";
  std::string blamed = "backend error";  ///< side and severity
  std::string confidence = "proven";     ///< by our own check
  int own_alert = 0;                     ///< the alert that names just this cause; 0: there is none
  std::string code = "";                 ///< "X509_V_ERR_..."
  std::string hresult = "";
  std::vector<std::string> certificates = {};  ///< as sent: "CN=localhost: expired"
  std::vector<std::string> problems = {};      ///< "DEPTH X509_V_ERR_... HRESULT"
  bool trusted = false;
};

/// chain_problems and certificate_problems are what a leg of the session says, as in Fault.
[[nodiscard]] std::vector<std::string> chain_problems(const Session& session,
                                                      const std::string& leg);
[[nodiscard]] std::vector<std::string> certificate_problems(const Session& session,
                                                            const std::string& leg);
/// pointed_at lists the events that a finding's evidence points at: "LEG KIND SENDER WHAT".
[[nodiscard]] std::vector<std::string> pointed_at(const Session& session, std::size_t finding = 0);

/// visit_as is one visit of the pair's client, which offers every version.
[[nodiscard]] Spoken visit_as(const Pair& pair, std::uint16_t port,
                              const std::filesystem::path& trusted, const std::string& host);
/// expect_refused asserts that the client failed for the reason that the pair names.
void expect_refused(const Pair& pair, const Spoken& spoken);

/// expect_fault asserts the whole list of findings, the finding, and the chain. `alert`: the
/// client's own, received on this leg.
void expect_fault(const Session& session, const std::string& leg, const Fault& fault,
                  int alert = 0);
/// expect_same_bytes asserts that both legs carried the plaintext that the session counts.
void expect_same_bytes(const Session& session);

/// expect_works_through_proxy: the client fails directly, works where visavis ends its TLS, and
/// visavis names the fault. Returns the session.
Session expect_works_through_proxy(const Pair& pair, const Scene& scene, const Fault& fault);

/// expect_fails_in_passthrough: the client fails in the same way directly and through visavis,
/// which names the fault as far as it is said in clear (TLS 1.2): in TLS 1.3 the certificates are
/// encrypted, and only an alert of OpenSSL's clients is not.
Session expect_fails_in_passthrough(const Pair& pair, const Scene& scene, const Fault& fault);

/// expect_healthy: works directly and both ways through visavis, and there is nothing to find but
/// `remarks` (info), where the certificates can be seen.
void expect_healthy(const Pair& pair, const Scene& scene,
                    const std::vector<std::string>& remarks = {});

}  // namespace visavis::testing

#include "tests/scenario/story.h"

#include <utility>

namespace visavis::testing {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& each : words) text += (text.empty() ? "" : ", ") + each;
  return text;
}

/// "; VERSION SUITE" of the ServerHello, where there is one.
std::string chosen(const Session& session, const std::string& leg) {
  const std::string hello = '/' + leg + "/server_hello";
  if (word(session, hello) == "null") return "";
  return "; " + word(session, hello + "/version/name") + ' ' +
         word(session, hello + "/cipher/name");
}

}  // namespace

Asking curl_with(std::vector<std::string> options) {
  return [options = std::move(options)](const Visit& visit) { return curl(visit, options); };
}

Asking openssl_with(std::vector<std::string> options) {
  return
      [options = std::move(options)](const Visit& visit) { return openssl_client(visit, options); };
}

Asking gnutls_with(std::vector<std::string> options) {
  return
      [options = std::move(options)](const Visit& visit) { return gnutls_client(visit, options); };
}

Asking python_with(std::vector<std::string> options) {
  return
      [options = std::move(options)](const Visit& visit) { return python_client(visit, options); };
}

Asking odd_with(std::vector<std::string> options) {
  return [options = std::move(options)](const Visit& visit) { return odd_client(visit, options); };
}

Asking calling(Client client, Call call) {
  return [client, call = std::move(call)](const Visit& visit) {
    Call here = call;
    here.visit.port = visit.port;
    here.visit.trusted = visit.trusted;
    return visit_all(client, {here}).front();
  };
}

Spoken directly(const Backend& backend, const Credentials& credentials, const Asking& client) {
  return client({backend.port(), credentials.root});
}

Seen through(Mode mode, const Backend& backend, const Credentials& credentials,
             const Asking& client, std::vector<std::string> options) {
  const ProxyProcess proxy(mode, backend, credentials, std::move(options));
  Spoken spoken = client(proxy.visit());
  return {std::move(spoken), proxy.session()};
}

std::vector<std::string> story(const Session& session) {
  std::vector<std::string> lines = findings(session);
  lines.push_back(verdict(session));
  for (const std::string leg : {"client_leg", "backend_leg", "direct_leg"}) {
    if (word(session, '/' + leg) == "null") continue;
    if (leg == "direct_leg" && word(session, "/mode") == "terminate") continue;
    const std::string said = joined(alerts(session, leg));
    lines.push_back(leg + ' ' + ending(session, leg) + chosen(session, leg) +
                    (said.empty() ? "" : "; " + said));
  }
  return lines;
}

Line closed_by_a_peer(const std::string& start, const std::string& rest) {
  return ::testing::MatchesRegex(start + ", closed by (client|backend) (fin|rst)" + rest);
}

Line closed(const std::string& start, const std::string& party, const std::string& rest) {
  return ::testing::MatchesRegex(start + ", closed by " + party + " (fin|rst)" + rest);
}

Lines refused_hello(Mode mode, const std::string& finding, int alert, bool repeated) {
  const std::string by_backend = "; backend fatal " + std::to_string(alert);
  if (mode == Mode::passthrough)
    return {finding, kFailsDirect, closed_by_a_peer("direct_leg failed client_hello", by_backend)};
  return {
      finding, repeated ? kFailsBoth : kFailedUnknown,
      "client_leg failed client_hello, closed by proxy fin; proxy fatal " + std::to_string(alert),
      "backend_leg failed client_hello, closed by proxy fin" + by_backend};
}

void expect_healthy(Mode mode, const Backend& backend, const Credentials& credentials,
                    const Asking& client) {
  const Spoken direct = directly(backend, credentials, client);
  ASSERT_EQ(direct.exit_code, 0) << direct.errors;
  const Seen seen = through(mode, backend, credentials, client);
  EXPECT_THAT(findings(seen.session), ::testing::IsEmpty());
  EXPECT_EQ(verdict(seen.session), healthy(mode));
  EXPECT_EQ(seen.spoken.body.empty(), direct.body.empty());
  expect_as_direct(seen.session, direct, seen.spoken);
}

}  // namespace visavis::testing

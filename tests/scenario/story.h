#pragma once
#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/legs.h"

namespace visavis::testing {

// Verdicts on sessions that are not healthy; the healthy one is in legs.h.
inline const std::string kFailsBoth = "fails-both proxied failed direct failed by offer";
inline const std::string kIntroduced = "proxy-introduces proxied failed direct ok by twin";
inline const std::string kFailsDirect = "fails-direct proxied none direct failed by passthrough";
inline const std::string kFailedUnknown = "unknown proxied failed direct unknown by none";
inline const std::string kWorksUnknown = "unknown proxied ok direct unknown by none";
inline const std::string kPassedUnknown = "unknown proxied none direct unknown by none";

/// Asking is a client with all its options: each call is one connection.
using Asking = std::function<Spoken(const Visit& visit)>;
[[nodiscard]] Asking curl_with(std::vector<std::string> options);
[[nodiscard]] Asking openssl_with(std::vector<std::string> options);
[[nodiscard]] Asking gnutls_with(std::vector<std::string> options);
[[nodiscard]] Asking python_with(std::vector<std::string> options);
[[nodiscard]] Asking odd_with(std::vector<std::string> options);
/// calling is any client with the suites that it offers by default; the call's port and root are
/// filled in.
[[nodiscard]] Asking calling(Client client, Call call);

/// directly visits the backend with nobody between.
[[nodiscard]] Spoken directly(const Backend& backend, const Credentials& credentials,
                              const Asking& client);

/// Seen is one connection through visavis: what the client says of it, and the session.
struct Seen {
  Spoken spoken;
  Session session;
};
[[nodiscard]] Seen through(Mode mode, const Backend& backend, const Credentials& credentials,
                           const Asking& client, std::vector<std::string> options = {});

/// Line is one line of a story, Lines a whole story, where some may be this or that.
using Line = ::testing::Matcher<std::string>;
using Lines = std::vector<Line>;

/// story tells all that matters of a session, line by line: its findings, its verdict, and each leg
/// that it has: "LEG OUTCOME REACHED, closed by PARTY HOW; VERSION SUITE; ALERT, ALERT". Version
/// and suite are those of the ServerHello; what there is not is left out. A direct twin's leg is
/// no leg of the session, and is left out too.
[[nodiscard]] std::vector<std::string> story(const Session& session);

/// closed_by_a_peer is the line of a leg that ends with an alert of one of its peers: which of the
/// two closes first, and whether with FIN or RST, is a race. `rest` is what follows in the line.
[[nodiscard]] Line closed_by_a_peer(const std::string& start, const std::string& rest);

/// closed is such a line where it is known who closes: "fin" or "rst", as the system has it when a
/// program leaves with bytes unread.
[[nodiscard]] Line closed(const std::string& start, const std::string& party,
                          const std::string& rest);

/// refused_hello is the story of a hello that the backend answers with a fatal alert, which the
/// proxy passes on. `repeated`: our hello is the client's in all, so its refusal speaks for that.
[[nodiscard]] Lines refused_hello(Mode mode, const std::string& finding, int alert,
                                  bool repeated = true);

/// expect_healthy asserts that the pair works directly and in the same way through visavis, which
/// finds nothing.
void expect_healthy(Mode mode, const Backend& backend, const Credentials& credentials,
                    const Asking& client);

}  // namespace visavis::testing

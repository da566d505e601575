#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/clients.h"
#include "tests/support/proxy_process.h"

namespace visavis::testing {

/// findings lists "ID SIDE SEVERITY CONFIDENCE" of every finding: assert the whole list.
[[nodiscard]] std::vector<std::string> findings(const Session& session);

/// word returns the text at a JSON pointer, "null" for null, numbers and lists as JSON has them;
/// "absent" when there is nothing.
[[nodiscard]] std::string word(const Session& session, const std::string& pointer);

/// verdict is "CLASS proxied PROXIED direct DIRECT by KNOWN_BY".
[[nodiscard]] std::string verdict(const Session& session);

/// ending is "OUTCOME REACHED, closed by PARTY HOW" of a leg ("client_leg").
[[nodiscard]] std::string ending(const Session& session, const std::string& leg);

/// alerts lists "PARTY LEVEL NUMBER" of a leg.
[[nodiscard]] std::vector<std::string> alerts(const Session& session, const std::string& leg);

/// unmirrored_features lists "LEG FEATURE" of all that was not mirrored.
[[nodiscard]] std::vector<std::string> unmirrored_features(const Session& session);

/// comparison_row is "CLIENT | BACKEND RELATION ORIGIN" of an aspect; "absent" without one.
[[nodiscard]] std::string comparison_row(const Session& session, std::string_view aspect);

/// plaintext_lengths lists the application records' plaintext lengths in one direction, from the
/// ledger ("c2s", "s2c").
[[nodiscard]] std::vector<std::int64_t> plaintext_lengths(const Session& session,
                                                          const std::string& leg,
                                                          std::string_view direction);

/// to_hex writes bytes as the log does.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// legs_of names the legs that a session of this mode has: "client_leg" and "backend_leg", or
/// "direct_leg".
[[nodiscard]] std::vector<std::string> legs_of(Mode mode);

/// healthy is the verdict on a session in which all went well, and the client's hello was repeated
/// whole.
[[nodiscard]] std::string healthy(Mode mode);

/// expect_as_direct asserts that every leg that the session has agreed on the version, suite and
/// ALPN that the client itself reported of its direct connection, that the client says the same of
/// this one, and that the legs have the same group.
void expect_as_direct(const Session& session, const Spoken& direct, const Spoken& proxied);

}  // namespace visavis::testing

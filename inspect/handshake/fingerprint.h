#pragma once
#include <string>

#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/server_hello.h"

namespace visavis::inspect {

/// ja3_text returns "version,suites,extensions,groups,point formats" in decimal, GREASE left out.
/// Source: the JA3 description (Salesforce, BSD-3). The fingerprint is the MD5 of this text.
std::string ja3_text(const ClientHello& hello);
/// ja3s_text returns "version,suite,extensions" of a ServerHello.
std::string ja3s_text(const ServerHello& hello);
/// md5_hex returns 32 hex digits.
std::string md5_hex(const std::string& text);

/// ja4 returns the JA4 fingerprint of a ClientHello over TCP ("t13d1516h2_..."). Source: FoxIO JA4
/// (BSD-3).
std::string ja4(const ClientHello& hello);

}  // namespace visavis::inspect

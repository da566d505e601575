#pragma once
#include <CLI/CLI.hpp>

#include "tools/proxy_words.h"

namespace visavis::tools {

/// add_client_credentials adds --client-cert, --client-key and --client-cert-pass: what a proxy
/// shows to backends that ask for a client certificate, since it can't pass on the client's own.
void add_client_credentials(CLI::App& command, CredentialWords& words);

}  // namespace visavis::tools

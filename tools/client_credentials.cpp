#include "tools/client_credentials.h"

namespace visavis::tools {

void add_client_credentials(CLI::App& command, CredentialWords& words) {
  const auto one = [&](const char* option, std::vector<std::string>& files, const char* what) {
    command.add_option(option, files, what)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
        ->type_name("FILE");
  };
  one("--client-cert", words.certificates,
      "show this certificate to backends that ask for one: PEM, DER, PFX");
  one("--client-key", words.keys, "its private key, unless that is in the same file");
  command
      .add_option("--client-cert-pass", words.password,
                  "their password: pass:TEXT, env:NAME or file:PATH (its first line)")
      ->type_name("SOURCE");
}

}  // namespace visavis::tools

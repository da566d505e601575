#include <openssl/err.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "certs/credential_file.h"
#include "certs/key_matching.h"
#include "certs/served_leaf.h"
#include "tests/fuzz/property.h"

/// A file that a user names: PEM, DER, PKCS #12 or PKCS #7, with and without the password of the
/// corpus ("geheim"), then matched as the only file of a start-up.
namespace visavis::certs {
namespace {

using fuzz::property;

void check_line(const std::string& text) {
  property(!text.empty(), "an error has words");
  property(text.find_first_of("\r\n") == std::string::npos && text.find('\0') == std::string::npos,
           "an error is one line");
}

void check_file(std::string_view bytes, const Password& password) {
  CredentialSource source{"--cert", "file", {}};
  try {
    source.contents = read_credentials(bytes, password);
  } catch (const std::runtime_error& error) {
    return check_line(error.what());
  }
  property(!source.contents.form.empty(), "what can be read has a form");
  if (!source.contents.key_problem.empty()) check_line(source.contents.key_problem);
  std::vector<CredentialSource> files;
  files.push_back(std::move(source));
  try {
    Matched matched = match_keys(files, {});
    property(!matched.pairs.empty(), "what matches has a pair");
    for (CertifiedKey& pair : matched.pairs) {
      for (const std::string& warning :
           certificate_warnings(*pair.certificate, Purpose::tls_server, 1'800'000'000))
        check_line(warning);
      property(served_leaf(std::move(pair))->id.size() == 64, "a leaf has an id");
    }
  } catch (const std::runtime_error& error) {
    check_line(error.what());
  }
}

}  // namespace
}  // namespace visavis::certs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::certs;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_file(bytes, {std::nullopt, "--cert-pass"});
  check_file(bytes, {"geheim", "--cert-pass"});
  visavis::fuzz::property(ERR_peek_error() == 0, "nothing stays in OpenSSL's queue");
  return 0;
}

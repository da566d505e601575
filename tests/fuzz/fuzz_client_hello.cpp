#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/compare/leg_summary.h"
#include "inspect/handshake/client_hello.h"
#include "inspect/handshake/extension_words.h"
#include "tests/fuzz/property.h"

/// A handshake message, and, from its fifth byte on or as a whole, an SSL 2.0 hello.
namespace visavis::inspect {
namespace {

using fuzz::property;

void check(const Result<ClientHello>& hello, Bytes bytes) {
  if (!hello.ok()) {
    property(hello.error().offset <= bytes.size(), "an error lies within the message");
    property(!hello.error().field.empty(), "an error names its field");
    return;
  }
  property(std::equal(hello->raw.begin(), hello->raw.end(), bytes.begin(), bytes.end()),
           "the bytes are kept");
  std::size_t last = 0;
  for (const Extension& extension : hello->extensions) {
    property(extension.offset >= last && extension.offset + extension.length <= bytes.size(),
             "extensions lie in order within the message");
    last = extension.offset + extension.length;
    property(hello->body(extension).size() == extension.length, "a body is whole");
  }
  for (const ParseError& problem : hello->extension_problems)
    property(problem.offset <= bytes.size(), "a problem lies within the message");
  property(hello->extension_problems.size() <= limits::kMaxExtensionProblems, "a bounded list");
  property(!hello->sni || hello->has(kServerName), "a field has its extension");

  std::vector<ParseError> problems;
  const ClientHelloReport report = summarize_hello(*hello, &problems);
  property(report.extension_values.size() <= limits::kMaxDescribedExtensions, "bounded values");
  for (const ExtensionReport& extension : report.extension_values)
    property(extension.value.size() <= ExtensionWords::kMax, "a value is short");
  for (const ParseError& problem : problems)
    property(problem.offset <= bytes.size(), "a problem lies within the message");
  property(problems.size() >= hello->extension_problems.size(), "no problem is lost");
  property(report.ja3.size() == 32, "JA3 is an MD5");
  property(report.ja4.size() == 36 && report.ja4[10] == '_' && report.ja4[23] == '_', "JA4's form");
  property(report.extensions.size() == hello->extensions.size(), "every extension is reported");
}

}  // namespace
}  // namespace visavis::inspect

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  const Bytes bytes(data, size);
  check(parse_client_hello(bytes), bytes);
  check(parse_sslv2_client_hello(bytes), bytes);
  return 0;
}

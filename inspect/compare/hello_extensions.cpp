#include "inspect/compare/hello_extensions.h"

#include <algorithm>

#include "inspect/bytes/limits.h"
#include "inspect/handshake/describe_extension.h"
#include "inspect/handshake/message_assembler.h"
#include "inspect/record/record_reader.h"

namespace visavis::inspect {
namespace {

/// Extensions whose content the JSON's HELLO has under names of their own.
constexpr ExtensionType kWithFields[] = {
    kServerName, kSupportedGroups, kEcPointFormats,    kSignatureAlgorithms, kAlpn,
    kKeyShare,   kSessionTicket,   kSupportedVersions, kPreSharedKey};

bool has_field(ExtensionType type) {
  return std::find(std::begin(kWithFields), std::end(kWithFields), type) != std::end(kWithFields);
}

/// The problem that the hello's parser found within an extension.
const ParseError* problem_within(const Extension& extension, const ClientHello& hello) {
  const auto within = [&](const ParseError& problem) {
    return problem.offset >= extension.offset &&
           problem.offset <= extension.offset + extension.length;
  };
  const auto found =
      std::find_if(hello.extension_problems.begin(), hello.extension_problems.end(), within);
  return found == hello.extension_problems.end() ? nullptr : &*found;
}

void describe_one(const Extension& extension, const ClientHello& hello, HelloExtensions& found) {
  const ParseError* known = problem_within(extension, hello);
  const bool broken = known != nullptr && known->code != ParseErrorCode::duplicate;
  if (broken || (known != nullptr && has_field(extension.type)))
    return found.values.push_back({code_point(extension.type), describe(*known)});
  if (has_field(extension.type)) return;
  auto words = describe_extension(extension.type, hello.body(extension), HelloKind::client_hello);
  if (words.ok())
    return found.values.push_back({code_point(extension.type), std::move(words).value()});
  ParseError problem = words.error();
  problem.offset += extension.offset;
  found.values.push_back({code_point(extension.type), describe(problem)});
  found.problems.push_back(problem);
}

/// A ServerHello comes at once, at most behind a HelloRetryRequest: no need to look further.
constexpr std::size_t kMaxSearchedBytes = 16U * 1024;
/// Most are found in the first such piece, which has no certificates yet.
constexpr std::size_t kSearchStep = 256;

/// HandshakeBytes hands the handshake records' bodies to the assembler.
struct HandshakeBytes {
  MessageAssembler& assembler;

  void fragment(const RecordHeader& header, Bytes bytes) const {
    if (header.type == kHandshake && !header.sslv2) assembler.add(bytes);
  }
  void record(const RecordHeader&) const {}
};

constexpr std::size_t kRandomOffset = 4 + 2;  // behind the message's header and the version

/// The bytes of the hello that the transcript has, told by its random.
std::vector<std::uint8_t> find_answer(const ServerHello& hello, Bytes raw) {
  MessageAssembler assembler(limits::kMaxHandshakeMessageBytes);
  RecordReader reader;
  for (Bytes left = raw.first(std::min(raw.size(), kMaxSearchedBytes)); !left.empty();) {
    const Bytes piece = left.first(std::min(left.size(), kSearchStep));
    left = left.subspan(piece.size());
    reader.feed(piece, HandshakeBytes{assembler});
    for (auto next = assembler.next(); next.ok(); next = assembler.next()) {
      const Bytes message = next->raw;
      if (next->type != kServerHello || message.size() < kRandomOffset + hello.random.size())
        continue;
      if (std::equal(hello.random.begin(), hello.random.end(), message.begin() + kRandomOffset))
        return {message.begin(), message.end()};
    }
  }
  return {};
}

/// What the JSON's server_hello says under names of its own.
bool answer_has_field(ExtensionType type) {
  return type == kSupportedVersions || type == kKeyShare || type == kAlpn;
}

}  // namespace

std::vector<ExtensionReport> describe_answer(const Transcript& transcript) {
  std::vector<ExtensionReport> values;
  if (!transcript.server_hello || transcript.server_hello->extensions.empty()) return values;
  const ServerHello& hello = *transcript.server_hello;
  const std::vector<std::uint8_t> message = find_answer(hello, transcript.raw.s2c);
  const HelloKind kind =
      hello.hello_retry ? HelloKind::hello_retry_request : HelloKind::server_hello;
  for (const Extension& extension : hello.extensions) {
    if (answer_has_field(extension.type) || values.size() == limits::kMaxDescribedExtensions)
      continue;
    if (extension.offset + extension.length > message.size()) return {};
    const auto words = describe_extension(
        extension.type, Bytes(message).subspan(extension.offset, extension.length), kind);
    ParseError problem = words.ok() ? ParseError{} : words.error();
    problem.offset += extension.offset;
    values.push_back({code_point(extension.type), words.ok() ? *words : describe(problem)});
  }
  return values;
}

HelloExtensions describe_extensions(const ClientHello& hello) {
  HelloExtensions found;
  found.problems = hello.extension_problems;
  const std::size_t most = std::min(hello.extensions.size(), limits::kMaxDescribedExtensions);
  found.values.reserve(most);
  for (std::size_t i = 0; i < most; ++i) describe_one(hello.extensions[i], hello, found);
  return found;
}

}  // namespace visavis::inspect

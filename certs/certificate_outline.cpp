#include "certs/certificate_outline.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "certs/der.h"

namespace visavis::certs {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kUtcTime = 0x17;
constexpr std::uint8_t kGeneralizedTime = 0x18;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kVersion = 0xa0;  // [0]
constexpr std::uint8_t kIssuerUniqueId = 0x81;
constexpr std::uint8_t kSubjectUniqueId = 0x82;
constexpr std::uint8_t kExtensions = 0xa3;  // [3]

// Real certificates have some ten.
constexpr std::size_t kMaxExtensions = 256;

// Level is what is left of one constructed element.
struct Level {
  std::size_t next = 0;
  std::size_t end = 0;
};

// Outliner reads straight through; the first problem stops all that follows.
class Outliner {
 public:
  explicit Outliner(std::span<const std::uint8_t> der) : der_(der) {}

  CertificateOutline run() {
    Level all{0, der_.size()};
    Level certificate = enter("Certificate", all, {kSequence});
    read_tbs(enter("tbsCertificate", certificate, {kSequence}));
    whole("signatureAlgorithm", certificate, {kSequence});
    whole("signatureValue", certificate, {kBitString});
    done("signatureValue", certificate);
    return std::move(outline_);
  }

 private:
  [[nodiscard]] bool failed() const { return outline_.problem.has_value(); }

  void fail(std::string_view field, std::size_t offset, std::string what) {
    if (!failed()) outline_.problem = FieldProblem{std::string(field), offset, std::move(what)};
  }

  // The next element of the level, which must have one of these tags.
  DerElement take(std::string_view field, Level& level, std::initializer_list<std::uint8_t> tags) {
    DerElement element;
    if (failed()) return element;
    if (level.next == level.end) {
      fail(field, level.next, "missing");
    } else if (const auto problem = read_der(der_, level.next, level.end, element)) {
      fail(field, problem->offset, problem->what);
    } else if (std::find(tags.begin(), tags.end(), element.tag) == tags.end()) {
      fail(field, element.offset,
           tag_text(element.tag) + " where " + tag_text(*tags.begin()) + " should be");
    } else if (element.indefinite) {
      fail(field, element.offset + 1, "a length left open, as BER has it and DER has not");
    } else if (const auto wrong = wrong_content(element); !wrong.empty()) {
      fail(field, element.offset, wrong);
    }
    level.next = element.end;
    return element;
  }

  // What OpenSSL, too, asks of the content before the certificate is one. X.690 8.2, 8.3 and 8.6.
  [[nodiscard]] std::string wrong_content(const DerElement& element) const {
    const std::size_t size = element.end - element.content;
    if (element.tag == kBoolean && size != 1)
      return "a BOOLEAN of " + std::to_string(size) + " bytes";
    if (element.tag == kInteger && size == 0) return "an INTEGER without content";
    if (element.tag == kBitString && size == 0) return "a BIT STRING without content";
    if (element.tag == kBitString && der_[element.content] > 7)
      return "a BIT STRING with " + std::to_string(der_[element.content]) + " bits unused";
    return {};
  }

  Level enter(std::string_view field, Level& level, std::initializer_list<std::uint8_t> tags) {
    const DerElement element = take(field, level, tags);
    return {element.content, element.end};
  }

  // An element whose inner structure is only seen as nested lengths.
  DerElement whole(std::string_view field, Level& level, std::initializer_list<std::uint8_t> tags) {
    const DerElement element = take(field, level, tags);
    if (failed() || (element.tag & 0x20) == 0) return element;
    if (const auto problem = find_der_problem(der_, element))
      fail(field, problem->offset, problem->what);
    return element;
  }

  [[nodiscard]] bool next_is(const Level& level, std::uint8_t tag) const {
    return !failed() && level.next < level.end && der_[level.next] == tag;
  }

  void done(std::string_view after, const Level& level) {
    if (!failed() && level.next != level.end)
      fail(after, level.next, std::to_string(level.end - level.next) + " bytes too many behind it");
  }

  void read_tbs(Level tbs) {
    if (next_is(tbs, kVersion)) {
      Level version = enter("version", tbs, {kVersion});
      take("version", version, {kInteger});
      done("version", version);
    }
    take("serialNumber", tbs, {kInteger});
    whole("signature", tbs, {kSequence});
    whole("issuer", tbs, {kSequence});
    Level validity = enter("validity", tbs, {kSequence});
    take("notBefore", validity, {kUtcTime, kGeneralizedTime});
    take("notAfter", validity, {kUtcTime, kGeneralizedTime});
    done("validity", validity);
    whole("subject", tbs, {kSequence});
    Level key = enter("subjectPublicKeyInfo", tbs, {kSequence});
    whole("subjectPublicKeyInfo algorithm", key, {kSequence});
    take("subjectPublicKey", key, {kBitString});
    done("subjectPublicKey", key);
    if (next_is(tbs, kIssuerUniqueId)) take("issuerUniqueID", tbs, {kIssuerUniqueId});
    if (next_is(tbs, kSubjectUniqueId)) take("subjectUniqueID", tbs, {kSubjectUniqueId});
    if (next_is(tbs, kExtensions)) {
      Level wrapped = enter("extensions", tbs, {kExtensions});
      read_extensions(enter("extensions", wrapped, {kSequence}));
      done("extensions", wrapped);
    }
    done("tbsCertificate", tbs);
  }

  void read_extensions(Level list) {
    for (std::size_t number = 1; !failed() && list.next < list.end; ++number) {
      const std::string name = "extension " + std::to_string(number);
      Level extension = enter(name, list, {kSequence});
      const DerElement oid = take(name + " extnID", extension, {kOid});
      if (next_is(extension, kBoolean)) take(name + " critical", extension, {kBoolean});
      const DerElement value = take(name + " extnValue", extension, {kOctetString});
      done(name, extension);
      if (!failed() && outline_.extensions.size() < kMaxExtensions)
        outline_.extensions.push_back({der_.subspan(oid.content, oid.end - oid.content),
                                       der_.subspan(value.content, value.end - value.content),
                                       value.content});
    }
  }

  std::span<const std::uint8_t> der_;
  CertificateOutline outline_;
};

}  // namespace

std::string text(const FieldProblem& problem) {
  return problem.field + " at byte " + std::to_string(problem.offset) + ": " + problem.what;
}

CertificateOutline read_outline(std::span<const std::uint8_t> der) { return Outliner(der).run(); }

std::string extension_problem(std::span<const std::uint8_t> der,
                              std::span<const std::uint8_t> oid) {
  for (const ExtensionPlace& place : read_outline(der).extensions) {
    if (!std::ranges::equal(place.oid, oid)) continue;
    const DerElement value{kOctetString, place.offset, place.offset,
                           place.offset + place.value.size(), false};
    if (const auto problem = find_der_problem(der, value))
      return "at byte " + std::to_string(problem->offset) + ": " + problem->what;
    return "at byte " + std::to_string(place.offset);
  }
  return {};
}

}  // namespace visavis::certs

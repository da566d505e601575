// Where a client's certificate says who that is: RFC 5280 4.1 and 4.2, X.690 8.
#include <algorithm>
#include <array>
#include <string_view>

#include "inspect/bundle/secret_parts.h"

namespace visavis::inspect {
namespace {

constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kObjectId = 0x06;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kVersion = 0xa0;
constexpr std::uint8_t kExtensions = 0xa3;
constexpr int kMaxDepth = 16;

struct Element {
  std::uint8_t tag = 0;
  std::size_t begin = 0;
  std::size_t content = 0;
  std::size_t end = 0;

  [[nodiscard]] bool constructed() const { return (tag & 0x20U) != 0; }
};

/// DerReader reads elements of der[at, end); `failed` stays where one does not fit.
class DerReader {
 public:
  DerReader(Bytes der, std::size_t at, std::size_t end) : der_(der), at_(at), end_(end) {}

  [[nodiscard]] bool more() const { return !failed_ && at_ < end_; }
  [[nodiscard]] bool failed() const { return failed_; }
  Element next() {
    Element element{0, at_, at_, at_};
    std::size_t length = 0;
    if (failed_ || end_ - at_ < 2) return fail();
    element.tag = der_[at_++];
    length = der_[at_++];
    if ((element.tag & 0x1fU) == 0x1fU) return fail();
    if (length >= 0x80) {
      const std::size_t width = length & 0x7fU;
      if (width == 0 || width > 4 || end_ - at_ < width) return fail();
      length = 0;
      for (std::size_t i = 0; i < width; ++i) length = length << 8 | der_[at_++];
    }
    if (length > end_ - at_) return fail();
    element.content = at_;
    element.end = at_ += length;
    return element;
  }
  Element next(std::uint8_t tag) {
    const Element element = next();
    return element.tag == tag ? element : fail();
  }

 private:
  Element fail() {
    failed_ = true;
    return {};
  }

  Bytes der_;
  std::size_t at_;
  std::size_t end_;
  bool failed_ = false;
};

/// What an element says, all of it but for the types of what it names.
bool add_values(Bytes der, const Element& element, SecretParts& parts, int depth = 0) {
  if (element.tag == kObjectId) return true;
  if (!element.constructed()) {
    if (element.end > element.content)
      parts.push_back({element.content, element.end - element.content});
    return true;
  }
  if (depth > kMaxDepth) return false;
  DerReader reader(der, element.content, element.end);
  while (reader.more()) {
    const Element inner = reader.next();
    if (reader.failed() || !add_values(der, inner, parts, depth + 1)) return false;
  }
  return !reader.failed();
}

std::string_view text_of(Bytes der, const Element& element) {
  return {reinterpret_cast<const char*>(der.data()) + element.content,
          element.end - element.content};
}

constexpr std::string_view kSubjectAltName = "\x55\x1d\x11";
constexpr std::string_view kBasicConstraints = "\x55\x1d\x13";
/// Extensions that say nothing of who the subject is: key identifiers, usages, constraints,
/// policies, where lists and issuers are, TLS features, Netscape's type.
constexpr std::array<std::string_view, 13> kHarmlessExtensions{
    "\x55\x1d\x0e",
    "\x55\x1d\x0f",
    kBasicConstraints,
    "\x55\x1d\x1e",
    "\x55\x1d\x1f",
    "\x55\x1d\x20",
    "\x55\x1d\x23",
    "\x55\x1d\x24",
    "\x55\x1d\x25",
    "\x55\x1d\x36",
    "\x2b\x06\x01\x05\x05\x07\x01\x01",
    "\x2b\x06\x01\x05\x05\x07\x01\x18",
    "\x60\x86\x48\x01\x86\xf8\x42\x01\x01",
};

struct Extensions {
  SecretParts parts;
  bool ca = false;
};

/// extnValue is an OCTET STRING around another element.
bool add_extension(Bytes der, std::string_view id, const Element& value, Extensions& found) {
  DerReader reader(der, value.content, value.end);
  if (id == kSubjectAltName) {
    const Element names = reader.next();
    return !reader.failed() && add_values(der, names, found.parts);
  }
  if (id == kBasicConstraints) {
    const Element constraints = reader.next(kSequence);
    DerReader inside(der, constraints.content, constraints.end);
    if (!reader.failed() && inside.more()) {
      const Element ca = inside.next();
      found.ca = ca.tag == kBoolean && ca.end > ca.content && der[ca.content] != 0;
    }
  }
  const bool harmless = std::find(kHarmlessExtensions.begin(), kHarmlessExtensions.end(), id) !=
                        kHarmlessExtensions.end();
  if (!harmless && value.end > value.content)
    found.parts.push_back({value.content, value.end - value.content});
  return true;
}

bool read_extensions(Bytes der, const Element& outer, Extensions& found) {
  DerReader wrapper(der, outer.content, outer.end);
  const Element list = wrapper.next(kSequence);
  if (wrapper.failed()) return false;
  DerReader reader(der, list.content, list.end);
  while (reader.more()) {
    const Element extension = reader.next(kSequence);
    DerReader fields(der, extension.content, extension.end);
    const Element id = fields.next(kObjectId);
    Element value = fields.next();
    if (value.tag == kBoolean) value = fields.next();
    if (reader.failed() || fields.failed() || value.tag != kOctetString) return false;
    if (!add_extension(der, text_of(der, id), value, found)) return false;
  }
  return !reader.failed();
}

}  // namespace

std::optional<SecretParts> certificate_secret_parts(Bytes der, bool leaf) {
  DerReader whole(der, 0, der.size());
  const Element certificate = whole.next(kSequence);
  if (whole.failed() || whole.more()) return std::nullopt;
  DerReader outer(der, certificate.content, certificate.end);
  const Element to_be_signed = outer.next(kSequence);
  if (outer.failed()) return std::nullopt;
  DerReader reader(der, to_be_signed.content, to_be_signed.end);
  Element serial = reader.next();
  if (serial.tag == kVersion) serial = reader.next();
  (void)reader.next(kSequence);  // signature's algorithm
  const Element issuer = reader.next(kSequence);
  (void)reader.next(kSequence);  // validity
  const Element subject = reader.next(kSequence);
  (void)reader.next(kSequence);  // public key
  if (reader.failed()) return std::nullopt;
  Extensions found;
  while (reader.more()) {
    const Element further = reader.next();
    if (reader.failed()) return std::nullopt;
    if (further.tag == kExtensions && !read_extensions(der, further, found)) return std::nullopt;
  }
  if (found.ca && !leaf) return SecretParts{};
  SecretParts parts;
  if (text_of(der, issuer) == text_of(der, subject) && !add_values(der, issuer, parts))
    return std::nullopt;
  if (!add_values(der, subject, parts)) return std::nullopt;
  parts.insert(parts.end(), found.parts.begin(), found.parts.end());
  return parts;
}

}  // namespace visavis::inspect

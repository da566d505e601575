#include "certs/file_form.h"

#include <algorithm>
#include <array>
#include <vector>

#include "certs/der.h"
#include "certs/digest.h"

namespace visavis::certs {
namespace {

constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kContext0 = 0xa0;

// The first elements of a constructed one, as far as they can be read.
std::vector<DerElement> first_elements(std::span<const std::uint8_t> der, const DerElement& outer) {
  constexpr std::size_t kEnough = 4;
  std::vector<DerElement> elements;
  for (std::size_t at = outer.content; at < outer.end && elements.size() < kEnough;) {
    DerElement element;
    const bool cut = read_der(der, at, outer.end, element).has_value();
    if (element.tag == 0) break;
    elements.push_back(element);
    if (cut || element.indefinite) break;  // where it ends is not known
    at = element.end;
  }
  return elements;
}

// Shape is the elements of one level, and asks of those what lies below.
class Shape {
 public:
  Shape(std::span<const std::uint8_t> der, const DerElement& outer)
      : der_(der), elements_(first_elements(der, outer)) {}

  [[nodiscard]] bool is(std::size_t at, std::uint8_t tag) const {
    return at < elements_.size() && elements_[at].tag == tag;
  }
  [[nodiscard]] Shape below(std::size_t at) const {
    return at < elements_.size() ? Shape(der_, elements_[at]) : Shape(der_, DerElement{});
  }
  [[nodiscard]] std::uint8_t small_integer() const {
    return !elements_.empty() && elements_[0].end - elements_[0].content == 1
               ? der_[elements_[0].content]
               : std::uint8_t{0xff};
  }

 private:
  std::span<const std::uint8_t> der_;
  std::vector<DerElement> elements_;
};

// What has a SEQUENCE to be signed in front.
DerForm signed_form(const Shape& body) {
  if (body.is(0, kContext0)) return DerForm::certificate;      // version
  if (body.is(0, kSequence)) return DerForm::revocation_list;  // version 1: signature
  if (!body.is(0, kInteger) || !body.is(1, kSequence)) return DerForm::unknown;
  // An INTEGER is a CRL's or a request's version, or the serial number of a version 1 certificate.
  if (!body.below(1).is(0, kOid)) return DerForm::certificate_request;  // a name
  return body.is(3, kSequence) ? DerForm::certificate : DerForm::revocation_list;
}

std::string hex_of_start(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 4)) {
    const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(c)};
    if (!text.empty()) text += " ";
    text += hex(byte);
  }
  return text;
}

}  // namespace

DerForm der_form(std::span<const std::uint8_t> der) {
  DerElement outer;
  // A file that was cut off is still what it began as.
  if (read_der(der, 0, der.size(), outer)) outer.end = der.size();
  if (outer.tag != kSequence || outer.content > der.size()) return DerForm::unknown;
  const Shape shape(der, outer);
  if (shape.is(0, kOid)) return DerForm::pkcs7;
  if (shape.is(0, kInteger)) {
    if (shape.is(1, kSequence))
      return shape.small_integer() == 3 ? DerForm::pkcs12 : DerForm::private_key;
    return shape.is(1, kInteger) || shape.is(1, kOctetString) ? DerForm::private_key
                                                              : DerForm::unknown;
  }
  if (!shape.is(0, kSequence)) return DerForm::unknown;
  const Shape first = shape.below(0);
  if (first.is(0, kOid)) {
    if (shape.is(1, kOctetString)) return DerForm::encrypted_key;
    return shape.is(1, kBitString) ? DerForm::public_key : DerForm::unknown;
  }
  return signed_form(first);
}

std::string form_text(DerForm form) {
  switch (form) {
    case DerForm::certificate:
      return "CERTIFICATE";
    case DerForm::certificate_request:
      return "CERTIFICATE REQUEST";
    case DerForm::revocation_list:
      return "X509 CRL";
    case DerForm::private_key:
      return "PRIVATE KEY";
    case DerForm::encrypted_key:
      return "ENCRYPTED PRIVATE KEY";
    case DerForm::public_key:
      return "PUBLIC KEY";
    case DerForm::pkcs12:
      return "PKCS12";
    case DerForm::pkcs7:
      return "PKCS7";
    case DerForm::unknown:
      break;
  }
  return "unknown DER";
}

std::string foreign_form(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.empty()) return "the file is empty";
  for (const std::string_view mark : {"\xff\xfe"sv, "\xfe\xff"sv, "-\0-\0"sv, "\0-\0-"sv})
    if (bytes.starts_with(mark))
      return "UTF-16 text, as PowerShell's > writes it; save it as ASCII or UTF-8";
  for (const std::string_view magic : {"\xfe\xed\xfe\xed"sv, "\xce\xce\xce\xce"sv})
    if (bytes.starts_with(magic))
      return "a Java keystore; make a PFX of it: keytool -importkeystore -srckeystore FILE "
             "-destkeystore FILE.p12 -deststoretype pkcs12";
  if (bytes.starts_with("MII") || bytes.starts_with("LS0tLS1"))
    return "base64 text without BEGIN and END lines; decode it first (base64 -d)";
  if (bytes.front() == static_cast<char>(kSequence))
    return "DER perhaps, but no certificate, key, PKCS #12 or PKCS #7; it begins with " +
           hex_of_start(bytes);
  return "neither PEM nor DER; it begins with " + hex_of_start(bytes);
}

}  // namespace visavis::certs

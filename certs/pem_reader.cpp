#include "certs/pem_reader.h"

#include <array>
#include <optional>
#include <span>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/der.h"

namespace visavis::certs {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kTrusted = "TRUSTED CERTIFICATE";  // OpenSSL's own

// The next line without its end, which is taken off the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos)
    text = {};
  else
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

// The label of a line "-----BEGIN label-----".
std::optional<std::string_view> label_of(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark) || !line.ends_with(kDashes) ||
      line.size() < mark.size() + kDashes.size())
    return std::nullopt;
  line.remove_prefix(mark.size());
  line.remove_suffix(kDashes.size());
  return line;
}

// RFC 4648 4; -1 for what is no digit.
int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Base64Reader takes a block's lines.
class Base64Reader {
 public:
  void add(std::string_view line) {
    for (const char c : line) {
      const int digit = base64_digit(c);
      if (c == ' ' || c == '\t') continue;
      if (c == '=') {
        ++padding_;
      } else if (digit < 0 || padding_ > 0) {
        broken_ = true;
      } else {
        value_ = value_ << 6 | static_cast<std::uint32_t>(digit);
        if (++digits_ % 4 == 0) take_bytes(3);
      }
    }
  }

  // The bytes, or nothing when they are broken or cut.
  std::vector<std::uint8_t> finish() {
    const std::size_t last = digits_ % 4;
    if (broken_ || last == 1 || padding_ != (4 - last) % 4) return {};
    value_ <<= 6 * padding_;
    if (last > 1) take_bytes(last - 1);
    return std::move(bytes_);
  }

 private:
  void take_bytes(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(value_ >> (16 - 8 * i)));
    value_ = 0;
  }

  std::vector<std::uint8_t> bytes_;
  std::uint32_t value_ = 0;
  std::size_t digits_ = 0;
  std::size_t padding_ = 0;
  bool broken_ = false;
};

// The first DER element alone: in "TRUSTED CERTIFICATE" trust settings follow the certificate.
std::span<const std::uint8_t> first_element(std::span<const std::uint8_t> bytes) {
  DerElement element;
  const auto problem = read_der(bytes, 0, bytes.size(), element);
  return problem ? bytes : bytes.first(element.end);
}

// BlockReader goes through a text line by line.
class BlockReader {
 public:
  void add(std::string_view line) {
    ++number_;
    if (const auto label = label_of(line, kBegin)) {
      close("it has no END line");
      open_ = PemBlock{std::string(*label), {}, {}, number_, {}};
      in_headers_ = true;
    } else if (!open_) {
      return;
    } else if (const auto end = label_of(line, kEnd)) {
      open_->bytes = base64_.finish();
      close(*end != open_->label   ? "its END line is that of another block"
            : open_->bytes.empty() ? "its base64 is broken"
                                   : "");
    } else if (in_headers_ && (line.find(':') != std::string_view::npos ||
                               (!open_->headers.empty() && line.starts_with(' ')))) {
      open_->headers += std::string(line) + "\n";
    } else {
      in_headers_ = false;
      base64_.add(line);
    }
  }

  std::vector<PemBlock> finish() {
    close("it has no END line");
    return std::move(blocks_);
  }

 private:
  void close(std::string_view problem) {
    if (open_) {
      open_->problem = problem;
      if (!problem.empty()) open_->bytes.clear();
      blocks_.push_back(std::move(*open_));
    }
    open_.reset();
    base64_ = {};
  }

  std::vector<PemBlock> blocks_;
  std::optional<PemBlock> open_;
  Base64Reader base64_;
  std::size_t number_ = 0;
  bool in_headers_ = false;
};

}  // namespace

bool is_certificate_label(std::string_view label) {
  return label == "CERTIFICATE" || label == "X509 CERTIFICATE" || label == kTrusted;
}

std::vector<PemBlock> read_pem_blocks(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  BlockReader reader;
  while (!text.empty()) reader.add(take_line(text));
  auto blocks = reader.finish();
  for (PemBlock& block : blocks)
    if (block.label == kTrusted) block.bytes.resize(first_element(block.bytes).size());
  return blocks;
}

std::vector<std::vector<std::uint8_t>> read_pem_certificates(std::string_view pem) {
  std::vector<std::vector<std::uint8_t>> certificates;
  for (PemBlock& block : read_pem_blocks(pem))
    if (is_certificate_label(block.label) && block.problem.empty())
      certificates.push_back(std::move(block.bytes));
  return certificates;
}

}  // namespace visavis::certs

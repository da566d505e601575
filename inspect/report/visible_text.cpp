#include "inspect/report/visible_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "inspect/codepoint/code_point.h"
#include "inspect/report/utf8.h"

namespace visavis::inspect {
namespace {

struct Range {
  char32_t from;
  char32_t to;
};

/// Characters that move, hide or reorder what stands around them. Unicode 15, general categories
/// Cf, Zl, Zp.
constexpr Range kHidden[] = {
    {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x115F, 0x1160},   {0x180E, 0x180E},  {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

/// Characters of two columns. Unicode 15, East Asian Width W and F, in blocks.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},  {0x23E9, 0x23F3}, {0x25FD, 0x27BF},
    {0x2B1B, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xA960, 0xA97F}, {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE10, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x16FE0, 0x18CFF},
    {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1FAFF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t character) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) {
    return character >= range.from && character <= range.to;
  });
}

std::size_t width_of(char32_t character) {
  return character >= kWide[0].from && within(kWide, character) ? 2 : 1;
}

/// written_out returns the escape of a character that would not be seen, or nothing when it would.
std::string written_out(char32_t character) {
  if (character >= 0x20 && character < 0x7F) return {};
  if (character < 0x20 || (character >= 0x7F && character < 0xA0))
    return "\\x" + hex_name(static_cast<std::uint32_t>(character), 1).substr(2);
  if (!within(kHidden, character)) return {};
  const int bytes = character > 0xFFFF ? 3 : 2;
  return "\\u" + hex_name(static_cast<std::uint32_t>(character), bytes).substr(2);
}

constexpr std::uint64_t in_each_byte(std::uint8_t byte) { return 0x0101010101010101U * byte; }

/// Nearly every text is: what costs a step for each character is for the others. A byte below 0x20
/// borrows, 0x7F carries into its highest bit, and the others that are not plain have that.
bool all_plain(std::string_view text) {
  std::uint64_t word = 0;
  std::uint64_t found = 0;
  const auto look = [&] { found |= word | (word - in_each_byte(0x20)) | (word + in_each_byte(1)); };
  while (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    look();
    text.remove_prefix(sizeof word);
  }
  word = in_each_byte(' ');
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  look();
  return (found & in_each_byte(0x80)) == 0;
}

bool breaks_after(char character) {
  switch (character) {
    case '_':
    case ',':
    case '/':
    case ';':
    case '.':
    case ':':
    case '-':
    case '=':
    case '+':
    case '&':
    case '?':
      return true;
    default:
      return false;
  }
}

/// next_break returns where to cut a text that does not fit into `width` columns: behind its last
/// space, or behind punctuation when that leaves less than half of the line empty, or where the
/// line is full.
std::size_t next_break(std::string_view text, std::size_t width) {
  std::size_t space = 0;
  std::size_t soft = 0;
  std::size_t soft_column = 0;
  std::size_t space_column = 0;
  std::size_t column = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const Utf8Step step = step_utf8(text.substr(i));
    if (text[i] == ' ') {
      space = i;
      space_column = column;
    }
    if (column + width_of(step.value) > width) break;
    column += width_of(step.value);
    i += step.bytes;
    if (breaks_after(text[i - 1])) {
      soft = i;
      soft_column = column;
    }
  }
  if (i == text.size()) return i;
  if (space_column * 2 >= width) return space;
  if (soft_column * 2 >= width) return soft;
  return space != 0 ? space : i;
}

/// next_plain_break is next_break of a text of which every byte takes a column.
std::size_t next_plain_break(std::string_view text, std::size_t width) {
  if (text.size() <= width) return text.size();
  const std::size_t found = text.rfind(' ', width);
  const std::size_t space = found == std::string_view::npos ? 0 : found;
  if (space * 2 >= width) return space;
  for (std::size_t soft = width; soft * 2 >= width && soft > 0; --soft)
    if (breaks_after(text[soft - 1])) return soft;
  return space != 0 ? space : width;
}

}  // namespace

VisibleText::VisibleText(std::string_view text, std::size_t most)
    : text_(text), plain_(all_plain(text)) {
  if (plain_ && text.size() <= most) return;
  written_out_ = visible(text, most);
  text_ = written_out_;
}

LineBreaks::LineBreaks(const VisibleText& text, std::size_t width, std::size_t hanging)
    : left_(text.text()), width_(width), hanging_(hanging), plain_(text.is_plain()) {}

bool LineBreaks::next() {
  while (!left_.empty()) {
    const std::size_t indent = begun_ ? hanging_ : 0;
    const std::size_t room = width_ - indent;
    const std::size_t cut = plain_ ? next_plain_break(left_, room) : next_break(left_, room);
    text_ = left_.substr(0, cut);
    text_ = text_.substr(0, text_.find_last_not_of(' ') + 1);
    left_.remove_prefix(cut);
    left_.remove_prefix(std::min(left_.find_first_not_of(' '), left_.size()));
    if (text_.empty()) continue;
    indent_ = indent;
    begun_ = true;
    return true;
  }
  return false;
}

std::size_t LineBreaks::columns() const {
  return indent_ + (plain_ ? text_.size() : display_width(text_));
}

std::string visible(std::string_view text, std::size_t most) {
  if (text.size() <= most && all_plain(text)) return std::string(text);
  std::string out;
  out.reserve(std::min(text.size(), most));
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return out += "...";
    const Utf8Step step = step_utf8(text);
    const std::string escape = written_out(step.value);
    if (!escape.empty()) {
      out += escape;
    } else {
      out += step.valid ? text.substr(0, step.bytes) : kReplacementBytes;
    }
    text.remove_prefix(step.bytes);
  }
  return out;
}

bool same_text(std::string_view a, std::string_view b) {
  return a == b || visible(a) == visible(b);
}

std::size_t display_width(std::string_view text) {
  if (all_plain(text)) return text.size();
  std::size_t width = 0;
  while (!text.empty()) {
    const Utf8Step step = step_utf8(text);
    width += width_of(step.value);
    text.remove_prefix(step.bytes);
  }
  return width;
}

std::string shortened(std::string_view text, std::size_t width) {
  constexpr std::string_view dots = "...";
  if (all_plain(text))
    return text.size() <= width
               ? std::string(text)
               : std::string(text.substr(0, width - std::min(width, dots.size()))) += dots;
  std::size_t column = 0;
  std::size_t kept = 0;  // bytes that fit beside the dots
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Step step = step_utf8(text.substr(i));
    column += width_of(step.value);
    if (column > width) return std::string(text.substr(0, kept)) += dots;
    i += step.bytes;
    if (column + dots.size() <= width) kept = i;
  }
  return std::string(text);
}

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t hanging) {
  std::vector<std::string> lines;
  const VisibleText shown(text);
  for (LineBreaks breaks(shown, width, hanging); breaks.next();)
    lines.emplace_back(breaks.indent(), ' ').append(breaks.text());
  return lines;
}

}  // namespace visavis::inspect

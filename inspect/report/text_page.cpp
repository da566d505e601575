#include "inspect/report/text_page.h"

#include <algorithm>

#include "inspect/report/columns.h"

namespace visavis::inspect {
namespace {

constexpr int kMinWidth = 60;
constexpr int kMaxWidth = 100;  // DESIGN: folds to the terminal, and pastes into any ticket
constexpr std::size_t kLabelIndent = 4;
constexpr std::size_t kLabelWidth = 10;

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::bold:
      return "\x1b[1m";
    case Tone::error:
      return "\x1b[31m";
    case Tone::warning:
      return "\x1b[33m";
  }
  return "";
}

}  // namespace

Tone tone_of(std::string_view severity) {
  if (severity == "error") return Tone::error;
  return severity == "warning" ? Tone::warning : Tone::plain;
}

TextPage::TextPage(const TextStyle& style)
    : width_(static_cast<std::size_t>(std::clamp(style.width, kMinWidth, kMaxWidth))),
      color_(style.color) {}

void TextPage::line(std::string_view text, Tone tone) {
  text = text.substr(0, text.find_last_not_of(' ') + 1);
  const bool colored = color_ && tone != Tone::plain && !text.empty();
  if (colored) out_ += escape_of(tone);
  out_ += text;
  if (colored) out_ += "\x1b[0m";
  out_ += '\n';
}

void TextPage::paragraph(std::size_t indent, std::string_view text, Tone tone) {
  for (const std::string& part : wrap(visible(text, kMaxText), width_ - indent, 2))
    line(std::string(indent, ' ') + part, tone);
}

void TextPage::own_paragraph(std::size_t indent, std::string_view text) {
  for (const std::string& part : wrap(visible(text), width_ - indent))
    line(std::string(indent, ' ') + part);
}

void TextPage::labelled(std::string_view label, std::string_view text) {
  const std::size_t before = kLabelIndent + kLabelWidth + 1;
  std::string start = std::string(kLabelIndent, ' ') += label;
  for (const std::string& part : wrap(visible(text, kMaxText), width_ - before)) {
    start.resize(before, ' ');
    line(start + part);
    start.clear();
  }
}

void TextPage::one_line(std::string_view text, Tone tone) {
  line(shortened(visible(text, kMaxText), width_), tone);
}

void TextPage::gap() {
  if (!out_.empty()) out_ += '\n';
}

}  // namespace visavis::inspect

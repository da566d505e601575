#include "inspect/report/text_page.h"

#include <algorithm>
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
  const VisibleText shown(text, kMaxText);
  lines(indent, {}, LineBreaks(shown, width_ - indent, 2), tone);
}

void TextPage::own_paragraph(std::size_t indent, std::string_view text) {
  const VisibleText shown(text);
  lines(indent, {}, LineBreaks(shown, width_ - indent), Tone::plain);
}

void TextPage::labelled(std::string_view label, std::string_view text) {
  const std::size_t before = kLabelIndent + kLabelWidth + 1;
  const VisibleText shown(text, kMaxText);
  lines(before, label.substr(0, before - kLabelIndent), LineBreaks(shown, width_ - before),
        Tone::plain);
}

/// The label stands in the first line's indent.
void TextPage::lines(std::size_t indent, std::string_view label, LineBreaks breaks, Tone tone) {
  while (breaks.next()) {
    line_.assign(indent + breaks.indent(), ' ');
    if (!label.empty()) line_.replace(kLabelIndent, label.size(), label);
    label = {};
    line(line_.append(breaks.text()), tone);
  }
}

void TextPage::one_line(std::string_view text, Tone tone) {
  line(shortened(visible(text, kMaxText), width_), tone);
}

void TextPage::gap() {
  if (!out_.empty()) out_ += '\n';
}

}  // namespace visavis::inspect

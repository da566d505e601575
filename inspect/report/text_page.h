#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "inspect/report/text_report.h"
#include "inspect/report/visible_text.h"

namespace visavis::inspect {

/// Tone is a line's colour; without colour every tone is plain.
enum class Tone { plain, bold, error, warning };

/// tone_of returns the tone of a finding's severity.
Tone tone_of(std::string_view severity);

/// TextPage collects a report's lines. What it is given may come from a peer: it is made visible,
/// cut to kMaxText, wrapped, and coloured last, so that colours never count as columns.
class TextPage {
 public:
  /// Characters of a text within a report, at most: a name of 64 KiB is a peer's joke, not
  /// something to read.
  static constexpr std::size_t kMaxText = 1000;

  explicit TextPage(const TextStyle& style);

  [[nodiscard]] std::size_t width() const { return width_; }

  /// line adds a line that fits already (made by lay_out).
  void line(std::string_view text, Tone tone = Tone::plain);
  /// paragraph wraps a text behind `indent` spaces, its later lines two further in.
  void paragraph(std::size_t indent, std::string_view text, Tone tone = Tone::plain);
  /// own_paragraph wraps a text of our own, however long, all its lines behind `indent` spaces.
  void own_paragraph(std::size_t indent, std::string_view text);
  /// labelled wraps a text in a column of its own, right of its label. An empty text adds nothing.
  void labelled(std::string_view label, std::string_view text);
  /// one_line cuts a text to the width.
  void one_line(std::string_view text, Tone tone = Tone::plain);
  /// gap adds an empty line, unless the page is empty.
  void gap();

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void lines(std::size_t indent, std::string_view label, LineBreaks breaks, Tone tone);

  std::size_t width_;
  bool color_;
  std::string out_;
  std::string line_;  // memory for the next one
};

}  // namespace visavis::inspect

#include "inspect/report/text_capture.h"

#include "inspect/report/text_page.h"

namespace visavis::inspect {
namespace {

std::string counted(std::uint64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string protocol_name(const std::string& protocol) {
  if (protocol == "dtls") return "DTLS";
  if (protocol == "quic") return "QUIC";
  return "without TLS";
}

/// Of packets that nobody looked into nothing is said but that.
std::string not_read_text(const NotReadReport& each) {
  std::string text;
  if (const std::uint64_t seen = each.packets - each.unread_link; seen > 0)
    text = std::to_string(seen) + " " + protocol_name(each.protocol);
  if (each.unread_link == 0) return text;
  if (!text.empty()) text += ", ";
  text += std::to_string(each.unread_link) + " of a link layer that is not read";
  if (each.link_type < 0 && !each.other_link_types) return text;
  if (each.link_type < 0) return text += " (several)";
  text += " (type " + std::to_string(each.link_type);
  return text += each.other_link_types ? " and others)" : ")";
}

}  // namespace

std::string render_capture_summary(const CaptureReport& capture, const TextStyle& style) {
  TextPage page(style);
  std::string read = "READ: ";
  if (capture.not_shown > 0) read += std::to_string(capture.sessions) + " of ";
  read += counted(capture.sessions + capture.not_shown, "session") + " in " +
          counted(capture.packets, "packet");
  std::string left;
  for (const NotReadReport& each : capture.not_read)
    left += (left.empty() ? "; not read: " : ", ") + not_read_text(each);
  page.paragraph(0, read + left);
  for (const FileProblemReport& problem : capture.problems)
    page.paragraph(2, problem_line(problem), Tone::error);
  return (capture.sessions > 0 ? "\n" : "") + page.take();
}

std::string problem_line(const FileProblemReport& problem) {
  const std::string name = problem.file == "-" ? "standard input" : problem.file;
  if (problem.of_file) return name + ": " + problem.what;
  return name + ", byte " + std::to_string(problem.byte) + ": " + problem.what;
}

}  // namespace visavis::inspect

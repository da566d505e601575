#include <string>

#include "inspect/report/complete_report.h"
#include "inspect/report/json_reader.h"
#include "inspect/report/json_report.h"
#include "inspect/report/text_report.h"
#include "tests/fuzz/property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  using visavis::fuzz::property;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string problem;
  auto session = read_session_json(text, &problem);
  if (!session) {
    property(!problem.empty() && problem.find('\n') == std::string::npos, "one line says why");
    return 0;
  }
  const std::string written = render_json(*session);
  const auto again = read_session_json(written, &problem);
  property(again.has_value(), "what is written reads back");
  property(render_json(*again) == written, "letter for letter");
  property(render_text(*again, {80, false, false}) == render_text(*session, {80, false, false}),
           "and the text is the same");
  complete_report(*session);  // findings and verdict of whatever a file says
  property(!session->verdict.headline.empty(), "there is a headline");
  return 0;
}

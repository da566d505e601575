#include "tools/text_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace visavis::tools {

inspect::TextStyle text_style(const ProxyWords& words) {
  inspect::TextStyle style = text_style(words.color);
  style.quiet = words.quiet;
  return style;
}

inspect::TextStyle text_style(const std::string& color) {
  inspect::TextStyle style;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  style.color = color == "always" || (color == "auto" && terminal);
  winsize size{};
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = std::clamp<int>(size.ws_col, 40, 100);
  return style;
}

}  // namespace visavis::tools

#pragma once
#include "inspect/report/text_report.h"
#include "tools/proxy_words.h"

namespace visavis::tools {

/// text_style is how reports look on this stdout: as wide as its terminal, coloured as asked for.
[[nodiscard]] inspect::TextStyle text_style(const ProxyWords& words);

/// text_style for commands without a proxy; `color` is auto, always or never.
[[nodiscard]] inspect::TextStyle text_style(const std::string& color);

}  // namespace visavis::tools

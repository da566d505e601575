#include "tools/key_log_files.h"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace visavis::tools {

void read_key_logs(inspect::KeyLog& key_log, const std::vector<std::string>& files) {
  for (const std::string& name : files) {
    const auto refuse = [&name](const std::string& why) {
      throw std::runtime_error("--keylog: " + name + ": " + why);
    };
    errno = 0;
    std::ifstream file(name, std::ios::binary);
    if (!file) refuse(std::generic_category().message(errno));
    inspect::KeyLog own;
    // The lines hold secrets: what they were read into is overwritten, too.
    inspect::Secret line;
    for (char letter = 0; file.get(letter);) {
      line.push_back(static_cast<std::uint8_t>(letter));
      if (letter != '\n') continue;
      const std::string_view text(reinterpret_cast<const char*>(line.data()), line.size());
      key_log.add(text);
      own.add(text);
      line.clear();
    }
    const std::string_view rest(reinterpret_cast<const char*>(line.data()), line.size());
    key_log.add(rest);
    own.add(rest);
    if (file.bad() || (!file.eof() && file.fail())) refuse("it can't be read");
    if (own.empty())
      std::cerr << "visavis: --keylog: " << name << ": no secret of a TLS session is in it\n";
  }
}

}  // namespace visavis::tools

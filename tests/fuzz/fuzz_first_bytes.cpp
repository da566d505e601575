#include "inspect/record/first_bytes.h"
#include "tests/fuzz/property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visavis::inspect;
  using visavis::fuzz::property;
  const Bytes bytes(data, size);
  std::optional<Protocol> answer;
  for (std::size_t count = 0; count <= size && count <= 64; ++count) {
    const auto found = detect_first_bytes(bytes.first(count));
    property(!found.failed(), "unknown is an answer, an error is none");
    property(!answer || (found.ok() && *found == *answer), "an answer is never taken back");
    property(found.ok() || count < 24, "24 bytes suffice");
    if (found.ok()) answer = *found;
    if (!answer) property(found.missing_bytes() > 0, "asks for more than nothing");
  }
  if (answer) {
    property(!name(*answer).empty() && name(*answer) != "?", "every answer has words");
    const bool tls = size >= 2 && data[0] >= 20 && data[0] <= 24 && data[1] == 3;
    property(tls == (*answer == Protocol::tls), "TLS is type and major version");
  }
  return 0;
}

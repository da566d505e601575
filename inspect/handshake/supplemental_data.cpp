#include "inspect/handshake/supplemental_data.h"

#include "inspect/bytes/limits.h"

namespace visavis::inspect {

Result<std::vector<SupplementalDataEntry>> parse_supplemental_data(Bytes message) {
  std::vector<SupplementalDataEntry> entries;
  ByteReader reader(message);
  read_message_header(reader, kSupplementalData);
  ByteReader list = reader.vector24("supp_data");
  // RFC 4680 2: supp_data<1..2^24-1>.
  if (!reader.failed() && !list.more()) reader.fail(ParseErrorCode::bad_length, "supp_data");
  while (list.more()) {
    SupplementalDataEntry entry;
    entry.type = list.u16("supp_data_type");
    entry.length = static_cast<std::uint16_t>(list.vector16("supp_data_entry").remaining());
    if (entries.size() < limits::kMaxSupplementalData) entries.push_back(entry);
  }
  reader.done("SupplementalData");
  if (reader.failed()) return *reader.error();
  return entries;
}

}  // namespace visavis::inspect

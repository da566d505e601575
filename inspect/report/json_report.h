#pragma once
#include <string>

#include "inspect/report/json_writer.h"
#include "inspect/report/session_report.h"

namespace visavis::inspect {

/// render_json returns the session as the JSON contract has it (schema 1): one line, no newline,
/// every field present, null where a value is absent, valid UTF-8 whatever a peer sent. Beyond the
/// contract: `raw.cut`, and of a leg what stands from `first_bytes` on; `extension_values` of a
/// hello, `dh_bits` of what was agreed and `host` of an exchange.
std::string render_json(const SessionReport& session);

/// The parts, for the documents of the other commands, which contain them unchanged.
void write_json(JsonWriter& json, const CodePoint& point);
void write_json(JsonWriter& json, const VerdictReport& verdict);
void write_json(JsonWriter& json, const CertificateReport& certificate);
void write_json(JsonWriter& json, const ChainReport& chain);
void write_json(JsonWriter& json, const LegReport& leg);
void write_json(JsonWriter& json, const FindingReport& finding);
void write_json(JsonWriter& json, const SessionReport& session);

}  // namespace visavis::inspect

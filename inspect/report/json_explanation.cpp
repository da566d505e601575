#include "inspect/report/json_explanation.h"

#include <vector>

#include "inspect/report/json_writer.h"

namespace visavis::inspect {
namespace {

void write_facts(JsonWriter& json, const FindingExplanation& finding) {
  json.object([&] {
    json.field("severity", finding.severity);
    json.field("side", finding.side);
    json.field("found_by", finding.found_by);
    json.field("evidence", finding.evidence);
    json.field("remedy_on_client", finding.on_client);
    json.field("remedy_on_backend", finding.on_backend);
    json.field("sources", finding.sources);
  });
}

void write_reading(JsonWriter& json, const FindingExplanation& finding) {
  json.object([&] {
    json.field("vocabulary", "finding");
    json.field("value", finding.id);
    json.field("name", finding.id);
    json.field("meaning", finding.title);
    json.field("causes", std::vector<std::string_view>{finding.cause});
    json.field("twins", std::vector<std::string_view>{});
  });
}

}  // namespace

std::string render_explanation_json(std::string_view input, const FindingExplanation& finding) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("schema", 1);
    json.field("type", "explanation");
    json.key("inputs");
    json.list([&] {
      json.object([&] {
        json.field("input", input);
        json.key("readings");
        json.list([&] { write_reading(json, finding); });
        json.key("facts");
        write_facts(json, finding);
      });
    });
    json.field("findings", std::vector<std::string_view>{});
  });
  return out;
}

}  // namespace visavis::inspect

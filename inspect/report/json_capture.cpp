#include "inspect/report/json_capture.h"

#include "inspect/report/json_leg_reader.h"

namespace visavis::inspect {

/// How much of a leg a capture shows: part of LEG.
void write_json(JsonWriter& json, const CaptureView& view);
void read_json(const JsonField& json, CaptureView& view);

void write_json(JsonWriter& json, const NotReadReport& not_read);
void write_json(JsonWriter& json, const FileProblemReport& problem);

void write_json(JsonWriter& json, const CaptureView& view) {
  json.object([&] {
    json.field("first_packet", view.first_packet);
    json.field("packets", view.packets);
    json.key("lost");
    json.object([&] {
      json.field("c2s", view.c2s_lost);
      json.field("s2c", view.s2c_lost);
    });
    json.field("start_missing", view.start_missing);
    json.field("end_missing", view.end_missing);
    json.key("before_tls");
    json.object([&] {
      json.field("protocol", view.before_tls);
      json.field("c2s", view.c2s_before_tls);
      json.field("s2c", view.s2c_before_tls);
    });
  });
}

void read_json(const JsonField& json, CaptureView& view) {
  json.field("first_packet", view.first_packet);
  json.field("packets", view.packets);
  json.inside("lost", [&](const JsonField& lost) {
    lost.field("c2s", view.c2s_lost);
    lost.field("s2c", view.s2c_lost);
  });
  json.field("start_missing", view.start_missing);
  json.field("end_missing", view.end_missing);
  json.inside("before_tls", [&](const JsonField& before) {
    before.field("protocol", view.before_tls);
    before.field("c2s", view.c2s_before_tls);
    before.field("s2c", view.s2c_before_tls);
  });
}

void write_json(JsonWriter& json, const NotReadReport& not_read) {
  json.object([&] {
    json.field("protocol", not_read.protocol);
    json.field("packets", not_read.packets);
  });
}

void write_json(JsonWriter& json, const FileProblemReport& problem) {
  json.object([&] {
    json.field("file", problem.file);
    json.field("byte", problem.byte);
    json.field("what", problem.what);
  });
}

std::string CaptureJson::begin(const std::vector<std::string>& files) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("schema", 1);
    json.field("type", "capture");
    json.field("files", files);
  });
  out.back() = ',';  // the object goes on with the sessions
  out += "\"sessions\":[";
  first_ = true;
  return out;
}

std::string CaptureJson::session(const SessionReport& session) {
  std::string out(first_ ? "" : ",");
  first_ = false;
  return out + render_json(session);
}

std::string CaptureJson::end(const CaptureReport& capture) {
  std::string fields;
  JsonWriter json(fields);
  json.object([&] {
    json.field("packets", capture.packets);
    json.field("not_read", capture.not_read);
    json.field("problems", capture.problems);
  });
  fields.front() = ',';
  return ']' + fields;
}

}  // namespace visavis::inspect

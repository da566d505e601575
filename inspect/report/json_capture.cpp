#include "inspect/report/json_capture.h"

#include <charconv>
#include <system_error>

#include "inspect/report/json_leg_reader.h"

namespace visavis::inspect {

/// How much of a leg a capture shows: part of LEG.
void write_json(JsonWriter& json, const CaptureView& view);
void read_json(const JsonField& json, CaptureView& view);

void write_json(JsonWriter& json, const NotReadReport& not_read);
void write_json(JsonWriter& json, const FileProblemReport& problem);

void write_json(JsonWriter& json, const StreamMarks& marks);
void read_json(const JsonField& json, StreamMarks& marks);

namespace {

/// 64 bits don't fit the numbers of every reader of JSON: RFC 8259 6.
std::string to_hex(std::uint64_t number) {
  char digits[16];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number, 16).ptr;
  return {std::begin(digits), end};
}

std::uint64_t from_hex(const JsonField& json, const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, 16);
  if (read.ec != std::errc() || read.ptr != end) json.fail("a number in hex was expected");
  return number;
}

}  // namespace

void write_json(JsonWriter& json, const StreamMarks& marks) {
  json.object([&] {
    json.field("bytes", marks.bytes);
    json.key("beginnings");
    json.list([&] {
      for (const std::uint64_t digest : marks.beginnings) json.value(to_hex(digest));
    });
    json.field("all", to_hex(marks.all));
    json.field("unacknowledged", marks.unacknowledged);
    json.field("unacknowledged_us", marks.unacknowledged_us);
    json.field("more_acknowledged", marks.more_acknowledged);
  });
}

void read_json(const JsonField& json, StreamMarks& marks) {
  json.field("bytes", marks.bytes);
  std::vector<std::string> beginnings;
  json.field("beginnings", beginnings);
  for (const std::string& digest : beginnings) marks.beginnings.push_back(from_hex(json, digest));
  std::string all;
  json.field("all", all);
  marks.all = from_hex(json, all);
  json.field("unacknowledged", marks.unacknowledged);
  json.field("unacknowledged_us", marks.unacknowledged_us);
  json.field("more_acknowledged", marks.more_acknowledged);
}

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
    if (view.silent_us > 0) json.field("silent_us", view.silent_us);
    if (view.c2s_marks) json.field("c2s_marks", view.c2s_marks);
    if (view.s2c_marks) json.field("s2c_marks", view.s2c_marks);
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
  json.added_field("silent_us", view.silent_us);
  json.added_field("c2s_marks", view.c2s_marks);
  json.added_field("s2c_marks", view.s2c_marks);
}

void write_json(JsonWriter& json, const NotReadReport& not_read) {
  json.object([&] {
    json.field("protocol", not_read.protocol);
    json.field("packets", not_read.packets);
    if (not_read.unread_link > 0) {
      json.field("unread_link_packets", not_read.unread_link);
      json.field("link_type", not_read.link_type);
      if (not_read.other_link_types) json.field("other_link_types", true);
    }
  });
}

void write_json(JsonWriter& json, const FileProblemReport& problem) {
  json.object([&] {
    json.field("file", problem.file);
    json.field("byte", problem.byte);
    json.field("what", problem.what);
    if (problem.of_file) json.field("of_file", true);
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
    if (capture.not_shown > 0) json.field("sessions_not_shown", capture.not_shown);
    json.field("not_read", capture.not_read);
    json.field("problems", capture.problems);
  });
  fields.front() = ',';
  return ']' + fields;
}

}  // namespace visavis::inspect

#include "tests/corpora/truth_text.h"

#include <algorithm>
#include <string>

namespace visavis::corpora {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  });
  return result;
}

void rewrite_certificate(json::object& item) {
  if (item.contains("parse_error")) item["parse_error"] = true;
  for (const char* name : {"subject", "issuer"})
    if (item.contains(name)) item[name] = unescaped(item[name].as_string());
  if (item.contains("serial")) item["serial"] = lower(item["serial"].as_string());
  for (const char* time : {"not_before", "not_after"}) {
    if (!item.contains(time)) continue;
    std::string text(item[time].as_string());
    std::replace(text.begin(), text.end(), ' ', 'T');
    item[time] = text;
  }
  if (item.contains("key_bits") && item["key_bits"].is_null()) item["key_bits"] = 0;
  if (!item.contains("san")) return;
  json::array names;
  for (const json::value& name : item["san"].as_array())
    if (name != "<EMPTY>") names.emplace_back(plain_name(name.as_string()));
  item["san"] = std::move(names);
}

json::object plain_object(std::string_view list, json::object item) {
  for (const char* place : {"dir", "frame", "msg", "x509_version"}) item.erase(place);
  if (list == "certificates") rewrite_certificate(item);
  if (list == "client_hellos") {
    item.erase("alpn");  // alpn_hex says the same, byte for byte
    if (item.contains("sslv2")) {
      item.erase("random");  // tshark shows no challenge
      item.erase("ja4");
    }
  }
  if (list == "server_hellos" && item.contains("psk_selected"))
    item["psk_selected"] = !item["psk_selected"].is_null();
  return item;
}

/// True when a direction's records have a ChangeCipherSpec and, behind it, a handshake record.
bool sent_finished(const json::object& stream, std::string_view direction) {
  bool changed = false;
  for (const json::value& record : stream.at("records").as_array()) {
    if (!is_of_direction(record, direction)) continue;
    const json::value& type = record.as_array()[1];
    if (type == 20) changed = true;
    if (type == 22 && changed) return true;
  }
  return false;
}

bool secrets_show_finished(const json::object& secrets, std::string_view direction) {
  const json::array& messages = secrets.at("handshakes").as_array();
  return std::any_of(messages.begin(), messages.end(), [&](const json::value& message) {
    return is_of_direction(message, direction) && message.as_array()[1] == 20;
  });
}

}  // namespace

std::string unescaped(std::string_view text) {
  std::string plain;
  const auto digit = [](char letter) { return std::string_view("0123456789ABCDEF").find(letter); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 2 < text.size() &&
                        digit(text[i + 1]) != std::string_view::npos &&
                        digit(text[i + 2]) != std::string_view::npos;
    if (!escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return plain;
}

std::string plain_name(std::string_view name) {
  const std::string text(name);
  if (text.starts_with("IP Address:")) return "IP:" + text.substr(11);
  if (text.starts_with("DirName:/")) return "DirName:" + text.substr(9);
  if (text.starts_with("othername:")) return "othername:";
  return text;
}

bool is_of_direction(const json::value& item, std::string_view direction) {
  const json::value& sent = item.is_object() ? item.as_object().at("dir") : item.as_array()[0];
  return std::string_view(sent.as_string()) == direction;
}

json::value plain_item(std::string_view list, const json::value& item) {
  if (item.is_object()) return plain_object(list, item.as_object());
  const json::array& whole = item.as_array();  // direction, values, frame
  return json::array(whole.begin() + 1, whole.end() - 1);
}

std::optional<bool> expected_established(const json::object& stream) {
  const json::value& version = stream.at("version");
  if (version.is_null() || version.as_int64() < 0x0300 || stream.contains("records_cut"))
    return std::nullopt;
  if (version.as_int64() < 0x0304)
    return sent_finished(stream, "c2s") && sent_finished(stream, "s2c");
  if (!stream.contains("with_secrets")) return std::nullopt;
  const json::object& secrets = stream.at("with_secrets").as_object();
  return secrets_show_finished(secrets, "c2s") && secrets_show_finished(secrets, "s2c");
}

bool expected_resumed(const json::object& stream) {
  const json::array& tags = stream.at("tags").as_array();
  return std::any_of(tags.begin(), tags.end(), [](const json::value& tag) {
    const std::string_view text = tag.as_string();
    return text.starts_with("resumed") || text == "psk-resumption";
  });
}

}  // namespace visavis::corpora

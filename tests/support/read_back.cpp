#include "tests/support/read_back.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace visavis::testing {
namespace {

namespace json = boost::json;

enum class Compared { not_at_all, whether_there, beginning };

/// NotEqual is a field of the report that a capture can't bring back as it was.
struct NotEqual {
  std::string_view field;
  Compared compared;
  std::string_view why;
};

constexpr std::array kNotEqual{
    NotEqual{"source", Compared::not_at_all, "says that it was read from a capture"},
    NotEqual{"capture", Compared::not_at_all, "says how much of the leg the capture shows"},
    NotEqual{"t_us", Compared::not_at_all, "a time: a packet's is that of its call, to 1 us"},
    NotEqual{"connect_ms", Compared::whether_there, "a time"},
    NotEqual{"handshake_ms", Compared::whether_there,
             "a time: live it ends with OpenSSL's call, in a capture with the last record"},
    NotEqual{"time_to_first_byte_ms", Compared::whether_there, "a time"},
    NotEqual{
        "s2c", Compared::beginning,
        "the server's raw bytes end with the handshake: live with the call that ended it, which "
        "may have sent tickets, too"},
    NotEqual{"started_ms", Compared::whether_there, "a time"},
    NotEqual{"send_ms", Compared::whether_there, "a time"},
    NotEqual{"receive_ms", Compared::whether_there, "a time"},
};

/// OpenSSL tells of our close_notify before it is written: a connection that is gone does not take
/// it any more.
bool is_our_close_notify(const json::object& object) {
  const auto* by = object.if_contains("sent_by");
  return by != nullptr && *by == "proxy" && object.at("description").at("id") == 0;
}

void drop_our_close_notify(json::value& leg) {
  auto& alerts = leg.at("alerts").as_array();
  for (auto each = alerts.begin(); each != alerts.end();)
    each = is_our_close_notify(each->as_object()) ? alerts.erase(each) : each + 1;
}

/// Events are compared by what they say, not by their order and numbers: live a message is noted
/// when OpenSSL has made or read it, before or behind all the records of the same call; in a
/// capture it comes with its record.
std::string words(const json::object& event) {
  return json::serialize(event.at("sender")) + ' ' + json::serialize(event.at("kind")) + ' ' +
         json::serialize(event.at("what")) + ' ' + json::serialize(event.at("length"));
}

/// The event with this number of a leg, in words.
json::value words_of(const json::value& leg, const json::value& number) {
  if (const auto* object = leg.if_object())
    for (const json::value& event : object->at("events").as_array())
      if (event.at("i") == number) return json::string(words(event.as_object()));
  return number;
}

void put_words(json::value& list, const json::value* leg, const json::object& session) {
  for (json::value& each : list.as_array()) {
    json::object& object = each.as_object();
    const auto* number = object.if_contains("event");
    if (number == nullptr) continue;
    const auto* named = object.if_contains("leg");
    const json::value* of = leg != nullptr ? leg : session.if_contains(named->as_string());
    if (of != nullptr) object["event"] = words_of(*of, *number);
  }
}

/// A report lists so many, and more of what is rare: where there are more, the order decides which.
constexpr std::size_t kListed = 400;

void sort_events(json::value& leg) {
  std::vector<std::string> lines;
  const auto& events = leg.at("events").as_array();
  const bool all = events.size() < kListed;
  for (const json::value& event : events)
    if (all || event.at("kind") == "message" || event.at("kind") == "alert")
      lines.push_back(words(event.as_object()));
  std::erase_if(lines, [](const std::string& line) {
    return line.starts_with("\"proxy\"") && line.find("close_notify") != std::string::npos;
  });
  std::sort(lines.begin(), lines.end());
  leg.as_object()["events"] = json::value_from(lines);
}

/// The time stands first in a row of the ledger.
void blank_record_times(json::value& leg) {
  for (json::value& row : leg.at("records").as_array()) row.as_array()[0] = nullptr;
}

/// One letter a message, each side's in order. Ends and alerts (L) are compared as such; and that
/// there was data (D) is in the ledger: of a client that is gone at once, live it may not be read
/// any more.
void split_history(json::value& leg) {
  std::string client;
  std::string others;
  for (const char letter : leg.at("history").as_string())
    if (std::isalpha(static_cast<unsigned char>(letter)) != 0 &&
        std::string_view("DdLl").find(letter) == std::string_view::npos)
      (letter >= 'A' && letter <= 'Z' ? client : others) += letter;
  leg.as_object()["history"] = json::array{json::string(client), json::string(others)};
}

/// A record that came behind others of the same call may stand before or behind one of the other
/// direction: each direction by itself is in order.
void sort_records(json::value& leg) {
  auto& rows = leg.at("records").as_array();
  if (leg.at("records_total").to_number<std::size_t>() > kListed) rows.clear();  // as with events
  std::stable_sort(rows.begin(), rows.end(), [](const json::value& left, const json::value& right) {
    return left.at(1).as_string() < right.at(1).as_string();
  });
}

json::value comparable(const json::value& session) {
  json::value copy = session;
  json::object& object = copy.as_object();
  for (json::value& finding : object.at("findings").as_array())
    put_words(finding.at("evidence"), nullptr, session.as_object());
  for (const char* name : {"client_leg", "backend_leg", "direct_leg"}) {
    json::value& leg = object.at(name);
    if (!leg.is_object()) continue;
    drop_our_close_notify(leg);
    put_words(leg.at("alerts"), &session.at(name), session.as_object());
    sort_events(leg);
    split_history(leg);
    blank_record_times(leg);
    sort_records(leg);
  }
  return copy;
}

std::string cut(const json::value* value) {
  if (value == nullptr) return "absent";
  const std::string text = json::serialize(*value);
  return text.size() <= 600 ? text : text.substr(0, 600) + "...";
}

class Differences {
 public:
  void compare(const json::value* live, const json::value* read, const std::string& place,
               std::string_view field) {
    for (const NotEqual& each : kNotEqual) {
      if (each.field != field) continue;
      const bool there = live != nullptr && !live->is_null();
      const bool there_too = read != nullptr && !read->is_null();
      if (each.compared == Compared::whether_there && there != there_too) add(live, read, place);
      if (each.compared != Compared::beginning) return;
      if (!there || !there_too || !live->is_string() || !read->is_string()) break;
      const std::string_view one = live->get_string();
      const std::string_view other = read->get_string();
      if (one.empty() != other.empty() || (!one.starts_with(other) && !other.starts_with(one)))
        add(live, read, place);
      return;
    }
    if (live == nullptr || read == nullptr) {
      if (live != read) add(live, read, place);
    } else if (live->is_object() && read->is_object()) {
      objects(live->get_object(), read->get_object(), place);
    } else if (live->is_array() && read->is_array()) {
      lists(live->get_array(), read->get_array(), place);
    } else if (*live != *read) {
      add(live, read, place);
    }
  }

  std::vector<std::string> lines;

 private:
  void objects(const json::object& live, const json::object& read, const std::string& place) {
    for (const auto& [key, value] : live)
      compare(&value, read.if_contains(key), place + '/' + std::string(key), key);
    for (const auto& [key, value] : read)
      if (!live.contains(key)) compare(nullptr, &value, place + '/' + std::string(key), key);
  }
  void lists(const json::array& live, const json::array& read, const std::string& place) {
    for (std::size_t i = 0; i < std::max(live.size(), read.size()); ++i)
      compare(live.if_contains(i), read.if_contains(i), place + '/' + std::to_string(i), {});
  }
  void add(const json::value* live, const json::value* read, const std::string& place) {
    lines.push_back(place + ": live " + cut(live) + ", read back " + cut(read));
  }
};

std::vector<std::string> messages_of(const json::value& leg) {
  std::vector<std::string> messages;
  if (!leg.is_object()) return messages;
  for (const json::value& event : leg.at("events").as_array())
    if (event.at("kind") == "message") messages.push_back(words(event.as_object()));
  std::sort(messages.begin(), messages.end());
  return messages;
}

constexpr std::array kLegs{"client_leg", "backend_leg", "direct_leg"};

/// Our library stops at the message for which it gives up, or passes an answer on that it can't
/// read: what came with it is not parsed live. A capture shows all of it.
bool shows_more(const json::value& live, const json::value& read) {
  for (const char* name : kLegs) {
    const auto seen = messages_of(live.at(name));
    const auto captured = messages_of(read.at(name));
    if (captured.size() > seen.size() && live.at(name).at("outcome") != "established" &&
        std::includes(captured.begin(), captured.end(), seen.begin(), seen.end()))
      return true;
  }
  return false;
}

/// Our library tells of a message when it has made it. Where the peer's RST comes before it is
/// written, the capture ends before it: there the handshake did not come about.
bool has_made_what_was_not_sent(const json::value& session) {
  for (const char* name : kLegs) {
    const json::value& leg = session.at(name);
    const auto* close = leg.is_object() ? leg.at("close").if_object() : nullptr;
    if (close == nullptr || close->at("how") != "rst" || close->at("by") == "proxy") continue;
    bool unsent = false;
    const auto& events = leg.at("events").as_array();
    for (const json::value& event : events)
      if (event.at("sender") == "proxy" && event.at("kind") == "message")
        unsent = true;
      else if (event.at("sender") == "proxy" && event.at("kind") == "record")
        unsent = false;
    if (unsent && events.size() < kListed) return true;
  }
  return false;
}

/// What must be the same even then.
json::value judged(const json::value& session) {
  json::object judged{{"verdict", session.at("verdict").at("class")}};
  for (const json::value& finding : session.at("findings").as_array())
    judged.emplace(
        std::string(finding.at("id").as_string()) + '/' + std::to_string(judged.size()),
        json::array{finding.at("side"), finding.at("severity"), finding.at("confidence")});
  for (const char* name : kLegs)
    if (const auto* leg = session.at(name).if_object())
      judged[name] = json::array{leg->at("outcome"), leg->at("close"), leg->at("established")};
  return judged;
}

}  // namespace

std::vector<std::string> read_back_differences(const json::value& live, const json::value& read) {
  if (has_made_what_was_not_sent(live)) return {};
  const bool more = shows_more(live, read);
  const json::value before = more ? judged(live) : comparable(live);
  const json::value after = more ? judged(read) : comparable(read);
  Differences differences;
  differences.compare(&before, &after, "", {});
  return differences.lines;
}

}  // namespace visavis::testing

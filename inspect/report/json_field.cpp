#include "inspect/report/json_field.h"

namespace visavis::inspect {

void JsonField::read(bool& into) const {
  if (failed()) return;
  if (const auto* flag = value_.if_bool()) {
    into = *flag;
  } else {
    fail("true or false was expected");
  }
}

void JsonField::read(double& into) const {
  if (failed()) return;
  if (value_.is_number()) {
    into = value_.to_number<double>();
  } else {
    fail("a number was expected");
  }
}

void JsonField::read(std::string& into) const {
  if (failed()) return;
  if (const auto* text = value_.if_string()) {
    into.assign(text->data(), text->size());
  } else {
    fail("a text was expected");
  }
}

void JsonField::fail(std::string_view what) const {
  if (failed()) return;
  const std::string place = path();
  problem_ = (place.empty() ? "document: " : "field " + place + ": ") + std::string(what);
}

bool JsonField::has(std::string_view name) const {
  const auto* object = value_.if_object();
  return object != nullptr && object->contains(name);
}

const boost::json::value* JsonField::find(std::string_view name) const {
  if (failed()) return nullptr;
  const auto* object = value_.if_object();
  if (object == nullptr) {
    fail("an object was expected");
    return nullptr;
  }
  const auto* found = object->if_contains(name);
  if (found == nullptr) fail("its field " + std::string(name) + " is missing");
  return found;
}

const boost::json::array* JsonField::items() const {
  if (failed()) return nullptr;
  const auto* list = value_.if_array();
  if (list == nullptr) fail("a list was expected");
  return list;
}

std::string JsonField::path() const {
  if (parent_ == nullptr) return {};
  const std::string before = parent_->path();
  if (name_.empty()) return before + "[" + std::to_string(index_) + "]";
  return before.empty() ? std::string(name_) : before + "." + std::string(name_);
}

}  // namespace visavis::inspect

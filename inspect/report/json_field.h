#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace visavis::inspect {

/// JsonField is one value of a parsed document that knows where it stands, so that a wrong one is
/// named: "field client_leg.alerts[2].event: a whole number was expected". The first problem is
/// kept; after it reads change nothing, so that a reader reads straight through and its caller asks
/// once at the end.
///
/// `read` takes the types that JsonWriter writes, and any type that has a
/// `read_json(const JsonField&, T&)` beside it. A field borrows the document, its parent and the
/// problem.
class JsonField {
 public:
  JsonField(const boost::json::value& document, std::optional<std::string>& problem)
      : value_(document), problem_(problem) {}

  /// field reads a field of this object that must be there.
  template <class T>
  void field(std::string_view name, T& into) const {
    if (const auto* found = find(name)) JsonField(*found, *this, name).read(into);
  }
  /// added_field reads a field that older documents do not have; absent, `into` keeps what it has.
  template <class T>
  void added_field(std::string_view name, T& into) const {
    if (has(name)) field(name, into);
  }
  /// inside hands an enclosed object to `fields`.
  template <class Fields>
  void inside(std::string_view name, const Fields& fields) const {
    if (const auto* found = find(name)) fields(JsonField(*found, *this, name));
  }
  /// item reads an element of this list that must be there.
  template <class T>
  void item(std::size_t index, T& into) const {
    const auto* list = items();
    if (list == nullptr) return;
    if (index >= list->size()) return fail("more items were expected");
    JsonField((*list)[index], *this, index).read(into);
  }

  void read(bool& into) const;
  void read(double& into) const;
  void read(std::string& into) const;
  template <std::integral T>
  void read(T& into) const {
    if (failed()) return;
    if (const auto* whole = value_.if_int64(); whole != nullptr && std::in_range<T>(*whole)) {
      into = static_cast<T>(*whole);
    } else if (const auto* large = value_.if_uint64();
               large != nullptr && std::in_range<T>(*large)) {
      into = static_cast<T>(*large);
    } else {
      fail(value_.is_number() ? "the number does not fit" : "a whole number was expected");
    }
  }
  template <class T>
  void read(std::optional<T>& into) const {
    if (failed() || value_.is_null()) return into.reset();
    read(into.emplace());
  }
  template <class T>
  void read(std::vector<T>& into) const {
    const auto* list = items();
    if (list == nullptr) return;
    into.clear();
    into.reserve(list->size());
    for (std::size_t i = 0; i < list->size() && !failed(); ++i)
      JsonField((*list)[i], *this, i).read(into.emplace_back());
  }
  template <class T>
  void read(T& into) const {
    read_json(*this, into);
  }

  [[nodiscard]] bool failed() const { return problem_.has_value(); }
  void fail(std::string_view what) const;

 private:
  JsonField(const boost::json::value& value, const JsonField& parent, std::string_view name)
      : value_(value), problem_(parent.problem_), parent_(&parent), name_(name) {}
  JsonField(const boost::json::value& value, const JsonField& parent, std::size_t index)
      : value_(value), problem_(parent.problem_), parent_(&parent), index_(index) {}

  [[nodiscard]] bool has(std::string_view name) const;
  /// find and items answer nullptr after a failure, their own included.
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;
  [[nodiscard]] const boost::json::array* items() const;
  [[nodiscard]] std::string path() const;

  const boost::json::value& value_;
  std::optional<std::string>& problem_;
  const JsonField* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
};

}  // namespace visavis::inspect
